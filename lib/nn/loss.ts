/** Losses: each takes predictions and targets of a batch and gives the mean over it, unless `reduction` says otherwise. */
import type { Tensor, TensorLike } from "../tensor";
import { asTensor, deviceOf } from "../tensor/lift";
import { checkIn } from "../util/checks";
import { checkOptions, refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import { reduceLoss, type Reduction } from "./functional";

export { crossEntropy, type CrossEntropyOptions } from "./functional";

export interface LossOptions {
  /** "mean" unless given. */
  readonly reduction?: Reduction;
}

/** The targets, in the predictions' dtype; refuses other shapes, which would broadcast to nonsense. */
function matching(where: string, predictions: Tensor, targets: TensorLike): Tensor {
  const given = asTensor(where, "targets", targets, predictions.device);
  if (!sameShape(given.shape, predictions.shape)) {
    refuse(
      where,
      `targets must have the predictions' shape ${formatShape(predictions.shape)}, got ${formatShape(given.shape)}`,
    );
  }
  return given.astype(predictions.dtype);
}

function elementwise(where: string, loss: (prediction: Tensor, target: Tensor) => Tensor) {
  return (predictions: TensorLike, targets: TensorLike, options: LossOptions = {}): Tensor => {
    checkOptions(where, options, ["reduction"]);
    const given = asTensor(where, "predictions", predictions, deviceOf([predictions, targets]));
    const losses = loss(given, matching(where, given, targets));
    return reduceLoss(where, losses, options.reduction ?? "mean");
  };
}

/** The squared error (p − t)². */
export const mse = elementwise("mse", (p, t) => p.sub(t).square());

/** The absolute error |p − t|. */
export const mae = elementwise("mae", (p, t) => p.sub(t).abs());

/** −t log σ(z) − (1 − t) log(1 − σ(z)) of logits z and targets t in [0, 1], without overflow. */
export const binaryCrossEntropy = elementwise("binaryCrossEntropy", (z, t) => z.softplus().sub(z.mul(t)));

/** max(0, 1 − t·s) of scores s and targets t of −1 and 1. */
export const hinge = elementwise("hinge", (s, t) => t.mul(s).neg().add(1).relu());

export interface HuberOptions extends LossOptions {
  /** Where the parabola becomes a line; 1 unless given. */
  readonly delta?: number;
}

/** ½e² where |e| ≤ δ, else δ(|e| − ½δ), with e = p − t (Huber 1964). */
export function huber(predictions: TensorLike, targets: TensorLike, options: HuberOptions = {}): Tensor {
  checkOptions("huber", options, ["reduction", "delta"]);
  const { reduction = "mean", delta = 1 } = options;
  checkIn("huber", "delta", delta, (d) => d > 0, "be above 0");
  const given = asTensor("huber", "predictions", predictions, deviceOf([predictions, targets]));
  const error = given.sub(matching("huber", given, targets)).abs();
  const inside = error.minimum(delta);
  const losses = inside.square().mul(0.5).add(error.sub(inside).mul(delta));
  return reduceLoss("huber", losses, reduction);
}
