/** Elementwise functions: operands broadcast as in NumPy, dtypes promote as in JAX. */
import { apply, type Node, type Op } from "../graph/node";
import * as binary from "../ops/binary";
import { cast } from "../ops/cast";
import { constantLike } from "../ops/define";
import { transfer } from "../ops/transfer";
import * as unary from "../ops/unary";
import { checkDType, isFloat, type DType } from "../util/dtypes";
import { checkFinite } from "../util/checks";
import { wrapped } from "../util/conversion";
import { describe, refuse } from "../util/errors";
import { checkDevice, type Device } from "./device";
import { storedDType } from "./create";
import { asFloat, asNode, asTensor, broadcastNodes, broadcastOperands, deviceOf } from "./lift";
import { Tensor, wrap, type TensorLike } from "./tensor";

function binaryFunction(where: string, rule: (a: Node, b: Node) => Node) {
  return (a: TensorLike, b: TensorLike): Tensor => {
    const [x, y] = broadcastOperands(where, [a, b]);
    return wrap(rule(x, y));
  };
}

/** Where whole numbers count modulo 2³² beside integers. */
function modular(where: string, rule: (a: Node, b: Node) => Node) {
  return (a: TensorLike, b: TensorLike): Tensor => {
    const [x, y] = broadcastOperands(where, [a, b], { toInteger: wrapped });
    return wrap(rule(x, y));
  };
}

function floatBinary(where: string, rule: (a: Node, b: Node) => Node) {
  return binaryFunction(where, (a, b) => rule(toFloat(a), toFloat(b)));
}

function toFloat(x: Node): Node {
  return isFloat(x.dtype) ? x : cast(x, x.device.floatType);
}

function unaryFunction(op: Op) {
  return (x: TensorLike): Tensor => wrap(apply(op, [asFloat(op.name, x)]));
}

/** An op that integers have too: they pass through `whole`. */
function numeric(op: Op, whole: (x: Node) => Node) {
  return (x: TensorLike): Tensor => {
    const node = asNode(op.name, x);
    if (node.dtype === "bool") refuse(op.name, "x must be numbers, got bool");
    return wrap(isFloat(node.dtype) ? apply(op, [node]) : whole(node));
  };
}

function composed(where: string, rule: (x: Node) => Node) {
  return (x: TensorLike): Tensor => wrap(rule(asFloat(where, x)));
}

const like = constantLike;
const { add: plus, mul: times, div: over, neg: minusOf, less: isLess, where: choose } = binary;

/** a + b. */
export const add = modular("add", binary.add);
/** a − b. */
export const sub = modular("sub", binary.sub);
/** a · b, element by element. */
export const mul = modular("mul", binary.mul);
/** a / b; always a float. */
export const div = floatBinary("div", binary.div);
/**
 * a to the power b. For negative a, b must be whole, else the result is NaN. Of integers it is exact modulo 2³²; a negative
 * power of one is cut to a whole number, and refused where b is a number.
 */
export const pow = (a: TensorLike, b: TensorLike): Tensor => {
  if (typeof b === "number" && Number.isInteger(b) && b >= 1 && b <= 4)
    return wholePower(asNode("pow", a, "a"), b);
  if (a instanceof Tensor && !isFloat(a.dtype) && Number.isInteger(b))
    return powNodes(a, wholeExponent(a, b as number));
  return powNodes(a, b);
};
const powNodes = modular("pow", binary.pow);

function wholeExponent(a: Tensor, b: number): number {
  if (b < 0) {
    const advice = `convert a with .astype("${a.device.floatType}")`;
    refuse("pow", `b must not be negative for a of ${a.dtype}, got ${describe(b)}; ${advice}`);
  }
  // Modulo 2³² the powers of odd numbers repeat after 2³⁰ of them; those of even ones are 0 by then.
  return b < 2 ** 31 ? b : (b % 2 ** 30) + 2 ** 30;
}

/** Small whole powers are products: exact derivatives of every order, and no logarithm. */
function wholePower(x: Node, n: number): Tensor {
  const base = x.dtype === "bool" ? cast(x, "int32") : x;
  const square = times(base, base);
  return wrap([base, square, times(square, base), times(square, square)][n - 1]);
}

