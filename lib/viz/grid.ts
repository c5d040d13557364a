import { checkWhole } from "../util/checks";
import { describe, refuse } from "../util/errors";
import { gapAt, gapNotes, notesOn, placed } from "./gaps";
import type { FigureOptions } from "./theme";
import { blocksNote, middles, thinnedGrid, type Block } from "./thin";
import {
  checkMatrix,
  checkPlaces,
  finiteExtent,
  linspace,
  roundingWithin,
  sixDigits,
  type Matrix,
  type Numbers,
} from "./values";

/** A function of the plane, or its values in rows of equal y, the lowest y first. */
export type Landscape = ((x: number, y: number) => number) | Matrix;

export interface LandscapeOptions extends FigureOptions {
  /** `[from, to]`, or the place of each column. A function needs it. */
  readonly x?: Numbers;
  /** `[from, to]`, or the place of each row. A function needs it. */
  readonly y?: Numbers;
  /** How many points a function is drawn from along each axis. */
  readonly points?: number;
  /** Show log₁₀ of the values, for valleys that span magnitudes. Zeros take the least positive value's colour; negative values leave gaps. */
  readonly logZ?: boolean;
  readonly zLabel?: string;
  /** Named paths over the landscape, each a list of points `[x, y]`, or `[x, y, distance]` where they leave its plane. */
  readonly paths?: Readonly<Record<string, Matrix>>;
}

export const landscapeOptionNames = ["x", "y", "points", "logZ", "zLabel", "paths"] as const;

/** A landscape's values in full, before any logarithm. */
export interface GridNumbers {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly z: readonly (readonly number[])[];
}

export interface Grid {
  readonly numbers: GridNumbers;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** As shown: log₁₀ of the values where that was asked for, null where there is none. */
  readonly z: readonly (readonly (number | null)[])[];
  /** Least and greatest value, before any logarithm; undefined where none is finite. */
  readonly range: readonly [number, number] | undefined;
  /** What is not shown. */
  readonly notes: readonly string[];
}

/** The landscape's values on a grid. Refuses missing or reversed ranges, ragged rows and what is no number. */
export function readGrid(where: string, landscape: Landscape, options: LandscapeOptions): Grid {
  const numbers =
    typeof landscape === "function"
      ? evaluate(where, landscape, options)
      : place(where, checkMatrix(where, "landscape", landscape), options);
  const flat = numbers.z.flat();
  const { values, notes } = options.logZ
    ? logarithms(numbers.z)
    : { values: numbers.z, notes: notesOn(flat, "value") };
  const thinned = thinnedGrid(values);
  const round = roundingWithin(finiteExtent(values.flat()));
  const along = (places: readonly number[], blocks: readonly Block[]): number[] =>
    middles(places, blocks).map(roundingWithin(finiteExtent(places)));
  return {
    numbers,
    x: along(numbers.x, thinned.columns),
    y: along(numbers.y, thinned.rows),
    z: thinned.z.map((row) => row.map((value) => placed(value, "linear", round))),
    range: finiteExtent(flat),
    notes: [...notes, ...blocksNote(thinned, values.length, values[0]?.length ?? 0)],
  };
}

/** Lists of points by name, which are the option `option`. */
export function readPaths(
  where: string,
  option: "paths" | "marks",
  paths: LandscapeOptions["paths"],
): [string, number[][]][] {
  return Object.entries(paths ?? {}).map(([name, points]) => {
    const path = checkMatrix(where, `${option}.${name}`, points);
    if (path.length > 0 && path[0].length !== 2 && path[0].length !== 3) {
      refuse(
        where,
        `${option}.${name} must be a list of points [x, y] or [x, y, distance from the plane], its points have ${path[0].length} numbers`,
      );
    }
    return [name, path];
  });
}

function evaluate(
  where: string,
  f: (x: number, y: number) => number,
  options: LandscapeOptions,
): GridNumbers {
  const points = checkWhole(where, "points", options.points ?? 81, 2);
  const x = spread(where, "x", options.x, points);
  const y = spread(where, "y", options.y, points);
  return { x, y, z: y.map((v) => x.map((u) => checkValue(where, f(u, v), u, v))) };
}

function checkValue(where: string, value: unknown, x: number, y: number): number {
  if (typeof value === "number") return value;
  return refuse(where, `the function must give a number, at (${x}, ${y}) it gave ${describe(value)}`);
}

function spread(where: string, name: string, range: Numbers | undefined, points: number): number[] {
  if (range === undefined) return refuse(where, `${name} is missing: a function needs its range [from, to]`);
  const places = checkPlaces(where, name, range);
  if (places.length > 2) return places;
  if (places.length < 2 || places[0] >= places[1]) {
    refuse(where, `${name} must be [from, to] with from < to, got ${describe(places)}`);
  }
  return linspace(places[0], places[1], points);
}

function place(where: string, z: number[][], options: LandscapeOptions): GridNumbers {
  const x = placesOf(where, "x", options.x, z[0]?.length ?? 0, "columns");
  const y = placesOf(where, "y", options.y, z.length, "rows");
  return { x, y, z };
}

function placesOf(
  where: string,
  name: string,
  given: Numbers | undefined,
  count: number,
  what: string,
): number[] {
  if (given === undefined) return linspace(0, count - 1, count);
  const places = checkPlaces(where, name, given);
  if (places.length === count) return places;
  if (places.length === 2) return linspace(places[0], places[1], count);
  return refuse(where, `${name} has ${places.length} places, the landscape has ${count} ${what}`);
}

/** log₁₀ of the values, a gap for negative ones; zeros, of which a valley's bottom may have one, lie with the least above. */
function logarithms(z: GridNumbers["z"]): { values: number[][]; notes: string[] } {
  const flat = z.flat();
  const floor = finiteExtent(flat.filter((value) => value > 0))?.[0] ?? NaN;
  const zeros = flat.filter((value) => value === 0).length;
  const isFloored = zeros > 0 && !Number.isNaN(floor);
  const gapOf = (value: number): string | undefined =>
    value === 0 && isFloored ? undefined : gapAt(value, "log");
  const gaps = gapNotes({ noun: "value", count: flat.length, gapOf: (i) => gapOf(flat[i]) });
  const floored = `${zeros} of ${flat.length} values are 0, drawn as the least positive, ${sixDigits(floor)}`;
  const values = z.map((row) =>
    row.map((value) => (gapOf(value) === undefined ? Math.log10(Math.max(value, floor)) : NaN)),
  );
  return { values, notes: isFloored ? [floored, ...gaps] : gaps };
}
