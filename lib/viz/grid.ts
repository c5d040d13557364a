import { checkWhole } from "../util/checks";
import { describe, refuse } from "../util/errors";
import type { FigureOptions } from "./theme";
import { checkMatrix, checkNumbers, extent, linspace, rounded, type Matrix, type Numbers } from "./values";

/** A function of the plane, or its values in rows of equal y, the lowest y first. */
export type Landscape = ((x: number, y: number) => number) | Matrix;

export interface LandscapeOptions extends FigureOptions {
  /** `[from, to]`, or the place of each column. A function needs it. */
  readonly x?: Numbers;
  /** `[from, to]`, or the place of each row. A function needs it. */
  readonly y?: Numbers;
  /** How many points a function is drawn from along each axis. */
  readonly points?: number;
  /** Show log₁₀ of the values, for valleys that span magnitudes. Zeros take the least positive value's colour. */
  readonly logZ?: boolean;
  readonly zLabel?: string;
  /** Named paths over the landscape, each a list of points `[x, y]`, or `[x, y, distance]` where they leave its plane. */
  readonly paths?: Readonly<Record<string, Matrix>>;
}

export const landscapeOptionNames = ["x", "y", "points", "logZ", "zLabel", "paths"] as const;

export interface Grid {
  readonly x: number[];
  readonly y: number[];
  /** As shown: log₁₀ of the values where that was asked for. */
  readonly z: number[][];
  /** Least and greatest value, before any logarithm. */
  readonly range: readonly [number, number];
}

/** The landscape's values on a grid. Refuses missing or reversed ranges, ragged rows and values that are not finite. */
export function readGrid(where: string, landscape: Landscape, options: LandscapeOptions): Grid {
  const { x, y, values } =
    typeof landscape === "function"
      ? evaluate(where, landscape, options)
      : place(where, checkMatrix(where, "landscape", landscape), options);
  const range = extent(values.flat());
  const z = options.logZ ? logarithms(where, values, range[1]) : values;
  return { x: x.map(rounded), y: y.map(rounded), z: z.map((row) => row.map(rounded)), range };
}

/** Lists of points by name, which are the option `option`. */
export function readPaths(
  where: string,
  option: "paths" | "marks",
  paths: LandscapeOptions["paths"],
): [string, number[][]][] {
  return Object.entries(paths ?? {}).map(([name, points]) => {
    const path = checkMatrix(where, `${option}.${name}`, points);
    if (path[0].length !== 2 && path[0].length !== 3) {
      refuse(
        where,
        `${option}.${name} must be a list of points [x, y] or [x, y, distance from the plane], its points have ${path[0].length} numbers`,
      );
    }
    return [name, path];
  });
}

function evaluate(where: string, f: (x: number, y: number) => number, options: LandscapeOptions) {
  const points = checkWhole(where, "points", options.points ?? 81, 2);
  const x = spread(where, "x", options.x, points);
  const y = spread(where, "y", options.y, points);
  const values = y.map((v) => x.map((u) => checkValue(where, f(u, v), u, v)));
  return { x, y, values };
}

function checkValue(where: string, value: unknown, x: number, y: number): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return refuse(where, `the function must give a finite number, at (${x}, ${y}) it gave ${describe(value)}`);
}

function spread(where: string, name: string, range: Numbers | undefined, points: number): number[] {
  if (range === undefined) return refuse(where, `${name} is missing: a function needs its range [from, to]`);
  const places = checkNumbers(where, name, range);
  if (places.length > 2) return places;
  if (places.length < 2 || places[0] >= places[1]) {
    refuse(where, `${name} must be [from, to] with from < to, got ${describe(places)}`);
  }
  return linspace(places[0], places[1], points);
}

function place(where: string, values: number[][], options: LandscapeOptions) {
  const x = placesOf(where, "x", options.x, values[0].length, "columns");
  const y = placesOf(where, "y", options.y, values.length, "rows");
  return { x, y, values };
}

function placesOf(
  where: string,
  name: string,
  given: Numbers | undefined,
  count: number,
  what: string,
): number[] {
  if (given === undefined) return linspace(0, count - 1, count);
  const places = checkNumbers(where, name, given);
  if (places.length === count) return places;
  if (places.length === 2) return linspace(places[0], places[1], count);
  return refuse(where, `${name} has ${places.length} places, the landscape has ${count} ${what}`);
}

function logarithms(where: string, values: number[][], greatest: number): number[][] {
  if (greatest <= 0) refuse(where, "logZ needs positive values, the landscape has none");
  const floor = extent(values.flat().filter((value) => value > 0))[0];
  return values.map((row) => row.map((value) => Math.log10(Math.max(value, floor))));
}
