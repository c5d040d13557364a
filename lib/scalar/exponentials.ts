/** Exponentials: the nearest power of 2, and a polynomial of what is left. */
import type { Lanes, Num, ScalarFunction } from "./lanes";
import { oddValue } from "./odd";
import { forPrecision, polynomial, type ByPrecision } from "./polynomial";

interface Precision {
  /** (e^t − 1 − t) / t² on [−½ ln 2, ln 2] in float32, by interpolation at Chebyshev's points; Taylor's on ±½ ln 2 in float64. */
  readonly tail: readonly number[];
  /** ln 2 in two parts, of which the first has so few digits that its products with exponents are exact. */
  readonly ln2: readonly [upper: number, lower: number];
  /** Below it e^x is taken for zero. */
  readonly vanishing: number;
  /** The exponents that come to numbers, and to infinity just above. */
  readonly exponents: readonly [least: number, most: number];
}

/** 1/n!, 1/(n − 1)!, …, 1/2. */
function inverseFactorials(n: number): number[] {
  const factorials = [1];
  for (let k = 1; k <= n; k++) factorials.push(factorials[k - 1] * k);
  return factorials
    .slice(2)
    .map((f) => 1 / f)
    .reverse();
}

export const exponential: ByPrecision<Precision> = {
  float32: {
    tail: [2.2754342e-4, 1.3868994e-3, 8.328427e-3, 4.166723e-2, 1.6666685e-1, 0.5],
    ln2: [0.693359375, -2.1219444e-4],
    vanishing: -87.336545,
    exponents: [-126, 127],
  },
  float64: {
    tail: inverseFactorials(13),
    ln2: [6.9314718036912381649e-1, 1.90821492927058770002e-10],
    vanishing: -745.1332191019412,
    exponents: [-1075, 1025],
  },
};

/** x = n ln 2 + t with whole n from `least` to `most`. */
function reduced(s: Lanes, x: Num, [least, most]: Precision["exponents"]): { n: Num; t: Num } {
  const [upper, lower] = forPrecision(s, exponential).ln2;
  const n = s.min(s.max(s.nearest(s.mul(x, s.lit(Math.LOG2E))), s.lit(least)), s.lit(most));
  return { n, t: s.sub(s.sub(x, s.mul(n, s.lit(upper))), s.mul(n, s.lit(lower))) };
}

/** e^t − 1 of a reduced t, which keeps its digits where t is small. */
function exponentialTail(s: Lanes, t: Num): Num {
  return s.add(s.mul(s.mul(polynomial(s, t, forPrecision(s, exponential).tail), t), t), t);
}

/** e^t of a reduced t. */
export const exponentialOf = (s: Lanes, t: Num): Num => s.add(exponentialTail(s, t), s.lit(1));

/** y · 2ⁿ also where 2ⁿ is denormal or infinite. */
export function scaled(s: Lanes, y: Num, n: Num): Num {
  const half = s.floor(s.mul(s.lit(0.5), n));
  return s.mul(s.mul(y, s.pow2(half)), s.pow2(s.sub(n, half)));
}

/** In float32 results that would be denormal are 0. */
export const exp: ScalarFunction = {
  name: "exp",
  exact: Math.exp,
  body: (s, x: Num) => {
    const { exponents, vanishing } = forPrecision(s, exponential);
    const { n, t } = reduced(s, x, exponents);
    const size = exponentialOf(s, t);
    const y = s.dtype === "float64" ? scaled(s, size, n) : s.mul(size, s.pow2(n));
    return s.select(s.lt(x, s.lit(vanishing)), s.lit(0), y);
  },
  ulps: { exact: 1, float32: 2, float64: 2 },
};

/** e^x − 1 for any x, from what is left of x and its power of 2: ((e^t − 1) + (1 − 2⁻ⁿ)) · 2ⁿ. */
function expm1Of(s: Lanes, x: Num): Num {
  const most = forPrecision(s, exponential).exponents[1];
  const least = forPrecision(s, { float32: -30, float64: -60 });
  const { n, t } = reduced(s, x, [least, most + (s.dtype === "float64" ? 0 : 1)]);
  const ones = s.sub(s.lit(1), s.pow2(s.neg(s.min(n, s.lit(-least)))));
  const y = scaled(s, s.add(exponentialTail(s, t), ones), n);
  return s.select(s.lt(x, s.lit(0.7 * least)), s.lit(-1), y);
}

export const expm1: ScalarFunction = {
  name: "expm1",
  exact: Math.expm1,
  body: (s, x: Num) => s.copySign(expm1Of(s, x), x),
  ulps: { exact: 1, float32: 2, float64: 2 },
};

/** ½ e^|x|, which is a number where e^|x| is none any more. */
function halfExponential(s: Lanes, x: Num): Num {
  const [, most] = forPrecision(s, exponential).exponents;
  const { n, t } = reduced(s, s.abs(x), [0, most + 1]);
  return scaled(s, exponentialOf(s, t), s.sub(n, s.lit(1)));
}

/** 1/(2k + 1)!, …, 1/3!, 1. */
const sinhSeries: ByPrecision<readonly number[]> = {
  float32: [1 / 362880, 1 / 5040, 1 / 120, 1 / 6, 1],
  float64: [...inverseFactorials(19).filter((_, k) => k % 2 === 0), 1],
};

export const sinh: ScalarFunction = {
  name: "sinh",
  exact: Math.sinh,
  body: (s, x: Num) => {
    const far = (): readonly [Num] => {
      const half = halfExponential(s, x);
      return [s.sub(half, s.div(s.lit(0.25), half))];
    };
    const near = s.mul(x, polynomial(s, s.mul(x, x), forPrecision(s, sinhSeries)));
    const [y] = s.rarely(s.lt(s.lit(1), s.abs(x)), far, [near]);
    return oddValue(s, x, y);
  },
  ulps: { exact: 2, float32: 3, float64: 2 },
};

export const cosh: ScalarFunction = {
  name: "cosh",
  exact: Math.cosh,
  body: (s, x: Num) => {
    const half = halfExponential(s, x);
    return s.add(half, s.div(s.lit(0.25), half));
  },
  ulps: { exact: 2, float32: 3, float64: 2 },
};

/** With E = e^2|x| − 1 it is E / (E + 2), without cancellation at any x. */
export const tanh: ScalarFunction = {
  name: "tanh",
  exact: Math.tanh,
  body: (s, x: Num) => {
    const size = s.min(s.abs(x), s.lit(forPrecision(s, { float32: 10, float64: 20 })));
    const grown = expm1Of(s, s.mul(s.lit(2), size));
    return oddValue(s, x, s.div(grown, s.add(grown, s.lit(2))));
  },
  ulps: { exact: 2, float32: 3, float64: 2 },
};

export const sigmoid: ScalarFunction = {
  name: "sigmoid",
  exact: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  body: (s, x: Num) => s.div(s.lit(1), s.add(s.lit(1), s.call(exp, s.neg(x)))),
  ulps: { exact: 2, float32: 3, float64: 3 },
};
