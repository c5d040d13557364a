import { describe, refuse } from "../util/errors";

/** A list of numbers: an array or a typed array. */
export type Numbers = ArrayLike<number>;
/** Rows of numbers, all of one length. */
export type Matrix = ArrayLike<Numbers>;

/** Six significant digits, no thousands separators. */
export function sixDigits(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** As `sixDigits`, for numbers that go to a page: the rest of the digits is below a pixel. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/**
 * Rounds numbers that go to a page and lie within [least, greatest], to six digits or what tells them apart: what varies
 * little about a large value needs more.
 */
export function roundingWithin(
  [least, greatest]: readonly [number, number] = [0, 0],
): (value: number) => number {
  const size = Math.max(Math.abs(least), Math.abs(greatest));
  const parts = size / 2 / (greatest / 2 - least / 2);
  const digits = parts > 1 && parts < Infinity ? Math.min(6 + Math.floor(Math.log10(parts)), 17) : 6;
  return (value) => Number(value.toPrecision(digits));
}

/** Data as an array: any numbers, NaN and infinity too. Refuses what is not a list of numbers. */
export function checkNumbers(where: string, name: string, values: unknown): number[] {
  if (!isList(values)) refuseValues(where, name, "a list of numbers", values);
  const numbers = Array.from(values as ArrayLike<unknown>);
  numbers.forEach((value, index) => {
    if (typeof value !== "number") refuseValues(where, `${name}[${index}]`, "a number", value);
  });
  return numbers as number[];
}

/** As `checkNumbers`, for what must be finite: the places of a grid. */
export function checkPlaces(where: string, name: string, values: unknown): number[] {
  const places = checkNumbers(where, name, values);
  const index = places.findIndex((place) => !Number.isFinite(place));
  if (index !== -1) refuse(where, `${name}[${index}] is ${places[index]}, a finite number is wanted`);
  return places;
}

/** Rows of data as nested arrays; refuses ragged rows and all that `checkNumbers` refuses. */
export function checkMatrix(where: string, name: string, rows: unknown): number[][] {
  if (!isList(rows)) refuseValues(where, name, "rows of numbers (number[][])", rows);
  const matrix = Array.from(rows as ArrayLike<unknown>, (row, index) =>
    checkNumbers(where, `${name}[${index}]`, row),
  );
  const ragged = matrix.findIndex((row) => row.length !== matrix[0].length);
  if (ragged !== -1) {
    refuse(
      where,
      `${name}[${ragged}] has ${matrix[ragged].length} numbers, ${name}[0] has ${matrix[0].length}`,
    );
  }
  return matrix;
}

/** Refuses a value that is not among `choices`. */
export function checkChoice<T extends string>(
  where: string,
  name: string,
  value: T,
  choices: readonly T[],
): T {
  if (!choices.includes(value)) {
    refuse(where, `${name} must be one of ${choices.join(", ")}, got ${describe(value)}`);
  }
  return value;
}

export function linspace(from: number, to: number, count: number): number[] {
  const last = Math.max(count - 1, 1);
  if (!Number.isFinite(to - from)) {
    return Array.from({ length: count }, (_, i) => from * (1 - i / last) + to * (i / last));
  }
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / last);
}

/** Least and greatest; unlike Math.min(...values) it bears lists of any length. */
export function extent(values: readonly number[]): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}

/** The magnitudes that a page can draw: the differences of greater ones overflow, those of lesser ones vanish. */
export const drawable = { least: 1e-300, greatest: 1e300 };

/** The least and the greatest value that can be drawn; undefined where there is none. */
export function finiteExtent(values: readonly number[]): readonly [number, number] | undefined {
  const [least, greatest] = extent(values.filter((value) => Math.abs(value) <= drawable.greatest));
  return least > greatest ? undefined : [least, greatest];
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function refuseValues(where: string, name: string, wanted: string, got: unknown): never {
  const readable = typeof (got as { array?: unknown } | null)?.array === "function";
  const advice = readable ? `; a figure is drawn from numbers: pass await ${name}.array()` : "";
  refuse(where, `${name} must be ${wanted}, got ${describe(got)}${advice}`);
}
