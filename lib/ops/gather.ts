/** Reading along an axis at given positions, and its transpose, adding into positions. */
import { apply, makeNode, type Attrs, type Aval, type Device, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/interpret";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { add, equal, mul } from "./binary";
import { cast } from "./cast";
import { constantLike } from "./define";
import { broadcastTo, expand, sum } from "./sum";
import { moveAxis, permute, reshape } from "./view";

/** 0, 1, 2, … along the only axis. */
export const iotaOp: Op = {
  name: "arange",
  shape: () => refuse("arange", "takes no inputs"),
  wgsl: { kind: "index" },
  cpu: (_inputs, _attrs, out) => {
    const result = cpuArray(out);
    for (let i = 0; i < result.data.length; i++) result.data[i] = i;
    return result;
  },
  jvp: "nondifferentiable",
  transpose: "nonlinear",
  batch: (_inputs, _batched, node) => node,
};

const noAttrs: Attrs = {};

export function iota(size: number, dtype: DType, device: Device): Node {
  const aval: Aval = { shape: [size], dtype };
  return makeNode(iotaOp, [], noAttrs, device, aval);
}

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
  wgsl: {
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
        const from = (o * length + Math.min(indices.data[j], length - 1)) * inner;
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

/** take of each row of a batch with its own indices: the batch axis becomes part of the index. */
function takeEach(x: Node, indices: Node, axis: number): Node {
  const [size] = x.shape;
  const length = x.shape[axis + 1];
  const front = moveAxis(x, axis + 1, 1);
  const flat = reshape(front, [size * length, ...front.shape.slice(2)]);
  const rows = iota(size, indices.dtype, x.device);
  const columnShape = [size, ...indices.shape.slice(1).map(() => 1)];
  const base = expand(reshape(rows, columnShape), indices.shape);
  const scaled = mul(base, constantLike(base, length));
  const taken = take(flat, add(scaled, indices), 0);
  const inner = indices.shape.length - 1;
  const order = taken.shape.map((_, d) => d);
  const moved = [
    0,
    ...order.slice(1 + inner, 1 + inner + axis),
    ...order.slice(1, 1 + inner),
    ...order.slice(1 + inner + axis),
  ];
  return permute(taken, moved);
}

/** Zeros of `shape` with the slices of `updates` added at `indices` along `axis`; repeated indices add up. */
export function addInto(updates: Node, indices: Node, axis: number, shape: readonly number[]): Node {
  const count = sizeOf(indices.shape);
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const length = shape[axis];
  const flat = reshape(updates, [outer, 1, count, inner]);
  const positions = broadcastTo(reshape(iota(length, indices.dtype, indices.device), [length, 1]), [
    length,
    count,
  ]);
  const targets = broadcastTo(reshape(indices, [1, count]), [length, count]);
  const hit = cast(equal(positions, targets), updates.dtype);
  const mask = broadcastTo(reshape(hit, [1, length, count, 1]), [outer, length, count, inner]);
  const spread = expand(flat, [outer, length, count, inner]);
  return reshape(sum(mul(spread, mask), [2]), shape);
}

export const gatherOps = [iotaOp, takeOp];
