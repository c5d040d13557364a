/** Comparisons, and what is chosen by them. */
import type { Lanes, Mask, Num, ScalarFunction, Value } from "./lanes";
import { rounded } from "./ulps";

function comparison(
  name: string,
  exact: (a: number, b: number) => boolean,
  body: (s: Lanes, a: Num, b: Num) => Mask,
): ScalarFunction {
  return { name, exact: (a, b) => Number(exact(a, b)), body, ulps: rounded };
}

/** Of bool too. */
export const equal = comparison(
  "equal",
  (a, b) => a === b,
  (s, a, b) => s.eq(a, b),
);

export const less = comparison(
  "less",
  (a, b) => a < b,
  (s, a, b) => s.lt(a, b),
);

export const lessEqual = comparison(
  "lessEqual",
  (a, b) => a <= b,
  (s, a, b) => s.le(a, b),
);

export const isNaN: ScalarFunction = {
  name: "isNaN",
  exact: (x) => Number(Number.isNaN(x)),
  body: (s, x: Num) => s.isNaN(x),
  ulps: rounded,
};

export const logicalNot: ScalarFunction = {
  name: "logicalNot",
  exact: (x) => Number(!x),
  body: (s, x: Mask) => s.not(x),
  ulps: rounded,
};

/** `yes` where the condition holds, else `no`. */
export const where: ScalarFunction = {
  name: "where",
  exact: (condition, yes, no) => (condition ? yes : no),
  body: (s, condition: Mask, yes: Value, no: Value) => s.select(condition, yes, no),
  ulps: rounded,
};
