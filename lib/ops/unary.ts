/** Elementwise functions of one float operand. Each is one record: WGSL, float64, derivative. */
import { apply, type Node, type Op } from "../graph/node";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import { roundHalfEven } from "../util/rounding";
import type { WgslType } from "../loops/expr";
import { isNaNText, registerType } from "../wgsl/text";
import { acosHelpers, asinHelpers, atanHelpers } from "./angles";
import { add, div, lessEqual, mul, neg, sub, where } from "./binary";
import { constantLike } from "./define";
import { elementwise } from "./elementwise";
import {
  coshHelpers,
  expHelpers,
  expm1Helpers,
  log1pHelpers,
  sinhHelpers,
  tanhHelpers,
} from "./exponentials";
import { erfHelpers, erfinvHelpers, normalCdfHelpers } from "./gaussian";
import { erf as erf64, erfinv as erfinv64, normalCdf as normalCdf64 } from "./special";
import { cosHelpers, sinHelpers, tanHelpers } from "./turns";

type Derivative = (x: Node, y: Node) => Node;

/** A float function with derivative `slope(x, y)` at y = f(x); a text with a name is called per lane. */
function unary(
  name: string,
  text: string | ((x: string, type: WgslType) => string),
  cpu: (x: number) => number,
  slope: Derivative | "flat",
  helpers?: readonly string[],
): Op {
  return elementwise(name, {
    dtype: ([x]) => (isFloat(x.dtype) ? x.dtype : refuse(name, `needs a float tensor, got ${x.dtype}`)),
    text: ([x], type) => (typeof text === "string" ? `${text}(${x})` : text(x, type)),
    helpers,
    cpu,
    partials: slope === "flat" ? [undefined] : [(t, n) => mul(t, slope(n.inputs[0], n))],
  });
}

const one = (x: Node): Node => constantLike(x, 1);
const squared = (x: Node): Node => mul(x, x);
const oneMinusSquare = (x: Node): Node => sub(one(x), squared(x));
const splat = (value: string, type: WgslType): string => `${registerType(type)}(${value})`;
const laneCall =
  (name: string) =>
  (x: string, type: WgslType): string =>
    `${name}${type.width === 4 ? "4" : ""}(${x})`;

export const expOp = unary("exp", laneCall("saddle_exp"), Math.exp, (_, y) => y, expHelpers);
export const expm1Op = unary(
  "expm1",
  laneCall("saddle_expm1"),
  Math.expm1,
  (_, y) => add(y, one(y)),
  expm1Helpers,
);
export const log1pOp = unary(
  "log1p",
  laneCall("saddle_log1p"),
  Math.log1p,
  (x) => div(one(x), add(one(x), x)),
  log1pHelpers,
);
export const sqrtOp = unary("sqrt", "sqrt", Math.sqrt, (x, y) => div(constantLike(x, 0.5), y));
export const sinOp = unary("sin", laneCall("saddle_sin"), Math.sin, (x) => cos(x), sinHelpers);
export const cosOp = unary("cos", laneCall("saddle_cos"), Math.cos, (x) => neg(sin(x)), cosHelpers);
export const tanOp = unary(
  "tan",
  laneCall("saddle_tan"),
  Math.tan,
  (_, y) => add(one(y), squared(y)),
  tanHelpers,
);
export const asinOp = unary(
  "asin",
  laneCall("saddle_asin"),
  Math.asin,
  (x) => div(one(x), sqrt(oneMinusSquare(x))),
  asinHelpers,
);
export const acosOp = unary(
  "acos",
  laneCall("saddle_acos"),
  Math.acos,
  (x) => neg(div(one(x), sqrt(oneMinusSquare(x)))),
  acosHelpers,
);
export const atanOp = unary(
  "atan",
  laneCall("saddle_atan"),
  Math.atan,
  (x) => div(one(x), add(one(x), squared(x))),
  atanHelpers,
);
export const sinhOp = unary("sinh", laneCall("saddle_sinh"), Math.sinh, (x) => cosh(x), sinhHelpers);
export const coshOp = unary("cosh", laneCall("saddle_cosh"), Math.cosh, (x) => sinh(x), coshHelpers);
export const tanhOp = unary(
  "tanh",
  laneCall("saddle_tanh"),
  Math.tanh,
  (_, y) => oneMinusSquare(y),
  tanhHelpers,
);
export const sigmoidOp = unary(
  "sigmoid",
  (x, type) =>
    `(${splat("1.0f", type)} / (${splat("1.0f", type)} + ${laneCall("saddle_exp")(`-${x}`, type)}))`,
  (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  (_, y) => mul(y, sub(one(y), y)),
  expHelpers,
);
export const erfOp = unary(
  "erf",
  laneCall("saddle_erf"),
  erf64,
  (x) => mul(constantLike(x, 2 / Math.sqrt(Math.PI)), exp(neg(squared(x)))),
  erfHelpers,
);
export const erfinvOp = unary(
  "erfinv",
  laneCall("saddle_erfinv"),
  erfinv64,
  (_, y) => mul(constantLike(y, Math.sqrt(Math.PI) / 2), exp(squared(y))),
  erfinvHelpers,
);
/** The normal distribution function Φ, whose lower tail keeps its digits where ½ + ½ erf would cancel. */
export const normalCdfOp = unary(
  "normalCdf",
  laneCall("saddle_normal_cdf"),
  normalCdf64,
  (x) => mul(constantLike(x, 1 / Math.sqrt(2 * Math.PI)), exp(mul(squared(x), constantLike(x, -0.5)))),
  normalCdfHelpers,
);
export const absOp = unary("abs", "abs", Math.abs, (x) => sign(x));
/** 0 for both zeros, as in NumPy. */
export const signOp = unary(
  "sign",
  (x, type) => `select(sign(${x}), ${x}, ${isNaNText(x, type.width)})`,
  (x) => (x === 0 ? 0 : Math.sign(x)),
  "flat",
);
export const floorOp = unary("floor", "floor", Math.floor, "flat");
export const ceilOp = unary("ceil", "ceil", Math.ceil, "flat");
/** Halves go to the even neighbour, as in NumPy and WGSL. */
export const roundOp = unary("round", "round", roundHalfEven, "flat");

export const exp = (x: Node): Node => apply(expOp, [x]);
export const abs = (x: Node): Node => apply(absOp, [x]);
export const sqrt = (x: Node): Node => apply(sqrtOp, [x]);
export const sin = (x: Node): Node => apply(sinOp, [x]);
export const cos = (x: Node): Node => apply(cosOp, [x]);
export const sinh = (x: Node): Node => apply(sinhOp, [x]);
export const cosh = (x: Node): Node => apply(coshOp, [x]);
export const sign = (x: Node): Node => apply(signOp, [x]);

/** max(x, 0) with derivative 0 at 0; NaN stays. */
export function relu(x: Node): Node {
  const zero = constantLike(x, 0);
  return where(lessEqual(x, zero), zero, x);
}

export const unaryOps = [
  expOp,
  expm1Op,
  log1pOp,
  sqrtOp,
  sinOp,
  cosOp,
  tanOp,
  asinOp,
  acosOp,
  atanOp,
  sinhOp,
  coshOp,
  tanhOp,
  sigmoidOp,
  erfOp,
  erfinvOp,
  normalCdfOp,
  absOp,
  signOp,
  floorOp,
  ceilOp,
  roundOp,
];
