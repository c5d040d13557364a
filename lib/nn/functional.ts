/** Functions of networks that hold no parameters of their own. */
import { mulNoNan } from "../ops/binary";
import type { TensorLike } from "../tensor";
import { arange, logicalOr, random, tensor, Tensor, where, withDevice } from "../tensor";
import { readNumbers } from "../tensor/create";
import { asTensor, broadcastOperands, deviceOf } from "../tensor/lift";
import { wrap } from "../tensor/tensor";
import { checkIn, checkWhole } from "../util/checks";
import { isFloat, type DType } from "../util/dtypes";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, sameShape, type Shape } from "../util/shapes";

export type Reduction = "mean" | "sum" | "none";

export function reduceLoss(where: string, losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "mean") return losses.mean();
  if (reduction === "sum") return losses.sum();
  if (reduction === "none") return losses;
  return refuse(where, `reduction must be "mean", "sum" or "none", got ${describe(reduction)}`);
}

export interface CrossEntropyOptions {
  /** "mean" unless given. */
  readonly reduction?: Reduction;
  /** The part of each target that is spread evenly over all classes (Szegedy et al. 2016); 0 unless given. */
  readonly labelSmoothing?: number;
}

/**
 * The cross-entropy −log softmax(logits)[label] of logits [..., classes]. `labels` are class numbers of shape [...], or
 * probabilities of the logits' shape. A class of probability 0 counts nothing, though its logit be −∞. Refuses arrays
 * with class numbers out of range; in a tensor, which may not be computed yet, they make the loss NaN.
 */
export function crossEntropy(
  logits: TensorLike,
  labels: TensorLike,
  options: CrossEntropyOptions = {},
): Tensor {
  checkOptions("crossEntropy", options, ["reduction", "labelSmoothing"]);
  const { reduction = "mean", labelSmoothing = 0 } = options;
  checkIn("crossEntropy", "labelSmoothing", labelSmoothing, (part) => part >= 0 && part < 1, "lie in [0, 1)");
  const device = deviceOf([logits, labels]);
  const z = asTensor("crossEntropy", "logits", logits, device);
  if (z.ndim === 0) refuse("crossEntropy", "logits must have an axis of classes, got a scalar");
  const targets = asTensor("crossEntropy", "labels", labels, device);
  if (isFloat(targets.dtype) && sameShape(targets.shape, z.shape)) {
    return reduceLoss("crossEntropy", entropies(z, smoothed(targets, labelSmoothing)), reduction);
  }
  const classes = z.shape[z.ndim - 1];
  checkClassNumbers(z.shape, labels, targets);
  const losses = entropies(z, smoothed(oneHot(targets, classes).astype(z.dtype), labelSmoothing));
  return reduceLoss("crossEntropy", losses.add(nanOutside(targets, classes, losses.dtype)), reduction);
}

/** −Σ p log softmax(logits) over the last axis, where 0 · log 0 is 0. */
function entropies(logits: Tensor, probabilities: Tensor): Tensor {
  const [p, logs] = broadcastOperands("crossEntropy", [probabilities, logits.logSoftmax(-1)]);
  return wrap(mulNoNan(p, logs)).sum(-1).neg();
}

function smoothed(probabilities: Tensor, part: number): Tensor {
  if (part === 0) return probabilities;
  return probabilities.mul(1 - part).add(part / probabilities.shape[probabilities.ndim - 1]);
}

function checkClassNumbers(logits: Shape, labels: TensorLike, { shape }: Tensor): void {
  const wanted = logits.slice(0, -1);
  const classes = logits[logits.length - 1];
  if (!sameShape(shape, wanted)) {
    refuse(
      "crossEntropy",
      `labels must have shape ${formatShape(wanted)} (class numbers) or ${formatShape(logits)} (probabilities), got ${formatShape(shape)}`,
    );
  }
  if (labels instanceof Tensor) return;
  const wrong = readNumbers("crossEntropy", "labels", labels).data.find((c) => !(c >= 0 && c < classes));
  if (wrong === undefined) return;
  refuse("crossEntropy", `labels must be class numbers from 0 to ${classes - 1}, got ${wrong}`);
}

/** NaN for each class number out of range, else 0: added to the losses, it costs no kernel and leaves gradients as they are. */
function nanOutside(labels: Tensor, classes: number, dtype: DType): Tensor {
  const numbers = labels.astype("int32");
  const outside = logicalOr(numbers.less(0), numbers.greaterEqual(classes));
  return where(isFloat(labels.dtype) ? logicalOr(outside, labels.isNaN()) : outside, NaN, 0).astype(dtype);
}

/** 1 at the class of each label and 0 elsewhere, float [...labels.shape, classes]; nowhere 1 for a label out of range. */
export function oneHot(labels: TensorLike, classes: number): Tensor {
  checkWhole("oneHot", "classes", classes, 1);
  const given = asTensor("oneHot", "labels", labels);
  const all = withDevice(given.device, () => arange(classes));
  return given.astype("int32").expandDims(-1).equal(all).astype(given.device.floatType);
}

export interface NormalizationOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
}

function epsOf(where: string, options: NormalizationOptions): number {
  checkOptions(where, options, ["eps"]);
  const { eps = 1e-5 } = options;
  return checkIn(where, "eps", eps, (e) => e > 0, "be above 0");
}

