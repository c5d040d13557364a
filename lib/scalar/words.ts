/** Functions of bits: of integers, and of bool. */
import type { Lanes, Num, ScalarFunction, Value } from "./lanes";
import { rounded } from "./ulps";

function bitwise(
  name: string,
  exact: (a: number, b: number) => number,
  body: (s: Lanes, a: Value, b: Value) => Value,
): ScalarFunction {
  return { name, exact, body, ulps: rounded };
}

export const bitwiseAnd = bitwise(
  "bitwiseAnd",
  (a, b) => a & b,
  (s, a, b) => s.and(a, b),
);

export const bitwiseOr = bitwise(
  "bitwiseOr",
  (a, b) => a | b,
  (s, a, b) => s.or(a, b),
);

export const bitwiseXor = bitwise(
  "bitwiseXor",
  (a, b) => a ^ b,
  (s, a, b) => s.xor(a, b),
);

/** Of uint32: zeros come in from the left. */
export const shiftRight: ScalarFunction = {
  name: "shiftRight",
  exact: (a, places) => a >>> places,
  body: (s, a: Num, places: Num) => s.shr(a, places),
  ulps: rounded,
};
