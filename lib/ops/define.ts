/** Ways of writing an op's record without repeating what its family shares. */
import type { CpuArray, Node, Op } from "../graph/node";
import { apply, makeNode, type Aval, type Device } from "../graph/node";
import { cpuArray } from "../graph/interpret";
import { converted } from "../util/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { sizeOf, stridesOf, type Shape } from "../util/shapes";

/** A constant of any shape; its value is passed at run time, so that changing it compiles nothing. */
export const full: Op = {
  name: "full",
  shape: () => refuse("full", "is a leaf and takes no inputs"),
  wgsl: { kind: "scalar" },
  cpu: (_, attrs, out) => {
    const array = cpuArray(out);
    array.data.fill(Number(attrs.value));
    return array;
  },
  jvp: "nondifferentiable",
  transpose: "nonlinear",
  batch: (_inputs, _batched, node) => node,
};

/** `value` as the dtype has it. */
export function constant(value: number, { shape, dtype }: Aval, device: Device): Node {
  return makeNode(full, [], { value: converted(value, dtype) }, device, { shape, dtype });
}

export function constantLike(like: Node, value: number, dtype: DType = like.dtype): Node {
  return constant(value, { shape: like.shape, dtype }, like.device);
}

/** The value of a constant node, or undefined. */
export function constantValue(node: Node): number | undefined {
  return node.op === full ? (node.attrs.value as number) : undefined;
}

/** A value handed in from outside, or a stand-in for one. */
export const leaf: Op = {
  name: "leaf",
  shape: () => refuse("leaf", "takes no inputs"),
  wgsl: { kind: "leaf" },
  cpu: () => refuse("leaf", "has no value; a traced tensor cannot be read"),
  jvp: "nondifferentiable",
  transpose: "nonlinear",
  batch: (_inputs, _batched, node) => node,
};

/** jvp of an op that is linear in its only input: the op itself. */
export function linearJvp(tangents: readonly (Node | undefined)[], node: Node): Node[] {
  return [apply(node.op, [tangents[0]!], node.attrs)];
}

export function requireFloat(op: string, node: Node): void {
  if (!isFloat(node.dtype)) {
    refuse(op, `needs a float tensor, got ${node.dtype}; convert it with .astype("float32")`);
  }
}

/** out[i] = data[offset + Σ i_d · strides_d], dense. */
export function gatherStrided(
  input: CpuArray,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): CpuArray {
  const out = cpuArray({ shape, dtype: input.dtype });
  forEachStrided(shape, strides, offset, (i, at) => {
    out.data[i] = input.data[at];
  });
  return out;
}

/** Visits (row-major position, offset + Σ i_d · strides_d) of every element of `shape`. */
export function forEachStrided(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  visit: (position: number, at: number) => void,
): void {
  const total = sizeOf(shape);
  if (total === 0) return;
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < total; i++) {
    visit(i, at);
    for (let d = shape.length - 1; d >= 0; d--) {
      at += strides[d];
      if (++index[d] < shape[d]) break;
      at -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

/** Strides of `shape` with those of `axes` last: the order in which a reduction walks its input. */
export function reductionStrides(
  shape: Shape,
  axes: readonly number[],
): { shape: number[]; strides: number[] } {
  const strides = stridesOf(shape);
  const kept = shape.map((_, d) => d).filter((d) => !axes.includes(d));
  const order = [...kept, ...axes];
  return { shape: order.map((d) => shape[d]), strides: order.map((d) => strides[d]) };
}