/** x in float32 where it is float16, whose squares overflow and whose sums are coarse. */
export function widened(x: Tensor): Tensor {
  return x.dtype === "float16" ? x.astype("float32") : x;
}

/** (x − mean) / √(variance + eps) · gamma + beta, all of shapes that broadcast, in the dtype of x. */
export function standardize(
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  gamma: Tensor,
  beta: Tensor,
  eps: number,
): Tensor {
  return widened(x).sub(mean).mul(variance.add(eps).rsqrt().mul(gamma)).add(beta).astype(x.dtype);
}

/**
 * Each sample with mean 0 and variance 1 over the last axes, those of `gamma` and `beta`, then scaled and shifted
 * (Ba, Kiros & Hinton 2016).
 */
export function layerNorm(
  x: TensorLike,
  gamma: TensorLike,
  beta: TensorLike,
  options: NormalizationOptions = {},
): Tensor {
  const eps = epsOf("layerNorm", options);
  const device = deviceOf([x, gamma, beta]);
  const given = asTensor("layerNorm", "x", x, device);
  const [scale, shift] = [
    asTensor("layerNorm", "gamma", gamma, device),
    asTensor("layerNorm", "beta", beta, device),
  ];
  const trailing = given.shape.slice(given.ndim - scale.ndim);
  if (scale.ndim === 0 || !sameShape(trailing, scale.shape) || !sameShape(scale.shape, shift.shape)) {
    refuse(
      "layerNorm",
      `gamma and beta must have the shape of the last axes of x ${formatShape(given.shape)}, got ${formatShape(scale.shape)} and ${formatShape(shift.shape)}`,
    );
  }
  const axes = scale.shape.map((_, i) => i - scale.ndim);
  const keep = { keepdims: true };
  const wide = widened(given);
  return standardize(given, wide.mean(axes, keep), wide.variance(axes, keep), scale, shift, eps);
}

/**
 * Each channel with mean 0 and variance 1 over the batch, x [n, c] or [n, c, h, w], then scaled and shifted by `gamma`
 * and `beta` of shape [c] (Ioffe & Szegedy 2015; Goodfellow et al. 8.35). The variance is the biased one, as in torch.
 */
export function batchNorm(
  x: TensorLike,
  gamma: TensorLike,
  beta: TensorLike,
  options: NormalizationOptions = {},
): Tensor {
  const eps = epsOf("batchNorm", options);
  const device = deviceOf([x, gamma, beta]);
  const given = asTensor("batchNorm", "x", x, device);
  const { mean, variance } = channelMoments("batchNorm", given);
  const [scale, shift] = [
    perChannel("gamma", given, asTensor("batchNorm", "gamma", gamma, device)),
    perChannel("beta", given, asTensor("batchNorm", "beta", beta, device)),
  ];
  return standardize(
    given,
    perChannel("mean", given, mean),
    perChannel("variance", given, variance),
    scale,
    shift,
    eps,
  );
}

/** Mean and biased variance of each channel, [c], and of how many elements they are. */
export interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly count: number | Tensor;
}

/** The moments of x [n, c] or [n, c, h, w]; `psum` sums over those that have the other samples of the batch. */
export function channelMoments(where: string, given: Tensor, psum?: (x: Tensor) => Tensor): Moments {
  const x = widened(given);
  if (x.ndim !== 2 && x.ndim !== 4) {
    refuse(
      where,
      `x must have shape [samples, channels] or [samples, channels, height, width], got ${formatShape(x.shape)}`,
    );
  }
  const axes = x.ndim === 2 ? [0] : [0, 2, 3];
  const own = x.size / x.shape[1];
  if (psum === undefined) return { mean: x.mean(axes), variance: x.variance(axes), count: own };
  const count = psum(withDevice(x.device, () => tensor(own)));
  const mean = psum(x.sum(axes)).div(count);
  const variance = psum(
    x
      .sub(perChannel("mean", x, mean))
      .square()
      .sum(axes),
  ).div(count);
  return { mean, variance, count };
}

/** A tensor [c] so that it broadcasts over x [n, c, ...]. */
export function perChannel(name: string, x: Tensor, value: Tensor): Tensor {
  const [, channels] = x.shape;
  if (!(value instanceof Tensor)) refuse("batchNorm", `${name} must be a tensor, got ${describe(value)}`);
  if (value.ndim !== 1 || value.shape[0] !== channels) {
    refuse(
      "batchNorm",
      `${name} must have shape [${channels}] for x of shape ${formatShape(x.shape)}, got ${formatShape(value.shape)}`,
    );
  }
  return x.ndim === 2 ? value : value.reshape([channels, 1, 1]);
}

/** Elements zero with probability `rate`, the others divided by 1 − rate (Srivastava et al. 2014). */
export function dropout(x: TensorLike, rate: number, key: Tensor): Tensor {
  checkIn("dropout", "rate", rate, (r) => r >= 0 && r < 1, "lie in [0, 1)");
  const given = asTensor("dropout", "x", x, deviceOf([x, key]));
  if (rate === 0) return given;
  const kept = random.bernoulli(key, given.shape, { p: 1 - rate });
  return where(kept, given.div(1 - rate), 0);
}
