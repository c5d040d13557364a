/** What is told of a classifier beside its loss. `labels` are class numbers, of the logits' shape without the last axis. */
import { where, type Tensor, type TensorLike } from "../tensor";
import { asTensor, deviceOf } from "../tensor/lift";
import { checkWhole } from "../util/checks";
import { refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import { oneHot } from "./functional";

/** The logits, and the labels as int32. */
function classified(where: string, logits: TensorLike, labels: TensorLike): [Tensor, Tensor] {
  const device = deviceOf([logits, labels]);
  const z = asTensor(where, "logits", logits, device);
  const given = asTensor(where, "labels", labels, device);
  const wanted = z.shape.slice(0, -1);
  if (z.ndim === 0 || !sameShape(given.shape, wanted)) {
    refuse(
      where,
      `labels must have shape ${formatShape(wanted)} for logits ${formatShape(z.shape)}, got ${formatShape(given.shape)}`,
    );
  }
  return [z, given.astype("int32")];
}

/** The part of the samples whose largest logit is that of their label: a scalar. */
export function accuracy(logits: TensorLike, labels: TensorLike): Tensor {
  const [z, wanted] = classified("accuracy", logits, labels);
  return z.argmax(-1).equal(wanted).astype(z.dtype).mean();
}

/** The part of the samples for which fewer than k logits exceed that of the label: a scalar. */
export function topKAccuracy(logits: TensorLike, labels: TensorLike, k = 5): Tensor {
  checkWhole("topKAccuracy", "k", k, 1);
  const [z, wanted] = classified("topKAccuracy", logits, labels);
  const isTarget = oneHot(wanted, z.shape[z.ndim - 1]);
  const target = where(isTarget, z, 0).sum(-1, { keepdims: true });
  return z.greater(target).sum(-1).less(k).astype(z.dtype).mean();
}

/** [classes, classes] counts: row = label, column = prediction. */
export function confusionMatrix(logits: TensorLike, labels: TensorLike): Tensor {
  const [z, wanted] = classified("confusionMatrix", logits, labels);
  const classes = z.shape[z.ndim - 1];
  const [rows, columns] = [wanted, z.argmax(-1)].map((l) => oneHot(l.reshape([l.size]), classes));
  return rows.transpose().matmul(columns);
}
