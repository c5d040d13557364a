import type { Node } from "../graph/node";
import { asFloat, asTensor, deviceOf } from "../tensor/lift";
import type { TensorLike } from "../tensor/tensor";
import { refuse } from "../util/errors";
import { formatShape } from "../util/shapes";

/** `x` as [...batch, m, n] floats; an array goes to the device of the tensors among `beside`. */
export function asMatrices(where: string, x: TensorLike, beside: readonly unknown[] = []): Node {
  const node = asFloat(where, asTensor(where, "a", x, deviceOf([x, ...beside])));
  if (node.shape.length < 2) {
    refuse(
      where,
      `a must be a matrix [m, n] or a batch of them [..., m, n], got shape ${formatShape(node.shape)}`,
    );
  }
  return node;
}

/** `x` as [...batch, n, n] floats. */
export function asSquare(where: string, x: TensorLike, beside: readonly unknown[] = []): Node {
  const node = asMatrices(where, x, beside);
  const [m, n] = node.shape.slice(-2);
  if (m !== n) refuse(where, `a must be square matrices [..., n, n], got shape ${formatShape(node.shape)}`);
  return node;
}
