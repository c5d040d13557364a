/** Elementwise functions of one float operand, and their derivatives: a record each. */
import { apply, type Node, type Op } from "../graph/node";
import * as arcs from "../scalar/arcs";
import * as arithmetic from "../scalar/arithmetic";
import * as exponentials from "../scalar/exponentials";
import * as gaussian from "../scalar/gaussian";
import * as logarithms from "../scalar/logarithms";
import type { ScalarFunction } from "../scalar/lanes";
import * as turns from "../scalar/turns";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import { add, div, lessEqual, mul, neg, sub, where } from "./binary";
import { constantLike } from "./define";
import { elementwise } from "./elementwise";

type Derivative = (x: Node, y: Node) => Node;

/** A float function with derivative `slope(x, y)` at y = f(x). */
function unary(f: ScalarFunction, slope: Derivative | "flat"): Op {
  return elementwise(f, {
    dtype: ([x]) => (isFloat(x.dtype) ? x.dtype : refuse(f.name, `needs a float tensor, got ${x.dtype}`)),
    partials: slope === "flat" ? [undefined] : [(t, n) => mul(t, slope(n.inputs[0], n))],
  });
}

const one = (x: Node): Node => constantLike(x, 1);
const squared = (x: Node): Node => mul(x, x);
const oneMinusSquare = (x: Node): Node => sub(one(x), squared(x));

export const expOp = unary(exponentials.exp, (_, y) => y);
export const expm1Op = unary(exponentials.expm1, (_, y) => add(y, one(y)));
export const log1pOp = unary(logarithms.log1p, (x) => div(one(x), add(one(x), x)));
export const sqrtOp = unary(arithmetic.sqrt, (x, y) => div(constantLike(x, 0.5), y));
export const sinOp = unary(turns.sin, (x) => cos(x));
export const cosOp = unary(turns.cos, (x) => neg(sin(x)));
export const tanOp = unary(turns.tan, (_, y) => add(one(y), squared(y)));
export const asinOp = unary(arcs.asin, (x) => div(one(x), sqrt(oneMinusSquare(x))));
export const acosOp = unary(arcs.acos, (x) => neg(div(one(x), sqrt(oneMinusSquare(x)))));
export const atanOp = unary(arcs.atan, (x) => div(one(x), add(one(x), squared(x))));
export const sinhOp = unary(exponentials.sinh, (x) => cosh(x));
export const coshOp = unary(exponentials.cosh, (x) => sinh(x));
export const tanhOp = unary(exponentials.tanh, (_, y) => oneMinusSquare(y));
export const sigmoidOp = unary(exponentials.sigmoid, (_, y) => mul(y, sub(one(y), y)));
export const erfOp = unary(gaussian.erf, (x) =>
  mul(constantLike(x, 2 / Math.sqrt(Math.PI)), exp(neg(squared(x)))),
);
export const erfinvOp = unary(gaussian.erfinv, (_, y) =>
  mul(constantLike(y, Math.sqrt(Math.PI) / 2), exp(squared(y))),
);
export const normalCdfOp = unary(gaussian.normalCdf, (x) =>
  mul(constantLike(x, 1 / Math.sqrt(2 * Math.PI)), exp(mul(squared(x), constantLike(x, -0.5)))),
);
export const absOp = unary(arithmetic.abs, (x) => sign(x));
export const signOp = unary(arithmetic.sign, "flat");
export const floorOp = unary(arithmetic.floor, "flat");
export const ceilOp = unary(arithmetic.ceil, "flat");
export const roundOp = unary(arithmetic.round, "flat");

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