/** The larger of a and b; NaN where either is. Where equal, the derivative is shared. */
export const maximum = binaryFunction("maximum", binary.maximum);
/** The smaller of a and b; NaN where either is. Where equal, the derivative is shared. */
export const minimum = binaryFunction("minimum", binary.minimum);
/** The angle in radians of the point (x, y), in (−π, π]; y comes first. */
export const atan2 = floatBinary("atan2", binary.atan2);
/** −x. */
export const neg = (x: TensorLike): Tensor => wrap(minusOf(asNode("neg", x)));
/** |x|; the derivative at 0 is 0. */
export const abs = numeric(unary.absOp, (x) =>
  x.dtype === "uint32" ? x : choose(isLess(x, like(x, 0)), minusOf(x), x),
);
/** −1, 0 or 1. */
export const sign = numeric(unary.signOp, (x) =>
  choose(isLess(like(x, 0), x), like(x, 1), choose(isLess(x, like(x, 0)), like(x, -1), like(x, 0))),
);
/** The greatest whole number not above x. */
export const floor = numeric(unary.floorOp, (x) => x);
/** The least whole number not below x. */
export const ceil = numeric(unary.ceilOp, (x) => x);
/** The nearest whole number; halves go to the even one. */
export const round = numeric(unary.roundOp, (x) => x);
/** e to the x. */
export const exp = unaryFunction(unary.expOp);
/** e to the x, less 1, exact near 0. */
export const expm1 = unaryFunction(unary.expm1Op);
/** The natural logarithm. */
export const log = unaryFunction(binary.logOp);
/** log(1 + x), exact near 0. */
export const log1p = unaryFunction(unary.log1pOp);
/** The square root. */
export const sqrt = unaryFunction(unary.sqrtOp);
/** 1 / √x. */
export const rsqrt = composed("rsqrt", (x) => over(like(x, 1), unary.sqrt(x)));
/** x². */
export const square = (x: TensorLike): Tensor => wholePower(asNode("square", x), 2);
/** 1 / x. */
export const reciprocal = composed("reciprocal", (x) => over(like(x, 1), x));
/** The sine of x radians. */
export const sin = unaryFunction(unary.sinOp);
/** The cosine of x radians. */
export const cos = unaryFunction(unary.cosOp);
/** The tangent of x radians. */
export const tan = unaryFunction(unary.tanOp);
/** The arc sine, in radians. */
export const asin = unaryFunction(unary.asinOp);
/** The arc cosine, in radians. */
export const acos = unaryFunction(unary.acosOp);
/** The arc tangent, in radians. */
export const atan = unaryFunction(unary.atanOp);
/** The hyperbolic sine. */
export const sinh = unaryFunction(unary.sinhOp);
/** The hyperbolic cosine. */
export const cosh = unaryFunction(unary.coshOp);
/** The hyperbolic tangent. */
export const tanh = unaryFunction(unary.tanhOp);
/** 1 / (1 + e^−x). */
export const sigmoid = unaryFunction(unary.sigmoidOp);
/** The error function, 2/√π ∫₀ˣ e^−t² dt. */
export const erf = unaryFunction(unary.erfOp);
/** The inverse of erf on (−1, 1); ±∞ at the ends, NaN beyond. */
export const erfinv = unaryFunction(unary.erfinvOp);
/** max(x, 0); the derivative at 0 is 0. */
export const relu = composed("relu", unary.relu);
/** x where positive, else slope · x. */
export const leakyRelu = (x: TensorLike, slope = 0.01): Tensor => {
  const node = asFloat("leakyRelu", x);
  checkFinite("leakyRelu", "slope", slope);
  return wrap(choose(isLess(like(node, 0), node), node, times(node, like(node, slope))));
};
/** x where positive, else α(eˣ − 1) (Clevert et al. 2015). */
export const elu = (x: TensorLike, alpha = 1): Tensor => {
  const node = asFloat("elu", x);
  checkFinite("elu", "alpha", alpha);
  const zero = like(node, 0);
  const positive = isLess(zero, node);
  const below = times(apply(unary.expm1Op, [choose(positive, zero, node)]), like(node, alpha));
  return wrap(choose(positive, node, below));
};
/** x · Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016), by erf as torch's default. */
export const gelu = composed("gelu", (x) => times(x, apply(unary.normalCdfOp, [x])));
/** x · sigmoid(x). */
export const silu = composed("silu", (x) => times(x, apply(unary.sigmoidOp, [x])));
/** log(1 + eˣ), without overflow. */
export const softplus = composed("softplus", (x) => {
  // Not −|x|: at 0 it has another derivative than the branch it stands for.
  const belowZero = choose(isLess(like(x, 0), x), minusOf(x), x);
  return plus(unary.relu(x), apply(unary.log1pOp, [unary.exp(belowZero)]));
});

/** x held between min and max; either may be undefined, or null as in NumPy. */
export function clip(x: TensorLike, min?: TensorLike | null, max?: TensorLike | null): Tensor {
  if ((min ?? max ?? undefined) === undefined) refuse("clip", "needs min, max or both");
  if (typeof min === "number" && typeof max === "number" && min > max) {
    refuse("clip", `min must not exceed max, got min ${min} and max ${max}`);
  }
  let { node } = asTensor("clip", "x", x, deviceOf([x, min, max]));
  for (const [name, bound, rule] of [
    ["min", min, binary.maximum],
    ["max", max, binary.minimum],
  ] as const) {
    if (bound === undefined || bound === null) continue;
    const [value, limit] = broadcastOperands("clip", [wrap(node), bound], { names: ["x", name] });
    node = rule(value, limit);
  }
  return wrap(node);
}

/** Both true. */
export const logicalAnd = binaryFunction("logicalAnd", (a, b) => binary.and(truth(a), truth(b)));
/** Either true. */
export const logicalOr = binaryFunction("logicalOr", (a, b) => binary.or(truth(a), truth(b)));
/** Whether x is false (zero). */
export const logicalNot = (x: TensorLike): Tensor => wrap(binary.not(truth(asNode("logicalNot", x))));
/** Whether x is NaN. */
export const isNaN = (x: TensorLike): Tensor => {
  const node = asNode("isNaN", x);
  return wrap(isFloat(node.dtype) ? binary.isNaN(node) : like(node, 0, "bool"));
};

function truth(x: Node): Node {
  return cast(x, "bool");
}

/** Elements of `a` where `condition` is true, else of `b`; all three broadcast. */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = broadcastOperands("where", [a, b], { device: deviceOf([a, b, condition]) });
  const mask = truth(asTensor("where", "condition", condition, x.device).node);
  const [m, left, right] = broadcastNodes("where", [mask, x, y], ["condition", "a", "b"]);
  return wrap(choose(m, left, right));
}

/** `x` in another dtype: floats are truncated toward zero, anything but zero is true. */
export function astype(x: TensorLike, dtype: DType): Tensor {
  const node = asNode("astype", x);
  return wrap(cast(node, storedDType("astype", checkDType("astype", dtype), node.device)));
}

/** `x` on another device; floats take that device's width (float64 on cpu). Copied when it is read. */
export function to(x: TensorLike, device: Device): Tensor {
  checkDevice("to", device);
  return wrap(transfer(asNode("to", x), device));
}
