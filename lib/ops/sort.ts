/** Orderings: the permutation that sorts, and applying it. */
import { apply, isFloatNode, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { refuse } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { and, equal, isNaN, less, lessEqual, not, or, where, xor } from "./binary";
import { constantLike } from "./define";
import { take, takeAlongOp } from "./gather";
import { iota } from "./iota";
import { moveAxis, pad, reshape, slice } from "./view";

interface Ordering {
  readonly axis: number;
  readonly descending: boolean;
}

/**
 * The positions that sort along an axis; equal elements keep their order. NaN counts as greater than all else, as in
 * NumPy.
 */
export const argsortOp: Op = {
  name: "argsort",
  shape: ([x]) => {
    if (x.dtype === "bool") refuse("argsort", "is not defined for bool; convert it first");
    return { shape: x.shape, dtype: "int32" };
  },
  lowering: { kind: "expand", build: ([x], node) => bitonicOrder(x, node.attrs as unknown as Ordering) },
  cpu: ([x], attrs, out) => hostOrder(x, attrs as unknown as Ordering, cpuArray(out)),
  jvp: "nondifferentiable",
  transpose: "nonlinear",
  batch: ([x], _batched, node) => {
    const { axis, descending } = node.attrs as unknown as Ordering;
    return argsort(x, axis + 1, descending);
  },
};

export function argsort(x: Node, axis: number, descending = false): Node {
  return apply(argsortOp, [x], { axis, descending });
}

/** `takeAlongAxis` where the indices are a permutation, so that the transpose is the inverse permutation. */
export const rearrangeOp: Op = {
  ...takeAlongOp,
  name: "rearrange",
  transpose: (ct, node) => {
    const axis = node.attrs.axis as number;
    return rearrange(ct, argsort(node.inputs[1], axis), axis);
  },
};

export function rearrange(x: Node, permutation: Node, axis: number): Node {
  return apply(rearrangeOp, [x, permutation], { axis });
}

function hostOrder(x: CpuArray, { axis, descending }: Ordering, result: CpuArray): CpuArray {
  const n = x.shape[axis];
  const inner = sizeOf(x.shape.slice(axis + 1));
  const sign = descending ? -1 : 1;
  for (let row = 0; row < sizeOf(x.shape) / Math.max(1, n); row++) {
    const start = Math.floor(row / inner) * n * inner + (row % inner);
    const at = (i: number): number => x.data[start + i * inner];
    const order = Array.from({ length: n }, (_, i) => i);
    order.sort((i, j) => sign * compare(at(i), at(j)));
    order.forEach((from, to) => (result.data[start + to * inner] = from));
  }
  return result;
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Batcher's bitonic network (1968) over rows whose length is filled up to a power of two. What is sorted are positions,
 * so that ties can be told apart and equal elements keep their order. A stage's distances are run-time numbers: all
 * stages share one pipeline.
 */
function bitonicOrder(x: Node, { axis, descending }: Ordering): Node {
  const last = x.shape.length - 1;
  const front = moveAxis(x, axis, last);
  const n = x.shape[axis];
  const length = 2 ** Math.ceil(Math.log2(Math.max(1, n)));
  const rows = sizeOf(front.shape) / Math.max(1, n);
  const filled = pad(reshape(front, [rows, n]), [0, 0], [0, length - n]);
  const values = reshape(filled, [rows * length]);
  const line = iota(rows * length, "int32", x.device);
  const network: Network = { values, line, n, length, descending };
  let order = line;
  for (let run = 2; run <= length; run *= 2) {
    for (let distance = run / 2; distance >= 1; distance /= 2) order = stage(network, order, run, distance);
  }
  const inRow = and(order, constantLike(order, length - 1));
  const sorted = slice(reshape(inRow, [rows, length]), [0, 0], [rows, n], [1, 1]);
  return moveAxis(reshape(sorted, front.shape), last, axis);
}

interface Network {
  readonly values: Node;
  /** 0, 1, 2, …: every place's position over all rows. */
  readonly line: Node;
  readonly n: number;
  readonly length: number;
  readonly descending: boolean;
}

/** Each place keeps the one of two positions that belongs there: its own, or that of the place `distance` away. */
function stage(network: Network, order: Node, run: number, distance: number): Node {
  const { values, line } = network;
  const has = (bit: number): Node => not(equal(and(line, constantLike(line, bit)), constantLike(line, 0)));
  const theirs = take(order, xor(line, constantLike(line, distance)), 0);
  const mineFirst = precedes(network, order, theirs, take(values, order, 0), take(values, theirs, 0));
  const wantsLater = notEqual(has(distance), has(run === network.length ? 0 : run));
  return where(notEqual(mineFirst, wantsLater), order, theirs);
}

const notEqual = (a: Node, b: Node): Node => not(equal(a, b));

/** Whether position `a` with value `va` comes before `b`: by value, then by position; what was filled in comes last. */
function precedes({ n, length, descending }: Network, a: Node, b: Node, va: Node, vb: Node): Node {
  const filled = (at: Node): Node => lessEqual(constantLike(at, n), and(at, constantLike(at, length - 1)));
  const [first, second] = descending ? [below(vb, va), below(va, vb)] : [below(va, vb), below(vb, va)];
  const inOrder = or(first, and(not(second), less(a, b)));
  return where(notEqual(filled(a), filled(b)), filled(b), inOrder);
}

/** a < b, NaN being above all. */
function below(a: Node, b: Node): Node {
  if (!isFloatNode(a)) return less(a, b);
  return or(less(a, b), and(isNaN(b), not(isNaN(a))));
}

export const sortOps = [argsortOp, rearrangeOp];
