/** Orderings and running sums along an axis. */
import type { Node } from "../graph/node";
import { cast } from "../ops/cast";
import { cumsum as cumsumNodes } from "../ops/cumsum";
import { argsort as argsortNodes, rearrange } from "../ops/sort";
import { reshape, slice } from "../ops/view";
import { checkFlag } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, normalizeAxis, sizeOf } from "../util/shapes";
import { asNode } from "./lift";
import { wrap, type Tensor, type TensorLike } from "./tensor";

export interface SortOptions {
  /** From the greatest to the least. */
  readonly descending?: boolean;
}

/** Integers for bool, which then have an order and can be added. */
function numbersOf(x: Node): Node {
  return x.dtype === "bool" ? cast(x, "int32") : x;
}

/** The sums of the elements up to each, along `axis` (of the flattened tensor unless given); bool counts as 0 and 1. */
export function cumsum(x: TensorLike, axis?: number): Tensor {
  const given = numbersOf(asNode("cumsum", x));
  const node = axis === undefined ? reshape(given, [sizeOf(given.shape)]) : given;
  return wrap(cumsumNodes(node, normalizeAxis("cumsum", axis ?? 0, node.shape.length)));
}

function orderOf(where: string, x: TensorLike, axis: number, options: SortOptions): [Node, Node, number] {
  checkOptions(where, options, ["descending"]);
  const descending = checkFlag(where, "descending", options.descending);
  const node = asNode(where, x);
  const at = normalizeAxis(where, axis, node.shape.length);
  return [node, argsortNodes(numbersOf(node), at, descending), at];
}

/** The elements in ascending order along `axis` (the last unless given); NaN counts as the greatest. */
export function sort(x: TensorLike, axis = -1, options: SortOptions = {}): Tensor {
  const [node, order, at] = orderOf("sort", x, axis, options);
  return wrap(rearrange(node, order, at));
}

/** The positions of the elements in ascending order along `axis` (the last unless given), int32; equal ones in order. */
export function argsort(x: TensorLike, axis = -1, options: SortOptions = {}): Tensor {
  return wrap(orderOf("argsort", x, axis, options)[1]);
}

/**
 * The `k` greatest elements along `axis` (the last unless given), descending, and their positions; of equal ones the
 * first, NaN before all.
 */
export function topK(x: TensorLike, k: number, axis = -1): { values: Tensor; indices: Tensor } {
  const [node, order, at] = orderOf("topK", x, axis, { descending: true });
  if (!Number.isInteger(k) || k < 0 || k > node.shape[at]) {
    refuse(
      "topK",
      `k must be an integer from 0 to ${node.shape[at]}, the length of axis ${at} of shape ${formatShape(node.shape)}, got ${describe(k)}`,
    );
  }
  return { values: wrap(firstOf(rearrange(node, order, at), at, k)), indices: wrap(firstOf(order, at, k)) };
}

function firstOf(x: Node, axis: number, count: number): Node {
  const zeros = x.shape.map(() => 0);
  return slice(
    x,
    zeros,
    x.shape.map((n, d) => (d === axis ? count : n)),
    x.shape.map(() => 1),
  );
}
