/** What arithmetic comes to by itself: sums, products, extrema, rounding. */
import { isFloat } from "../util/dtypes";
import { roundHalfEven } from "../util/rounding";
import type { Lanes, Num, ScalarFunction } from "./lanes";
import { rounded } from "./ulps";

export const add: ScalarFunction = {
  name: "add",
  exact: (a, b) => a + b,
  body: (s, a: Num, b: Num) => s.add(a, b),
  ulps: rounded,
};

export const sub: ScalarFunction = {
  name: "sub",
  exact: (a, b) => a - b,
  body: (s, a: Num, b: Num) => s.sub(a, b),
  ulps: rounded,
};

export const mul: ScalarFunction = {
  name: "mul",
  exact: (a, b) => a * b,
  exactWhole: Math.imul,
  body: (s, a: Num, b: Num) => s.mul(a, b),
  ulps: rounded,
};

/** w · x, but 0 where w is 0 though x be infinite or NaN. */
export const mulNoNan: ScalarFunction = {
  name: "mulNoNan",
  exact: (w, x) => (w === 0 ? 0 : w * x),
  exactWhole: Math.imul,
  body: (s, w: Num, x: Num) => s.select(s.eq(w, s.lit(0)), s.lit(0), s.mul(w, x)),
  ulps: rounded,
};

/** A driver may be further off in ÷ and √ than half a unit: WGSL allows it. */
const ofDrivers = { exact: 0.5, float32: 3, float64: 0.5 };

export const div: ScalarFunction = {
  name: "div",
  exact: (a, b) => a / b,
  exactWhole: (a, b) => (b === 0 ? a : Math.trunc(a / b)),
  body: (s, a: Num, b: Num) => s.div(a, b),
  ulps: ofDrivers,
};

export const sqrt: ScalarFunction = {
  name: "sqrt",
  exact: Math.sqrt,
  body: (s, x: Num) => s.sqrt(x),
  ulps: ofDrivers,
};

export const neg: ScalarFunction = {
  name: "neg",
  exact: (x) => -x,
  body: (s, x: Num) => s.neg(x),
  ulps: rounded,
};

export const abs: ScalarFunction = {
  name: "abs",
  exact: Math.abs,
  body: (s, x: Num) => s.abs(x),
  ulps: rounded,
};

/** 0 for both zeros, as in NumPy. */
export const sign: ScalarFunction = {
  name: "sign",
  exact: (x) => (x === 0 ? 0 : Math.sign(x)),
  body: (s, x: Num) => s.select(s.isNaN(x), x, s.sign(x)),
  ulps: rounded,
};

export const floor: ScalarFunction = {
  name: "floor",
  exact: Math.floor,
  body: (s, x: Num) => s.floor(x),
  ulps: rounded,
};

export const ceil: ScalarFunction = {
  name: "ceil",
  exact: Math.ceil,
  body: (s, x: Num) => s.ceil(x),
  ulps: rounded,
};

/** Halves go to the even neighbour, as in NumPy; drivers do not agree on the sign of −½ so rounded. */
export const round: ScalarFunction = {
  name: "round",
  exact: roundHalfEven,
  body: (s, x: Num) => s.copySign(s.nearest(x), x),
  ulps: rounded,
};

/** The larger of two numbers that are not NaN. */
export const larger: ScalarFunction = {
  name: "larger",
  exact: Math.max,
  body: (s, a: Num, b: Num) => s.max(a, b),
  ulps: rounded,
};

/** The smaller of two numbers that are not NaN. */
export const smaller: ScalarFunction = {
  name: "smaller",
  exact: Math.min,
  body: (s, a: Num, b: Num) => s.min(a, b),
  ulps: rounded,
};

/** `value`, but NaN where a or b is. */
function keepingNaN(s: Lanes, a: Num, b: Num, value: Num): Num {
  return isFloat(s.dtype) ? s.select(s.or(s.isNaN(a), s.isNaN(b)), s.add(a, b), value) : value;
}

export const maximum: ScalarFunction = {
  name: "maximum",
  exact: Math.max,
  body: (s, a: Num, b: Num) => keepingNaN(s, a, b, s.max(a, b)),
  ulps: rounded,
};

export const minimum: ScalarFunction = {
  name: "minimum",
  exact: Math.min,
  body: (s, a: Num, b: Num) => keepingNaN(s, a, b, s.min(a, b)),
  ulps: rounded,
};
