/** Ways of writing an op's record without repeating what its family shares. */
import type { CpuArray, Node, Op } from "../graph/node";
import { apply, makeNode, type Aval, type Device } from "../graph/node";
import { cpuArray } from "../graph/array";
import { converted } from "../util/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { sizeOf, stridesOf, type Shape } from "../util/shapes";

/** A constant of any shape; its value is passed at run time, so that changing it compiles nothing. */
export const full: Op = {
  name: "full",
  shape: () => refuse("full", "is a leaf and takes no inputs"),
  lowering: { kind: "scalar" },
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
  lowering: { kind: "leaf" },
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

/** Up to this length a loop is quicker than a call of `fill`. */
const shortRun = 64;

/** out[i] = data[offset + Σ i_d · strides_d], dense. */
export function gatherStrided(
  input: CpuArray,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): CpuArray {
  const out = cpuArray({ shape, dtype: input.dtype });
  const [from, to] = [input.data, out.data];
  forEachRun(shape, strides, offset, (position, at, length, stride) => {
    if (stride === 0 && length > shortRun) to.fill(from[at], position, position + length);
    else for (let i = 0; i < length; i++) to[position + i] = from[at + i * stride];
  });
  return out;
}

/**
 * Visits every element of `shape` in runs of one stride: the row-major position of a run's first, its place
 * offset + Σ i_d · strides_d, how many there are, and how far apart their places.
 */
export function forEachRun(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  visit: (position: number, at: number, length: number, stride: number) => void,
): void {
  const total = sizeOf(shape);
  if (total === 0) return;
  const axes = joinedAxes(shape, strides);
  const { length, stride } = axes.pop() ?? { length: 1, stride: 0 };
  const index = new Array<number>(axes.length).fill(0);
  let at = offset;
  for (let position = 0; position < total; position += length) {
    visit(position, at, length, stride);
    for (let d = axes.length - 1; d >= 0; d--) {
      at += axes[d].stride;
      if (++index[d] < axes[d].length) break;
      at -= axes[d].stride * axes[d].length;
      index[d] = 0;
    }
  }
}

interface StridedAxis {
  length: number;
  readonly stride: number;
}

/** Without axes of length 1; one that goes on where the next ends is one with it. */
function joinedAxes(shape: Shape, strides: readonly number[]): StridedAxis[] {
  const axes: StridedAxis[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] === 1) continue;
    const inner = axes[axes.length - 1];
    if (inner !== undefined && strides[d] === inner.stride * inner.length) inner.length *= shape[d];
    else axes.push({ length: shape[d], stride: strides[d] });
  }
  return axes.reverse();
}

/** Visits the elements of each result of a reduction of `x` over `axes`: `length` of them, `stride` apart from `at`. */
export function forEachReduced(
  x: CpuArray,
  axes: readonly number[],
  results: number,
  visit: (result: number, at: number, length: number, stride: number) => void,
): void {
  const walk = reductionStrides(x.shape, axes);
  const each = sizeOf(x.shape) / Math.max(1, results);
  forEachRun(walk.shape, walk.strides, 0, (position, at, length, stride) => {
    for (let done = 0; done < length;) {
      const result = Math.floor((position + done) / each);
      const count = Math.min(length - done, (result + 1) * each - position - done);
      visit(result, at + done * stride, count, stride);
      done += count;
    }
  });
}

/** Strides of `shape` with those of `axes` last: the order in which a reduction walks its input. */
function reductionStrides(shape: Shape, axes: readonly number[]): { shape: number[]; strides: number[] } {
  const strides = stridesOf(shape);
  const kept = shape.map((_, d) => d).filter((d) => !axes.includes(d));
  const order = [...kept, ...axes];
  return { shape: order.map((d) => shape[d]), strides: order.map((d) => strides[d]) };
}
