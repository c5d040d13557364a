/** Elementwise functions of one float operand. Each is one record: WGSL, float64, derivative. */
import { apply, type Node, type Op } from "../graph/node";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import { roundHalfEven } from "../util/rounding";
import { isNaNText, registerType, type WgslType } from "../wgsl/expr";
import { acosHelper, asinHelper, atanHelper } from "./angles";
import { add, div, lessEqual, mul, neg, sub, where } from "./binary";
import { constantLike } from "./define";
import { elementwise } from "./elementwise";
import { erf as erf64, erfinv as erfinv64, erfinvCoefficients } from "./special";

type Derivative = (x: Node, y: Node) => Node;

/** A float function with derivative `slope(x, y)` at y = f(x); a text with a name is called per lane. */
function unary(
  name: string,
  text: string | ((x: string, type: WgslType) => string),
  cpu: (x: number) => number,
  slope: Derivative | "flat",
  helper?: string,
): Op {
  return elementwise(name, {
    dtype: ([x]) => (isFloat(x.dtype) ? x.dtype : refuse(name, `needs a float tensor, got ${x.dtype}`)),
    text: ([x], type) => (typeof text === "string" ? `${text}(${x})` : text(x, type)),
    helper,
    cpu,
    partials: slope === "flat" ? [undefined] : [(t, n) => mul(t, slope(n.inputs[0], n))],
  });
}

const one = (x: Node): Node => constantLike(x, 1);
const squared = (x: Node): Node => mul(x, x);
const oneMinusSquare = (x: Node): Node => sub(one(x), squared(x));
const splat = (value: string, type: WgslType): string => `${registerType(type)}(${value})`;
const horner = (x: string, coefficients: readonly number[]): string =>
  coefficients.slice(1).reduce((text, c) => `(${text}) * ${x} + ${c}f`, `${coefficients[0]}f`);
const perLane = (name: string, body: string): string => `
fn ${name}(x: f32) -> f32 {${body}}
fn ${name}4(x: vec4f) -> vec4f { return vec4f(${name}(x.x), ${name}(x.y), ${name}(x.z), ${name}(x.w)); }`;
const laneCall =
  (name: string) =>
  (x: string, type: WgslType): string =>
    `${name}${type.width === 4 ? "4" : ""}(${x})`;

export const expOp = unary("exp", "exp", Math.exp, (_, y) => y);
export const expm1Op = unary(
  "expm1",
  laneCall("saddle_expm1"),
  Math.expm1,
  (_, y) => add(y, one(y)),
  // The difference cancels near zero, where Taylor's series takes its place.
  perLane(
    "saddle_expm1",
    `
  if (abs(x) > 0.5f) { return exp(x) - 1.0f; }
  let p = ${horner("x", [1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1])};
  return x * (p);
`,
  ),
);
export const log1pOp = unary(
  "log1p",
  laneCall("saddle_log1p"),
  Math.log1p,
  (x) => div(one(x), add(one(x), x)),
  // Near zero 2 artanh(x / (2 + x)), by its series.
  perLane(
    "saddle_log1p",
    `
  if (abs(x) > 0.25f) { return log(1.0f + x); }
  let r = x / (2.0f + x);
  let s = r * r;
  let p = ${horner("s", [2 / 9, 2 / 7, 2 / 5, 2 / 3, 2])};
  return r * (p);
`,
  ),
);
export const sqrtOp = unary("sqrt", "sqrt", Math.sqrt, (x, y) => div(constantLike(x, 0.5), y));
export const sinOp = unary("sin", "sin", Math.sin, (x) => cos(x));
export const cosOp = unary("cos", "cos", Math.cos, (x) => neg(sin(x)));
export const tanOp = unary("tan", "tan", Math.tan, (_, y) => add(one(y), squared(y)));
export const asinOp = unary(
  "asin",
  laneCall("saddle_asin"),
  Math.asin,
  (x) => div(one(x), sqrt(oneMinusSquare(x))),
  asinHelper,
);
export const acosOp = unary(
  "acos",
  laneCall("saddle_acos"),
  Math.acos,
  (x) => neg(div(one(x), sqrt(oneMinusSquare(x)))),
  acosHelper,
);
export const atanOp = unary(
  "atan",
  laneCall("saddle_atan"),
  Math.atan,
  (x) => div(one(x), add(one(x), squared(x))),
  atanHelper,
);
export const sinhOp = unary(
  "sinh",
  laneCall("saddle_sinh"),
  Math.sinh,
  (x) => cosh(x),
  perLane(
    "saddle_sinh",
    `
  if (abs(x) > 1.0f) { return sinh(x); }
  let s = x * x;
  let p = ${horner("s", [1 / 362880, 1 / 5040, 1 / 120, 1 / 6, 1])};
  return x * (p);
`,
  ),
);
export const coshOp = unary("cosh", "cosh", Math.cosh, (x) => sinh(x));
export const tanhOp = unary(
  "tanh",
  laneCall("saddle_tanh"),
  Math.tanh,
  (_, y) => oneMinusSquare(y),
  // Cephes (Moshier) near zero; some drivers lose all digits there, and overflow for large x.
  perLane(
    "saddle_tanh",
    `
  if (${isNaNText("x", 1)}) { return x; }
  let m = min(abs(x), 9.1f);
  if (m > 0.625f) { return sign(x) * (1.0f - 2.0f / (exp(2.0f * m) + 1.0f)); }
  let s = x * x;
  let p = ${horner("s", [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1])};
  return x * (1.0f + s * (p));
`,
  ),
);
export const sigmoidOp = unary(
  "sigmoid",
  (x, type) => `(${splat("1.0f", type)} / (${splat("1.0f", type)} + exp(-${x})))`,
  (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  (_, y) => mul(y, sub(one(y), y)),
);
export const erfOp = unary(
  "erf",
  laneCall("saddle_erf"),
  erf64,
  (x) => mul(constantLike(x, 2 / Math.sqrt(Math.PI)), exp(neg(squared(x)))),
  // Eigen's rational approximation, as in XLA: at most 4 ulp on [-4, 4], ±1 beyond.
  perLane(
    "saddle_erf",
    `
  if (${isNaNText("x", 1)}) { return x; }
  let c = clamp(x, -4.0f, 4.0f);
  let s = c * c;
  var p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s + -2.10102402082508e-06f;
  p = p * s + -5.69250639462346e-05f;
  p = p * s + -7.34990630326855e-04f;
  p = p * s + -2.95459980854025e-03f;
  p = p * s + -1.60960333262415e-02f;
  var q = -1.45660718464996e-05f;
  q = q * s + -2.13374055278905e-04f;
  q = q * s + -1.68282697438203e-03f;
  q = q * s + -7.37332916720468e-03f;
  q = q * s + -1.42647390514189e-02f;
  return c * p / q;
`,
  ),
);
export const erfinvOp = unary(
  "erfinv",
  laneCall("saddle_erfinv"),
  erfinv64,
  (_, y) => mul(constantLike(y, Math.sqrt(Math.PI) / 2), exp(squared(y))),
  // Giles, "Approximating the erfinv function", GPU Computing Gems 2011, in single precision.
  perLane(
    "saddle_erfinv",
    `
  let w = -log((1.0f - x) * (1.0f + x));
  let c = w - 2.5f;
  let t = sqrt(w) - 3.0f;
  let central = ${horner("c", erfinvCoefficients.central)};
  let tail = ${horner("t", erfinvCoefficients.tail)};
  return x * select(tail, central, w < 5.0f);
`,
  ),
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
  absOp,
  signOp,
  floorOp,
  ceilOp,
  roundOp,
];
