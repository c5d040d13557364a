/** Reading along an axis at given positions, and its transpose, adding into positions. */
import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import { equal, where } from "./binary";
import { constantLike } from "./define";
import { iota } from "./iota";
import { allBatched, expand, sum } from "./sum";
import { moveAxis, reshape } from "./view";

/** x[i…, indices[j…], k…]: the axis is replaced by the axes of `indices`, which must lie in range. */
export const takeOp: Op = {
  name: "take",
  shape: ([x, indices], attrs) => {
    const axis = attrs.axis as number;
    if (isFloat(indices.dtype) || indices.dtype === "bool")
      refuse("take", `indices must be integers, got ${indices.dtype}`);
    return {
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
      dtype: x.dtype,
    };
  },
  lowering: {
    kind: "gather",
    indexAt: (at, node) => {
      const axis = node.attrs.axis as number;
      return at.slice(axis, axis + node.inputs[1].shape.length);
    },
    read: (at, index, node) => {
      const axis = node.attrs.axis as number;
      return [...at.slice(0, axis), index, ...at.slice(axis + node.inputs[1].shape.length)];
    },
    limit: (node) => node.inputs[0].shape[node.attrs.axis as number],
  },
  cpu: ([x, indices], attrs, out) => {
    const axis = attrs.axis as number;
    const result = cpuArray(out);
    const inner = sizeOf(x.shape.slice(axis + 1));
    const length = x.shape[axis];
    const count = indices.data.length;
    for (let o = 0; o < sizeOf(x.shape.slice(0, axis)); o++) {
      for (let j = 0; j < count; j++) {
        const from = (o * length + held(indices.data[j], length)) * inner;
        const to = (o * count + j) * inner;
        for (let i = 0; i < inner; i++) result.data[to + i] = x.data[from + i];
      }
    }
    return result;
  },
  jvp: ([t], node) => (t ? [take(t, node.inputs[1], node.attrs.axis as number)] : []),
  transpose: (ct, node) => addInto(ct, node.inputs[1], node.attrs.axis as number, node.inputs[0].shape),
  batch: ([x, indices], [batchedX, batchedIndices], node) => {
    const axis = node.attrs.axis as number;
    if (!batchedIndices) return take(x, indices, axis + 1);
    if (!batchedX) return moveAxis(take(x, indices, axis), axis, 0);
    return takeEach(x, indices, axis);
  },
};

export function take(x: Node, indices: Node, axis: number): Node {
  return apply(takeOp, [x, indices], { axis });
}

/** take of each row of a batch with its own indices. */
function takeEach(x: Node, indices: Node, axis: number): Node {
  const [size, ...inside] = indices.shape;
  const count = sizeOf(inside);
  const shape = x.shape.map((n, d) => (d === axis + 1 ? count : n));
  const line = x.shape.map((_, d) => (d === 0 ? size : d === axis + 1 ? count : 1));
  const taken = takeAlong(x, expand(reshape(indices, line), shape), axis + 1);
  return reshape(taken, [...shape.slice(0, axis + 1), ...inside, ...shape.slice(axis + 2)]);
}

/** out[…, j, …] = x[…, indices[…, j, …], …]: indices of their own for every place along the other axes. */
export const takeAlongOp: Op = {
  name: "takeAlongAxis",
  shape: ([x, indices], attrs) => {
    const axis = attrs.axis as number;
    const fits = x.shape.length === indices.shape.length;
    if (!fits || x.shape.some((n, d) => d !== axis && n !== indices.shape[d])) {
      refuse(
        "takeAlongAxis",
        `indices of shape ${formatShape(indices.shape)} do not fit x of shape ${formatShape(x.shape)} along axis ${axis}`,
      );
    }
    if (isFloat(indices.dtype) || indices.dtype === "bool")
      refuse("takeAlongAxis", `indices must be integers, got ${indices.dtype}`);
    return { shape: indices.shape, dtype: x.dtype };
  },
  lowering: {
    kind: "gather",
    indexAt: (at) => [...at],
    read: (at, index, node) => at.map((a, d) => (d === node.attrs.axis ? index : a)),
    limit: (node) => node.inputs[0].shape[node.attrs.axis as number],
  },
  cpu: ([x, indices], attrs, out) => {
    const axis = attrs.axis as number;
    const result = cpuArray(out);
    const inner = sizeOf(x.shape.slice(axis + 1));
    const [length, count] = [x.shape[axis], indices.shape[axis]];
    for (let i = 0; i < result.data.length; i++) {
      const outer = Math.floor(i / (count * inner));
      result.data[i] = x.data[(outer * length + held(indices.data[i], length)) * inner + (i % inner)];
    }
    return result;
  },
  jvp: ([t], node) => (t ? [apply(node.op, [t, node.inputs[1]], node.attrs)] : []),
  transpose: (ct, node) => {
    const [x, indices] = node.inputs;
    return addAlong(ct, indices, node.attrs.axis as number, x.shape);
  },
  batch: (inputs, batched, node) => {
    const axis = (node.attrs.axis as number) + 1;
    return apply(node.op, allBatched(inputs, batched), { axis });
  },
};

/** Where the device would read for an index out of range. */
function held(index: number, length: number): number {
  return Math.max(0, Math.min(index, length - 1));
}

export function takeAlong(x: Node, indices: Node, axis: number): Node {
  return apply(takeAlongOp, [x, indices], { axis });
}

/** Zeros of `shape` with `updates` added at `indices` along `axis`, each place along the other axes by itself. */
export function addAlong(updates: Node, indices: Node, axis: number, shape: Shape): Node {
  const apart = [...shape.slice(0, axis), shape[axis], updates.shape[axis], ...shape.slice(axis + 1)];
  const spread = (x: Node): Node =>
    expand(reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]), apart);
  return sumWhere(spread(indices), spread(updates), axis);
}

/** Zeros of `shape` with the slices of `updates` added at `indices` along `axis`; repeated indices add up. */
export function addInto(updates: Node, indices: Node, axis: number, shape: Shape): Node {
  const count = sizeOf(indices.shape);
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const apart = [outer, shape[axis], count, inner];
  const targets = expand(reshape(indices, [1, 1, count, 1]), apart);
  const spread = expand(reshape(updates, [outer, 1, count, inner]), apart);
  return reshape(sumWhere(targets, spread, 1), shape);
}

/** Over [..., length, count, ...]: sums along axis + 1 the updates whose target is their place along `axis`. */
function sumWhere(targets: Node, updates: Node, axis: number): Node {
  const line = iota(targets.shape[axis], targets.dtype, targets.device);
  const shape = targets.shape.map((n, d) => (d === axis ? n : 1));
  const places = expand(reshape(line, shape), targets.shape);
  return sum(where(equal(places, targets), updates, constantLike(updates, 0)), [axis + 1]);
}

export const gatherOps = [takeOp, takeAlongOp];
