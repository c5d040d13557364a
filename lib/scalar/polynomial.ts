import type { Lanes, Num } from "./lanes";

/** The polynomial in `x` with these coefficients, the highest power first. */
export function polynomial(s: Lanes, x: Num, [first, ...rest]: readonly number[]): Num {
  return rest.reduce((sum, c) => s.add(s.mul(sum, x), s.lit(c)), s.lit(first));
}

/** What each precision takes of a kind: coefficients, limits. */
export interface ByPrecision<T> {
  readonly float32: T;
  readonly float64: T;
}

export function forPrecision<T>({ dtype }: Lanes, of: ByPrecision<T>): T {
  return dtype === "float64" ? of.float64 : of.float32;
}
