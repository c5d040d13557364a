/** First values of parameters, as functions of a key and a shape: [in, out] of a dense layer, OIHW of a convolution. */
import { qr } from "../linalg";
import { eye, random, withDevice, zeros as zerosOf, ones as onesOf, type Tensor } from "../tensor";
import { checkOptions, describe, refuse } from "../util/errors";
import { checkShape, formatShape, sizeOf, type Shape } from "../util/shapes";

export type Initializer = (key: Tensor, shape: Shape) => Tensor;

export interface ScalingOptions {
  /** The standard deviation is multiplied by this; 1 unless given. */
  readonly gain?: number;
}

export interface HeOptions extends ScalingOptions {
  /** Keep the variance of activations ("fanIn", unless given) or that of gradients ("fanOut"). */
  readonly mode?: "fanIn" | "fanOut";
}

interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** How many inputs one output has, and how many outputs one input. */
function fans(where: string, shape: Shape): Fans {
  checkShape(where, shape);
  if (shape.length === 2) return { fanIn: shape[0], fanOut: shape[1] };
  if (shape.length === 4) {
    const field = shape[2] * shape[3];
    return { fanIn: shape[1] * field, fanOut: shape[0] * field };
  }
  return refuse(where, `shape must be [in, out] or [out, in, height, width], got ${formatShape(shape)}`);
}

type Distribution = "uniform" | "normal";

/** Mean 0 and the standard deviation `std`. */
function draw(distribution: Distribution, key: Tensor, shape: Shape, std: number): Tensor {
  if (distribution === "normal") return random.normal(key, shape, { std });
  const limit = Math.sqrt(3) * std;
  return random.uniform(key, shape, { minval: -limit, maxval: limit });
}

function scaled(where: string, distribution: Distribution, variance: (fans: Fans) => number) {
  return (key: Tensor, shape: Shape, options: ScalingOptions = {}): Tensor => {
    checkOptions(where, options, ["gain"]);
    const { gain = 1 } = options;
    if (!Number.isFinite(gain)) refuse(where, `gain must be a finite number, got ${describe(gain)}`);
    return draw(distribution, key, shape, gain * Math.sqrt(variance(fans(where, shape))));
  };
}

function he(where: string, distribution: Distribution) {
  return (key: Tensor, shape: Shape, options: HeOptions = {}): Tensor => {
    checkOptions(where, options, ["gain", "mode"]);
    const { mode = "fanIn", ...rest } = options;
    if (mode !== "fanIn" && mode !== "fanOut") {
      refuse(where, `mode must be "fanIn" or "fanOut", got ${describe(mode)}`);
    }
    return scaled(where, distribution, (f) => 2 / f[mode])(key, shape, rest);
  };
}

/** Uniform with variance 2 / (in + out): ±√(6 / (in + out)) (Glorot & Bengio 2010; Goodfellow et al. 8.23). */
export const glorotUniform = scaled("glorotUniform", "uniform", (f) => 2 / (f.fanIn + f.fanOut));
/** Normal with variance 2 / (in + out) (Glorot & Bengio 2010). */
export const glorotNormal = scaled("glorotNormal", "normal", (f) => 2 / (f.fanIn + f.fanOut));
/** Uniform with variance 1 / in (LeCun et al. 1998). */
export const lecunUniform = scaled("lecunUniform", "uniform", (f) => 1 / f.fanIn);
/** Normal with variance 1 / in (LeCun et al. 1998). */
export const lecunNormal = scaled("lecunNormal", "normal", (f) => 1 / f.fanIn);
/** Uniform with variance 2 / in, for layers that a relu follows (He et al. 2015). */
export const heUniform = he("heUniform", "uniform");
/** Normal with variance 2 / in, for layers that a relu follows (He et al. 2015). */
export const heNormal = he("heNormal", "normal");

/** Uniform in [−scale, scale), 0.05 unless given. */
export function uniform(key: Tensor, shape: Shape, options: { readonly scale?: number } = {}): Tensor {
  checkOptions("uniform", options, ["scale"]);
  const { scale = 0.05 } = options;
  return random.uniform(key, shape, { minval: -scale, maxval: scale });
}

/** Normal of standard deviation `std`, 0.01 unless given. */
export function normal(key: Tensor, shape: Shape, options: { readonly std?: number } = {}): Tensor {
  checkOptions("normal", options, ["std"]);
  return random.normal(key, shape, { std: options.std ?? 0.01 });
}

export const zeros: Initializer = (key, shape) => withDevice(key.device, () => zerosOf(shape));
export const ones: Initializer = (key, shape) => withDevice(key.device, () => onesOf(shape));

/** Orthonormal rows or columns, whichever are fewer, of the tensor as a matrix of its first axis (Saxe et al. 2014). */
export function orthogonal(key: Tensor, shape: Shape, options: ScalingOptions = {}): Tensor {
  checkOptions("orthogonal", options, ["gain"]);
  checkShape("orthogonal", shape);
  if (shape.length < 2) refuse("orthogonal", `shape must have at least two axes, got ${formatShape(shape)}`);
  const [rows, columns] = [shape[0], sizeOf(shape.slice(1))];
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  const { q, r } = qr(random.normal(key, [long, short]));
  // Without the signs of r's diagonal the result would not be uniform over the orthogonal matrices.
  const diagonal = r.mul(withDevice(key.device, () => eye(short))).sum(0);
  const signed = q.mul(diagonal.sign());
  const { gain = 1 } = options;
  return (rows < columns ? signed.transpose() : signed).reshape(shape).mul(gain);
}
