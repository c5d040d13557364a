import { describe, refuse } from "./errors";
import { isListOf } from "./checks";

/** Lengths of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** An axis, several, or all (undefined); negative ones count from the end. */
export type Axes = number | readonly number[] | undefined;

export const maxDimensions = 8;

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** As Array.isArray, without narrowing: that makes `any` of the elements of readonly arrays. */
export function isArray(x: unknown): boolean {
  return Array.isArray(x);
}

export function checkShape(where: string, shape: unknown): Shape {
  return checkCounts(where, "shape", shape);
}

/** Refuses what is not a list of counts, one an axis. */
export function checkCounts(where: string, name: string, counts: unknown): readonly number[] {
  if (!isListOf(counts, (n) => Number.isInteger(n) && (n as number) >= 0)) {
    refuse(where, `${name} must be an array of non-negative integers, got ${describe(counts)}`);
  }
  const list = counts as readonly number[];
  if (list.length > maxDimensions) {
    refuse(where, `${name} has ${list.length} dimensions, at most ${maxDimensions} are supported`);
  }
  return list;
}

/** `axis` as a non-negative index into `ndim` axes. */
export function normalizeAxis(where: string, axis: number, ndim: number, name = "axis"): number {
  if (!Number.isInteger(axis)) refuse(where, `${name} must be an integer, got ${describe(axis)}`);
  if (axis < -ndim || axis >= ndim) {
    refuse(
      where,
      `${name} ${axis} is out of range for a tensor of ${ndim} dimension${ndim === 1 ? "" : "s"}`,
    );
  }
  return axis < 0 ? axis + ndim : axis;
}

/** `axes` as sorted, distinct, non-negative indices; undefined means all. */
export function normalizeAxes(where: string, axes: Axes, ndim: number): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: ndim }, (_, i) => i);
  const given: readonly unknown[] = Array.isArray(axes) ? axes : [axes];
  const list = Array.from(given, (a) => normalizeAxis(where, a as number, ndim));
  const distinct = [...new Set(list)].sort((a, b) => a - b);
  if (distinct.length !== list.length) refuse(where, `axis ${describe(axes)} names an axis twice`);
  return distinct;
}

/** NumPy's broadcast of several shapes, or undefined when they do not fit. */
export function broadcastShapes(...shapes: Shape[]): Shape | undefined {
  const ndim = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(ndim).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const d = ndim - shape.length + i;
      if (shape[i] === 1 || shape[i] === out[d]) continue;
      if (out[d] !== 1) return undefined;
      out[d] = shape[i];
    }
  }
  return out;
}

/** `shape` without `axes`, or with them as length 1. */
export function reduceShape(shape: Shape, axes: readonly number[], keepdims = false): number[] {
  if (keepdims) return shape.map((n, i) => (axes.includes(i) ? 1 : n));
  return shape.filter((_, i) => !axes.includes(i));
}

/** Refuses a result of more dimensions than a tensor can have. */
export function checkDimensions(where: string, ndim: number): void {
  if (ndim > maxDimensions)
    refuse(where, `the result would have ${ndim} dimensions, at most ${maxDimensions} are supported`);
}
