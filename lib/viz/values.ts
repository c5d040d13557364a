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

/** `values` as an array; refuses what is not a list of numbers, is empty, or, unless `gaps`, holds NaN or infinity. */
export function checkNumbers(where: string, name: string, values: unknown, gaps = false): number[] {
  if (!isList(values)) refuseValues(where, name, "a list of numbers", values);
  const numbers = Array.from(values as ArrayLike<unknown>);
  if (numbers.length === 0) refuse(where, `${name} is empty`);
  numbers.forEach((value, index) => {
    if (typeof value !== "number") refuseValues(where, `${name}[${index}]`, "a number", value);
    if (!gaps && !Number.isFinite(value))
      refuse(where, `${name}[${index}] is ${value}, a finite number is wanted`);
  });
  return numbers as number[];
}

/** `rows` as nested arrays; refuses ragged or empty rows and all that `checkNumbers` refuses. */
export function checkMatrix(where: string, name: string, rows: unknown): number[][] {
  if (!isList(rows)) refuseValues(where, name, "rows of numbers (number[][])", rows);
  const matrix = Array.from(rows as ArrayLike<unknown>, (row, index) =>
    checkNumbers(where, `${name}[${index}]`, row),
  );
  if (matrix.length === 0) refuse(where, `${name} is empty`);
  const ragged = matrix.findIndex((row) => row.length !== matrix[0].length);
  if (ragged !== -1) {
    refuse(
      where,
      `${name}[${ragged}] has ${matrix[ragged].length} numbers, ${name}[0] has ${matrix[0].length}`,
    );
  }
  return matrix;
}

export function checkPositive(where: string, name: string, values: readonly number[], why: string): void {
  const index = values.findIndex((value) => value <= 0);
  if (index !== -1)
    refuse(where, `${name}[${index}] is ${values[index]}, but ${why} takes positive numbers alone`);
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
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(count - 1, 1));
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

function isList(value: unknown): boolean {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function refuseValues(where: string, name: string, wanted: string, got: unknown): never {
  const readable = typeof (got as { array?: unknown } | null)?.array === "function";
  const advice = readable ? `; a figure is drawn from numbers: pass await ${name}.array()` : "";
  refuse(where, `${name} must be ${wanted}, got ${describe(got)}${advice}`);
}
