/** What linear algebra is written in beside products, over the last two axes. */
import { makeNode, settle, type Node } from "../graph/node";
import type { Shape } from "../util/shapes";
import { add, mul } from "./binary";
import { constantLike, leaf } from "./define";
import { matrixTranspose } from "./matmul";
import { expand, sum } from "./sum";
import { reshape } from "./view";

export function symmetric(a: Node): Node {
  const total = add(a, matrixTranspose(a));
  return mul(total, constantLike(total, 0.5));
}

export function upper(a: Node): Node {
  return mul(
    a,
    maskLike(a, (i, j) => (i <= j ? 1 : 0)),
  );
}

export function identityLike(a: Node): Node {
  return maskLike(a, (i, j) => (i === j ? 1 : 0));
}

/** A constant of the shape of `a` with the same entries in each matrix. */
export function maskLike(a: Node, entry: (row: number, column: number) => number): Node {
  const [m, n] = a.shape.slice(-2);
  const data = Float64Array.from({ length: m * n }, (_, k) => entry(Math.floor(k / n), k % n));
  const aval = { shape: [m, n], dtype: a.dtype };
  const node = makeNode(leaf, [], {}, a.device, aval);
  settle(node, a.device.store(data, aval));
  return expand(reshape(node, [...a.shape.slice(0, -2).map(() => 1), m, n]), a.shape);
}

export function columnSum(a: Node): Node {
  return sum(a, [a.shape.length - 2]);
}

export function traceOf(product: Node): Node {
  const { length } = product.shape;
  return sum(product, [length - 2, length - 1]);
}

export function spread(perMatrix: Node, shape: Shape): Node {
  return expand(reshape(perMatrix, [...perMatrix.shape, 1, 1]), shape);
}
