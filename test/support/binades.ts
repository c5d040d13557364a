/** Numbers of a float format that go through all of its binades, and near where functions turn. */
import { formats } from "./trueValues";

export type FloatFormat = keyof typeof formats;

/** How closely: every so many binades, and so many numbers of each sign in one. */
interface Walk {
  readonly every: number;
  readonly each: number;
  /** Between 2^-40 and 2^16, where most happens. */
  readonly everyInside: number;
}

const rounded: Readonly<Record<FloatFormat, (x: number) => number>> = {
  float32: Math.fround,
  float64: (x) => x,
};

/** ±0, ±∞, NaN, the least and the greatest numbers, and the least that are normal. */
export function specialValues(format: FloatFormat): number[] {
  const { digits, least } = formats[format];
  const smallest = 2 ** least;
  const denormal = 2 ** (least - digits + 1);
  const greatest = (2 - 2 ** (1 - digits)) * 2 ** (1 - least);
  const sizes = [0, denormal, 3 * denormal, smallest - denormal, smallest, greatest, Infinity, 1, 0.5, 2, 3];
  return [...sizes, ...sizes.map((x) => -x), NaN];
}

/** Numbers beside which a function changes its formula, its sign or its domain. */
const turningPoints = [
  0.25,
  0.5,
  0.6,
  Math.SQRT1_2,
  1,
  Math.LN2,
  Math.SQRT2,
  0.414213562373095,
  0.66,
  2.414213562373095,
  4,
  9,
  14.5,
  16.6,
  87.336545,
  88.72284,
  88.02969,
  104,
  709.78,
  745.13,
  4096,
  2 ** 20,
  2 ** 24,
  38.5,
  5.8,
  20,
];

export function walk(format: FloatFormat, { every, each, everyInside }: Walk): number[] {
  const { digits, least } = formats[format];
  const sizes: number[] = [];
  for (let e = least - digits; e <= 1 - least; e += e >= -40 && e < 16 ? everyInside : every) {
    for (let k = 0; k < each; k++)
      sizes.push((1 + ((k * 0.6180339887498949 + e * 0.7548776662466927 + 1500) % 1)) * 2 ** e);
  }
  for (const at of turningPoints) {
    for (let e = 1; e < digits; e += 3) sizes.push(at * (1 + 2 ** -e), at * (1 - 2 ** -e));
  }
  for (let k = 1; k < 60; k++) sizes.push((k * Math.PI) / 2, 0.1 * k);
  return sizes.flatMap((x) => [rounded[format](x), rounded[format](-x)]);
}

/** Pairs of the numbers, each met with many others. */
export function pairsOf(numbers: readonly number[], count: number): [number[], number[]] {
  const at = (k: number, share: number): number => numbers[Math.floor(((k * share) % 1) * numbers.length)];
  const ks = Array.from({ length: count }, (_, k) => k + 1);
  return [ks.map((k) => at(k, 0.6180339887498949)), ks.map((k) => at(k, 0.7548776662466927))];
}

/** The same operands as many as devices compute in fours, and as many as they compute one by one. */
export function forBothWidths(given: readonly (readonly number[])[]): number[][][] {
  const fours = Math.ceil(given[0].length / 4) * 4;
  const repeated = given.map((x) => [...x, ...x.slice(0, fours - x.length)]);
  return [repeated, repeated.map((x) => [...x, x[0]])];
}
