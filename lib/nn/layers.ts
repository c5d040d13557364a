/** Layers with weights, and those that only map. */
import { random, tensor, Tensor, withDevice } from "../tensor";
import * as elementwise from "../tensor/elementwise";
import { avgPool2d as avgPool, conv2d as convolve, maxPool2d as maxPool } from "../tensor/images";
import type { Conv2dOptions as ConvolutionOptions, PerAxis, PoolOptions } from "../tensor/images";
import { checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import { lecunNormal, normal, zeros, type Initializer } from "./init";
import { checked, mapping, nothing, type Module, type Nothing } from "./module";

type Weights<Bias extends boolean> = Bias extends false
  ? { readonly w: Tensor }
  : { readonly w: Tensor; readonly b: Tensor };

export interface WeightOptions<Bias extends boolean> {
  /** Whether a bias is added; true unless given. */
  readonly bias?: Bias;
  /** First weights; nn.init.lecunNormal unless given. The bias begins at 0. */
  readonly init?: Initializer;
}

function weights<Bias extends boolean>(
  key: Tensor,
  shape: Shape,
  outputs: number,
  { bias, init = lecunNormal }: WeightOptions<Bias>,
): { params: Weights<Bias>; state: Nothing } {
  const [forWeights, forBias] = random.split(key);
  const w = init(forWeights, shape);
  const params = bias === false ? { w } : { w, b: zeros(forBias, [outputs]) };
  return { params: params as Weights<Bias>, state: nothing };
}

function weightsOf(where: string, params: object): { readonly w: Tensor; readonly b?: Tensor } {
  const { w, b } = params as { readonly w?: unknown; readonly b?: unknown };
  if (w instanceof Tensor && (b === undefined || b instanceof Tensor)) return { w, b };
  return refuse(where, `params must hold a tensor w, got ${describe(params)}`);
}

/** x·w + b over the last axis: [..., in] to [..., units]; w [in, units], b [units]. */
export function dense<Bias extends boolean = true>(
  units: number,
  options: WeightOptions<Bias> = {},
): Module<Weights<Bias>, Nothing> {
  checkWhole("dense", "units", units, 1);
  checkOptions("dense", options, ["bias", "init"]);
  return checked({
    kind: "dense",
    flops: (input, output) => 2 * sizeOf(output) * input[input.length - 1],
    init(key, inputShape) {
      const inputs = inputShape[inputShape.length - 1];
      if (inputs === undefined) refuse("dense", "inputShape must have an axis of features, got []");
      return weights(key, [inputs, units], units, options);
    },
    apply({ params }, x) {
      const { w, b } = weightsOf("dense", params);
      if (x.shape[x.ndim - 1] !== w.shape[0]) {
        refuse(
          "dense",
          `x must have shape [..., ${w.shape[0]}] for w of shape ${formatShape(w.shape)}, got ${formatShape(x.shape)}`,
        );
      }
      const y = x.matmul(w);
      return { y: b ? y.add(b) : y, state: nothing };
    },
  });
}

export interface Conv2dOptions<Bias extends boolean> extends WeightOptions<Bias>, ConvolutionOptions {}

/** Convolution of images [n, c, h, w] by `channels` kernels: w [channels, c / groups, kh, kw], b [channels]. */
export function conv2d<Bias extends boolean = true>(
  channels: number,
  kernel: PerAxis,
  options: Conv2dOptions<Bias> = {},
): Module<Weights<Bias>, Nothing> {
  checkWhole("conv2d", "channels", channels, 1);
  checkOptions("conv2d", options, ["bias", "init", "stride", "padding", "dilation", "groups"]);
  const { bias, init, ...convolution } = options;
  const { groups = 1 } = convolution;
  const size = kernelSize("conv2d", kernel);
  return checked({
    kind: "conv2d",
    inputAxes: 4,
    flops: (input, output) => (2 * sizeOf(output) * input[1] * sizeOf(size)) / groups,
    init(key, inputShape) {
      checkImages("conv2d", "inputShape", inputShape);
      if (inputShape[1] % groups !== 0 || channels % groups !== 0) {
        refuse(
          "conv2d",
          `${groups} groups do not divide ${inputShape[1]} input channels and ${channels} channels`,
        );
      }
      return weights(key, [channels, inputShape[1] / groups, ...size], channels, { bias, init });
    },
    apply({ params }, x) {
      checkImages("conv2d", "x", x.shape);
      const { w, b } = weightsOf("conv2d", params);
      if (x.shape[1] !== w.shape[1] * groups) {
        refuse(
          "conv2d",
          `x must have shape [n, ${w.shape[1] * groups}, h, w] for w of shape ${formatShape(w.shape)}, got ${formatShape(x.shape)}`,
        );
      }
      const y = convolve(x, w, convolution);
      return { y: b ? y.add(b.reshape([channels, 1, 1])) : y, state: nothing };
    },
  });
}

/** Height and width. */
function kernelSize(where: string, kernel: unknown): readonly number[] {
  const size: unknown = typeof kernel === "number" ? [kernel, kernel] : kernel;
  if (Array.isArray(size) && size.length === 2)
    return Array.from(size as unknown[], (k) => checkWhole(where, "kernel", k, 1));
  return refuse(where, `kernel must be a size or [height, width], got ${describe(kernel)}`);
}

function checkImages(where: string, name: string, shape: Shape): void {
  if (shape.length !== 4) {
    refuse(where, `${name} must be [samples, channels, height, width], got ${formatShape(shape)}`);
  }
}

const unitNormal: Initializer = (key, shape) => normal(key, shape, { std: 1 });

/** A vector of `size` for each of `count` classes: integers [...] to [..., size]; w [count, size]. */
export function embedding(
  count: number,
  size: number,
  options: { readonly init?: Initializer } = {},
): Module<{ readonly w: Tensor }, Nothing> {
  checkWhole("embedding", "count", count, 1);
  checkWhole("embedding", "size", size, 1);
  checkOptions("embedding", options, ["init"]);
  const { init = unitNormal } = options;
  return checked({
    kind: "embedding",
    init: (key) => ({ params: { w: init(key, [count, size]) }, state: nothing }),
    apply: ({ params }, x) => ({ y: weightsOf("embedding", params).w.take(x, 0), state: nothing }),
  });
}

/** A kernel's size, or all options of `tensor.maxPool2d`. */
export type Pool = PerAxis | PoolOptions;

function pooling(
  kind: string,
  pool: (x: Tensor, options: PoolOptions) => Tensor,
  given: Pool,
): Module<Nothing, Nothing> {
  const isSize = typeof given === "number" || Array.isArray(given);
  if (!isSize && (typeof given !== "object" || given === null)) {
    refuse(kind, `expected the kernel's size or {kernel, stride, padding}, got ${describe(given)}`);
  }
  const options = (isSize ? { kernel: given } : given) as PoolOptions;
  const elements = sizeOf(kernelSize(kind, options.kernel));
  return { ...mapping(kind, (x) => pool(x, options), elements), inputAxes: 4 };
}

/** The largest element of each window: `maxPool2d(2)` or `maxPool2d({ kernel: 3, stride: 2, padding: 1 })`. */
export function maxPool2d(pool: Pool): Module<Nothing, Nothing> {
  return pooling("maxPool2d", maxPool, pool);
}

/** The mean of each window: `avgPool2d(2)` or `avgPool2d({ kernel: 3, stride: 2, padding: 1 })`. */
export function avgPool2d(pool: Pool): Module<Nothing, Nothing> {
  return pooling("avgPool2d", avgPool, pool);
}

/** The mean of each channel: [n, c, h, w] to [n, c]. */
export function globalAvgPool(): Module<Nothing, Nothing> {
  const mean = (x: Tensor): Tensor => {
    checkImages("globalAvgPool", "x", x.shape);
    return x.mean([2, 3]);
  };
  return { ...mapping("globalAvgPool", mean, 1), inputAxes: 4, flops: (input) => sizeOf(input) };
}

/**
 * Means over windows chosen so that the result has `size` rows and columns, whatever the input has: torch's
 * AdaptiveAvgPool2d, whose window i of n covers ⌊i·h/n⌋ to ⌈(i + 1)·h/n⌉.
 */
export function adaptiveAvgPool2d(size: number): Module<Nothing, Nothing> {
  checkWhole("adaptiveAvgPool2d", "size", size, 1);
  const average = (x: Tensor): Tensor => {
    checkImages("adaptiveAvgPool2d", "x", x.shape);
    const [, , height, width] = x.shape;
    if (height === size && width === size) return x;
    const [rows, columns] = withDevice(x.device, () => [height, width].map((n) => averaging(n, size)));
    return rows.matmul(x).matmul(columns.transpose());
  };
  return { ...mapping("adaptiveAvgPool2d", average, 1), inputAxes: 4, flops: (input) => sizeOf(input) };
}

/** The matrix [size, length] that takes the mean of each window of a line. */
function averaging(length: number, size: number): Tensor {
  const rows = Array.from({ length: size }, (_, i) => {
    const [from, to] = [Math.floor((i * length) / size), Math.ceil(((i + 1) * length) / size)];
    return Array.from({ length }, (_, j) => (j >= from && j < to ? 1 / (to - from) : 0));
  });
  return tensor(rows);
}

/** [n, ...] to [n, product of the rest]. */
export function flatten(): Module<Nothing, Nothing> {
  return mapping(
    "flatten",
    (x) => {
      if (x.ndim === 0) refuse("flatten", "x must have a batch axis, got []");
      return x.reshape([x.shape[0], sizeOf(x.shape.slice(1))]);
    },
    0,
  );
}

const activation = (kind: string, fn: (x: Tensor) => Tensor) => (): Module<Nothing, Nothing> =>
  mapping(kind, fn, 1);

/** max(x, 0). */
export const relu = activation("relu", elementwise.relu);
/** x where positive, else slope · x (0.01 unless given). */
export const leakyRelu = (slope = 0.01): Module<Nothing, Nothing> =>
  mapping("leakyRelu", (x) => elementwise.leakyRelu(x, slope), 1);
/** x where positive, else α(eˣ − 1). */
export const elu = (alpha = 1): Module<Nothing, Nothing> =>
  mapping("elu", (x) => elementwise.elu(x, alpha), 1);
/** x · Φ(x). */
export const gelu = activation("gelu", elementwise.gelu);
/** x · sigmoid(x). */
export const silu = activation("silu", elementwise.silu);
/** log(1 + eˣ). */
export const softplus = activation("softplus", elementwise.softplus);
/** The hyperbolic tangent. */
export const tanh = activation("tanh", elementwise.tanh);
/** 1 / (1 + e^−x). */
export const sigmoid = activation("sigmoid", elementwise.sigmoid);
/** eˣ / Σ eˣ over the last axis. Losses take logits: leave it out before them. */
export const softmax = activation("softmax", (x) => x.softmax());
