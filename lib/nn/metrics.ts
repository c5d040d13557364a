/** What is told of a classifier beside its loss. `labels` are class numbers, of the logits' shape without the last axis. */
import { tensor, where, type Tensor, type TensorLike } from "../tensor";
import { checkWhole } from "../util/checks";
import { refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import { oneHot } from "./functional";

function labelsFor(where: string, logits: Tensor, labels: TensorLike): Tensor {
  const given = tensor(labels);
  const wanted = logits.shape.slice(0, -1);
  if (logits.ndim === 0 || !sameShape(given.shape, wanted)) {
    refuse(
      where,
      `labels must have shape ${formatShape(wanted)} for logits ${formatShape(logits.shape)}, got ${formatShape(given.shape)}`,
    );
  }
  return given.astype("int32");
}

/** The part of the samples whose largest logit is that of their label: a scalar. */
export function accuracy(logits: Tensor, labels: TensorLike): Tensor {
  const wanted = labelsFor("accuracy", logits, labels);
  return logits.argmax(-1).equal(wanted).astype(logits.dtype).mean();
}

/** The part of the samples for which fewer than k logits exceed that of the label: a scalar. */
export function topKAccuracy(logits: Tensor, labels: TensorLike, k = 5): Tensor {
  checkWhole("topKAccuracy", "k", k, 1);
  const wanted = labelsFor("topKAccuracy", logits, labels);
  const isTarget = oneHot(wanted, logits.shape[logits.ndim - 1]);
  const target = where(isTarget, logits, 0).sum(-1, { keepdims: true });
  return logits.greater(target).sum(-1).less(k).astype(logits.dtype).mean();
}

/** [classes, classes] counts: row = label, column = prediction. */
export function confusionMatrix(logits: Tensor, labels: TensorLike): Tensor {
  const wanted = labelsFor("confusionMatrix", logits, labels);
  const classes = logits.shape[logits.ndim - 1];
  const [rows, columns] = [wanted, logits.argmax(-1)].map((l) => oneHot(l.reshape([l.size]), classes));
  return rows.transpose().matmul(columns);
}
