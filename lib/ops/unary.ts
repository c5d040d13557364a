/** Elementwise functions of one float operand. Each is one record: WGSL, float64, derivative. */
import { apply, type Node, type Op } from "../graph/node";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import { registerType, type WgslType } from "../wgsl/expr";
import { add, div, less, mul, neg, sub, where } from "./binary";
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
  // Kahan's correction of the rounding of exp near zero (Higham, Accuracy and Stability, §1.14.1).
  perLane(
    "saddle_expm1",
    `
  if (abs(x) < 1e-5f) { return x + 0.5f * x * x; }
  let u = exp(x);
  if (u == 1.0f) { return x; }
  if (abs(x) > 1.0f) { return u - 1.0f; }
  return (u - 1.0f) * x / log(u);
`,
  ),
);
export const log1pOp = unary(
  "log1p",
  laneCall("saddle_log1p"),
  Math.log1p,
  (x) => div(one(x), add(one(x), x)),
  perLane(
    "saddle_log1p",
    `
  if (abs(x) < 1e-4f) { return x - 0.5f * x * x; }
  let u = 1.0f + x;
  if (abs(x) > 1.0f) { return log(u); }
  return log(u) * x / (u - 1.0f);
`,
  ),
);
export const sqrtOp = unary("sqrt", "sqrt", Math.sqrt, (x, y) => div(constantLike(x, 0.5), y));
export const sinOp = unary("sin", "sin", Math.sin, (x) => cos(x));
export const cosOp = unary("cos", "cos", Math.cos, (x) => neg(sin(x)));
export const tanOp = unary("tan", "tan", Math.tan, (_, y) => add(one(y), squared(y)));
/** Drivers approximate asin and acos to 1e-4 only (Mesa), atan2 to rounding. */
const cosineOf = (sine: string, type: WgslType): string =>
  `sqrt((${splat("1.0f", type)} - ${sine}) * (${splat("1.0f", type)} + ${sine}))`;
export const asinOp = unary(
  "asin",
  (x, type) => `atan2(${x}, ${cosineOf(x, type)})`,
  Math.asin,
  (x) => div(one(x), sqrt(oneMinusSquare(x))),
);
export const acosOp = unary(
  "acos",
  (x, type) => `atan2(${cosineOf(x, type)}, ${x})`,
  Math.acos,
  (x) => neg(div(one(x), sqrt(oneMinusSquare(x)))),
);
export const atanOp = unary("atan", "atan", Math.atan, (x) => div(one(x), add(one(x), squared(x))));
export const sinhOp = unary("sinh", "sinh", Math.sinh, (x) => cosh(x));
export const coshOp = unary("cosh", "cosh", Math.cosh, (x) => sinh(x));
export const tanhOp = unary(
  "tanh",
  // Some drivers compute tanh from exponentials that overflow; beyond 9 the float32 result is ±1.
  (x, type) => `tanh(clamp(${x}, ${splat("-9.1f", type)}, ${splat("9.1f", type)}))`,
  Math.tanh,
  (_, y) => oneMinusSquare(y),
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
export const signOp = unary("sign", "sign", Math.sign, "flat");
export const floorOp = unary("floor", "floor", Math.floor, "flat");
export const ceilOp = unary("ceil", "ceil", Math.ceil, "flat");
/** Halves go to the even neighbour, as in NumPy and WGSL. */
export const roundOp = unary("round", "round", roundHalfEven, "flat");

function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

export const exp = (x: Node): Node => apply(expOp, [x]);
export const abs = (x: Node): Node => apply(absOp, [x]);
export const sqrt = (x: Node): Node => apply(sqrtOp, [x]);
export const sin = (x: Node): Node => apply(sinOp, [x]);
export const cos = (x: Node): Node => apply(cosOp, [x]);
export const sinh = (x: Node): Node => apply(sinhOp, [x]);
export const cosh = (x: Node): Node => apply(coshOp, [x]);
export const sign = (x: Node): Node => apply(signOp, [x]);

/** max(x, 0) with derivative 0 at 0. */
export function relu(x: Node): Node {
  const zero = constantLike(x, 0);
  return where(less(zero, x), x, zero);
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
