/**
 * Sliding windows as views: no window is ever copied. A window's position along an axis is an axis of its own, so that
 * convolution is a contraction and pooling a reduction over it.
 */
import { apply, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { refuse } from "../util/errors";
import { formatShape, sizeOf } from "../util/shapes";
import { delinearize, plus, rangeOf, shifted, times, within, type Affine } from "../loops/affine";
import { linearJvp } from "./define";
import { expand, sum } from "./sum";
import { moveAxis, reshape } from "./view";

/** How windows lie along an axis: element k of window o is at o·stride + k·dilation − padding. */
export interface Sliding {
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the first element; how many follow the last is told by the number of windows. */
  readonly padding: number;
}

interface Shear extends Sliding {
  /** The axis of k; that of o follows it. */
  readonly axis: number;
  /** The new length of the axis after it. */
  readonly size: number;
}

const shearOf = (attrs: Node["attrs"]): Shear => attrs as unknown as Shear;

/** The place along the long axis that the place `o` of window row `k` stands for. */
function placeOf({ stride, dilation, padding }: Sliding, k: number, o: number): number {
  return o * stride + k * dilation - padding;
}

function affinePlace({ stride, dilation, padding }: Sliding, k: Affine, o: Affine): Affine {
  return plus(shifted(times(o, stride), -padding), times(k, dilation));
}

function shearShape(name: string, x: Node, { axis, size }: Shear): { shape: number[]; dtype: Node["dtype"] } {
  if (axis + 1 >= x.shape.length) {
    refuse(name, `needs two axes from axis ${axis} on, got shape ${formatShape(x.shape)}`);
  }
  return { shape: x.shape.map((n, d) => (d === axis + 1 ? size : n)), dtype: x.dtype };
}

/** out[…, k, o, …] = x[…, k, o·stride + k·dilation − padding, …], zero outside. */
export const shearOp: Op = {
  name: "shear",
  shape: ([x], attrs) => shearShape("shear", x, shearOf(attrs)),
  lowering: {
    kind: "view",
    read: (at, node) => {
      const shear = shearOf(node.attrs);
      const length = node.inputs[0].shape[shear.axis + 1];
      const coordinate = affinePlace(shear, at[shear.axis], at[shear.axis + 1]);
      const [low, high] = rangeOf(coordinate);
      const conditions = low < 0 || high >= length ? [{ coordinate, size: length }] : [];
      return { at: at.map((a, d) => (d === shear.axis + 1 ? within(coordinate, length) : a)), conditions };
    },
  },
  cpu: ([x], attrs, out) => {
    const shear = shearOf(attrs);
    const result = cpuArray(out);
    forEachPlace(shear, x.shape, shear.size, (long, short) => (result.data[short] = x.data[long]));
    return result;
  },
  jvp: linearJvp,
  transpose: (ct, node) => {
    const shear = shearOf(node.attrs);
    return applyShear(unshearOp, ct, { ...shear, size: node.inputs[0].shape[shear.axis + 1] });
  },
  batch: ([x], _batched, node) => applyShear(shearOp, x, nextAxis(shearOf(node.attrs))),
};

/** The transpose of shear: out[…, k, o·stride + k·dilation − padding, …] = x[…, k, o, …], zero elsewhere. */
export const unshearOp: Op = {
  name: "unshear",
  shape: ([x], attrs) => shearShape("unshear", x, shearOf(attrs)),
  lowering: {
    kind: "view",
    read: (at, node) => {
      const { axis, stride, dilation, padding } = shearOf(node.attrs);
      const [k, o] = [at[axis], at[axis + 1]];
      const count = node.inputs[0].shape[axis + 1];
      const moved = plus(shifted(o, padding), times(k, -dilation));
      const reach = count === 0 ? 0 : (count - 1) * stride + 1;
      const conditions = [{ coordinate: moved, size: reach }];
      const inside = within(moved, reach);
      const [quotient, rest] = stride === 1 ? [inside] : delinearize(inside, [count, stride]);
      if (rest) conditions.push({ coordinate: rest, size: 1 });
      return { at: at.map((a, d) => (d === axis + 1 ? quotient : a)), conditions };
    },
  },
  cpu: ([x], attrs, out) => {
    const shear = shearOf(attrs);
    const result = cpuArray(out);
    const count = x.shape[shear.axis + 1];
    forEachPlace(shear, out.shape, count, (long, short) => (result.data[long] = x.data[short]));
    return result;
  },
  jvp: linearJvp,
  transpose: (ct, node) => {
    const shear = shearOf(node.attrs);
    return applyShear(shearOp, ct, { ...shear, size: node.inputs[0].shape[shear.axis + 1] });
  },
  batch: ([x], _batched, node) => applyShear(unshearOp, x, nextAxis(shearOf(node.attrs))),
};

function nextAxis(shear: Shear): Shear {
  return { ...shear, axis: shear.axis + 1 };
}

function applyShear(op: Op, x: Node, { axis, size, stride, dilation, padding }: Shear): Node {
  return apply(op, [x], { axis, size, stride, dilation, padding });
}

/** Visits the positions of every element that lies in a window: in the array of shape `long`, and in that of windows. */
function forEachPlace(
  shear: Shear,
  long: CpuArray["shape"],
  count: number,
  visit: (long: number, short: number) => void,
): void {
  const { axis } = shear;
  const outer = sizeOf(long.slice(0, axis));
  const inner = sizeOf(long.slice(axis + 2));
  const [taps, length] = [long[axis], long[axis + 1]];
  for (let row = 0; row < outer * taps; row++) {
    for (let o = 0; o < count; o++) {
      const place = placeOf(shear, row % taps, o);
      if (place < 0 || place >= length) continue;
      for (let i = 0; i < inner; i++)
        visit((row * length + place) * inner + i, (row * count + o) * inner + i);
    }
  }
}

/** `count` windows of `size` elements along `axis`, which becomes two: the element's place, then the window's. */
export function windows(x: Node, axis: number, size: number, count: number, sliding: Sliding): Node {
  const { stride, dilation, padding } = sliding;
  const length = x.shape[axis];
  if (dilation === 1 && padding === 0 && stride === size && count * size === length) {
    const parts = reshape(x, [...x.shape.slice(0, axis), count, size, ...x.shape.slice(axis + 1)]);
    return moveAxis(parts, axis + 1, axis);
  }
  const repeated = repeatAt(x, axis, size);
  return applyShear(shearOp, repeated, { axis, size: count, ...sliding });
}

/** The transpose of `windows`: adds each window's elements to the place they have along an axis of `length`. */
export function addWindows(x: Node, axis: number, length: number, sliding: Sliding): Node {
  return sum(spreadWindows(x, axis, length, sliding), [axis]);
}

/** `addWindows` before it adds: the axis of places in the window stays. */
export function spreadWindows(x: Node, axis: number, length: number, sliding: Sliding): Node {
  return applyShear(unshearOp, x, { axis, size: length, ...sliding });
}

function repeatAt(x: Node, axis: number, size: number): Node {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis)];
  return expand(reshape(x, [...before, 1, ...after]), [...before, size, ...after]);
}

export const windowOps = [shearOp, unshearOp];
