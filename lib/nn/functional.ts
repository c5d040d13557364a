/** Functions of networks that hold no parameters of their own. */
import type { Tensor, TensorLike } from "../tensor";
import { arange, tensor, withDevice } from "../tensor";
import { isFloat } from "../util/dtypes";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";

export type Reduction = "mean" | "sum" | "none";

export function reduceLoss(where: string, losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "mean") return losses.mean();
  if (reduction === "sum") return losses.sum();
  if (reduction === "none") return losses;
  return refuse(where, `reduction must be "mean", "sum" or "none", got ${describe(reduction)}`);
}

/**
 * The cross-entropy −log softmax(logits)[label] of logits [..., classes]. `labels` are class numbers of shape [...], or
 * probabilities of the logits' shape.
 */
export function crossEntropy(
  logits: Tensor,
  labels: TensorLike,
  options: { readonly reduction?: Reduction } = {},
): Tensor {
  checkOptions("crossEntropy", options, ["reduction"]);
  const { reduction = "mean" } = options;
  const targets = tensor(labels);
  if (logits.ndim === 0) refuse("crossEntropy", "logits must have an axis of classes, got a scalar");
  const logProbabilities = logits.logSoftmax(-1);
  const losses = logProbabilities.mul(targetProbabilities(logits, targets)).sum(-1).neg();
  return reduceLoss("crossEntropy", losses, reduction);
}

function targetProbabilities(logits: Tensor, targets: Tensor): Tensor {
  if (isFloat(targets.dtype) && sameShape(targets.shape, logits.shape)) return targets;
  const wanted = logits.shape.slice(0, -1);
  if (!sameShape(targets.shape, wanted)) {
    refuse(
      "crossEntropy",
      `labels must have shape ${formatShape(wanted)} (class numbers) or ${formatShape(logits.shape)} (probabilities), got ${formatShape(targets.shape)}`,
    );
  }
  return oneHot(targets, logits.shape[logits.ndim - 1]).astype(logits.dtype);
}

/** 1 at the class of each label and 0 elsewhere, float [...labels.shape, classes]; nowhere 1 for a label out of range. */
export function oneHot(labels: TensorLike, classes: number): Tensor {
  if (!Number.isInteger(classes) || classes < 1) {
    refuse("oneHot", `classes must be a positive integer, got ${describe(classes)}`);
  }
  const given = tensor(labels);
  const all = withDevice(given.device, () => arange(classes));
  return given.astype("int32").expandDims(-1).equal(all).astype(given.device.floatType);
}
