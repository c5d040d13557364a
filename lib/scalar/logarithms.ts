/** Logarithms (fdlibm's scheme): log(1 + f) = f − f²/2 + s (f²/2 + …) with s = f / (2 + f). */
import { exponential } from "./exponentials";
import type { Lanes, Mask, Num, ScalarFunction } from "./lanes";
import { forPrecision, polynomial, type ByPrecision } from "./polynomial";

/** Of z = s²; the terms of artanh's series in float32, fdlibm's in float64. */
const series: ByPrecision<readonly number[]> = {
  float32: [2 / 9, 2 / 7, 2 / 5, 2 / 3],
  float64: [
    1.479819860511658591e-1, 1.531383769920937332e-1, 1.818357216161805012e-1, 2.222219843214978396e-1,
    2.857142874366239149e-1, 3.999999999940941908e-1, 6.66666666666673513e-1,
  ],
};

const smallest: ByPrecision<{ normal: number; lift: number }> = {
  float32: { normal: 2 ** -126, lift: 24 },
  float64: { normal: 2 ** -1022, lift: 54 },
};

const greatest: ByPrecision<number> = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

/** m · 2^k = x with m in [√½, √2), for numbers above zero, denormals too where the target keeps them. */
export function split(s: Lanes, x: Num): { m: Num; k: Num } {
  const { normal, lift } = forPrecision(s, smallest);
  const isTiny = s.lt(x, s.lit(normal));
  const lifted = s.select(isTiny, s.mul(x, s.lit(2 ** lift)), x);
  const k = s.sub(s.exponent(lifted), s.select(isTiny, s.lit(lift), s.lit(0)));
  return { m: s.mantissa(lifted), k };
}

interface Sum {
  /** Near 1, where x is 1 + `near`, which has more digits. */
  readonly isNear: Mask;
  readonly near: Num;
  /** What else is to be added to the logarithm. */
  readonly rest: Num;
}

function logOf(s: Lanes, x: Num, of?: Sum): Num {
  const [upper, lower] = forPrecision(s, exponential).ln2;
  const { m, k } = split(s, x);
  const above = s.sub(m, s.lit(1));
  const f = of === undefined ? above : s.select(of.isNear, of.near, above);
  const quotient = s.div(f, s.add(f, s.lit(2)));
  const z = s.mul(quotient, quotient);
  const square = s.mul(s.mul(s.lit(0.5), f), f);
  const sum = s.add(square, s.mul(polynomial(s, z, forPrecision(s, series)), z));
  const small = s.add(s.mul(quotient, sum), s.mul(k, s.lit(lower)));
  const all = of === undefined ? small : s.add(small, of.rest);
  const y = s.sub(s.mul(k, s.lit(upper)), s.sub(s.sub(square, all), f));
  const isNumber = s.le(x, s.lit(forPrecision(s, greatest)));
  const found = s.select(s.lt(x, s.lit(0)), s.lit(NaN), s.select(isNumber, y, x));
  return s.select(s.eq(x, s.lit(0)), s.lit(-Infinity), found);
}

export const log: ScalarFunction = {
  name: "log",
  exact: Math.log,
  body: (s, x: Num) => logOf(s, x),
  ulps: { exact: 1, float32: 2, float64: 2 },
};

/** log u + log(1 + r) of 1 + x = u (1 + r), u having half the digits: a compiler does not take it for 1 + x itself. */
export const log1p: ScalarFunction = {
  name: "log1p",
  exact: Math.log1p,
  body: (s, x: Num) => {
    const u = s.upperHalf(s.add(s.lit(1), x));
    const r = s.div(s.sub(x, s.sub(u, s.lit(1))), u);
    const isNear = s.lt(s.abs(x), s.lit(0.25));
    const isFar = s.and(s.not(isNear), s.le(x, s.lit(forPrecision(s, greatest))));
    const rest = s.select(isFar, s.mul(r, polynomial(s, r, [1 / 3, -1 / 2, 1])), s.lit(0));
    const y = logOf(s, u, { isNear, near: x, rest });
    return s.select(s.eq(x, s.lit(0)), x, y);
  },
  ulps: { exact: 1, float32: 2, float64: 2 },
};
