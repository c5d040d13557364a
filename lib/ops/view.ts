/** Views: other ways to walk the same elements. On the device they cost nothing, being index arithmetic. */
import { apply, type Attrs, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, sameShape, sizeOf, stridesOf, type Shape } from "../util/shapes";
import { delinearize, linear, shifted, times, within, type Affine } from "../loops/affine";
import { constant, constantValue, forEachRun, gatherStrided, linearJvp } from "./define";

const shapeAttr = (node: Node): Shape => node.attrs.shape as Shape;
const listAttr = (node: Node, name: string): readonly number[] => node.attrs[name] as readonly number[];

export const reshapeOp: Op = {
  name: "reshape",
  shape: ([x], attrs) => {
    const shape = attrs.shape as Shape;
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      refuse(
        "reshape",
        `x ${formatShape(x.shape)} has ${sizeOf(x.shape)} elements, shape ${formatShape(shape)} has ${sizeOf(shape)}`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  lowering: {
    kind: "view",
    read: (at, node) => ({
      at: delinearize(linear(at, stridesOf(node.shape)), node.inputs[0].shape),
    }),
  },
  cpu: ([x], _attrs, out) => ({ ...x, shape: out.shape }),
  jvp: linearJvp,
  transpose: (ct, node) => reshape(ct, node.inputs[0].shape),
  batch: ([x], _batched, node) => reshape(x, [x.shape[0], ...shapeAttr(node)]),
};

export function reshape(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x;
  const value = constantValue(x);
  if (value !== undefined && sizeOf(shape) === sizeOf(x.shape)) {
    return constant(value, { shape, dtype: x.dtype }, x.device);
  }
  return apply(reshapeOp, [x], { shape: [...shape] });
}

export const permuteOp: Op = {
  name: "transpose",
  shape: ([x], attrs) => ({ shape: (attrs.axes as number[]).map((a) => x.shape[a]), dtype: x.dtype }),
  lowering: {
    kind: "view",
    read: (at, node) => {
      const from = new Array<Affine>(at.length);
      listAttr(node, "axes").forEach((axis, d) => (from[axis] = at[d]));
      return { at: from };
    },
  },
  cpu: ([x], attrs, out) => {
    const strides = stridesOf(x.shape);
    return gatherStrided(
      x,
      out.shape,
      (attrs.axes as number[]).map((a) => strides[a]),
      0,
    );
  },
  jvp: linearJvp,
  transpose: (ct, node) => permute(ct, inverse(listAttr(node, "axes"))),
  batch: ([x], _batched, node) => permute(x, [0, ...listAttr(node, "axes").map((a) => a + 1)]),
};

export function permute(x: Node, axes: readonly number[]): Node {
  if (axes.every((a, d) => a === d)) return x;
  return apply(permuteOp, [x], { axes: [...axes] });
}

/** `x` with axis `from` moved to position `to`. */
export function moveAxis(x: Node, from: number, to: number): Node {
  const axes = x.shape.map((_, d) => d).filter((d) => d !== from);
  axes.splice(to, 0, from);
  return permute(x, axes);
}

function inverse(axes: readonly number[]): number[] {
  const out = new Array<number>(axes.length);
  axes.forEach((a, d) => (out[a] = d));
  return out;
}

export const flipOp: Op = {
  name: "flip",
  shape: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  lowering: {
    kind: "view",
    read: (at, node) => {
      const axes = listAttr(node, "axes");
      return { at: at.map((a, d) => (axes.includes(d) ? shifted(times(a, -1), node.shape[d] - 1) : a)) };
    },
  },
  cpu: ([x], attrs, out) => {
    const axes = attrs.axes as number[];
    const strides = stridesOf(x.shape);
    const offset = axes.reduce((sum, a) => sum + (x.shape[a] - 1) * strides[a], 0);
    return gatherStrided(
      x,
      out.shape,
      strides.map((s, d) => (axes.includes(d) ? -s : s)),
      offset,
    );
  },
  jvp: linearJvp,
  transpose: (ct, node) => flip(ct, listAttr(node, "axes")),
  batch: ([x], _batched, node) =>
    flip(
      x,
      listAttr(node, "axes").map((a) => a + 1),
    ),
};

export function flip(x: Node, axes: readonly number[]): Node {
  return axes.length === 0 ? x : apply(flipOp, [x], { axes: [...axes] });
}

/** x[start : start + step·size : step] along every axis; steps are positive. */
export const sliceOp: Op = {
  name: "slice",
  shape: ([x], attrs) => ({ shape: attrs.sizes as number[], dtype: x.dtype }),
  lowering: {
    kind: "view",
    read: (at, node) => {
      const [starts, steps] = [listAttr(node, "starts"), listAttr(node, "steps")];
      return { at: at.map((a, d) => shifted(times(a, steps[d]), starts[d])) };
    },
    starts: "starts",
  },
  cpu: ([x], attrs, out) => {
    const strides = stridesOf(x.shape);
    const steps = attrs.steps as number[];
    const offset = (attrs.starts as number[]).reduce((sum, s, d) => sum + s * strides[d], 0);
    return gatherStrided(
      x,
      out.shape,
      strides.map((s, d) => s * steps[d]),
      offset,
    );
  },
  jvp: linearJvp,
  transpose: (ct, node) => {
    const [starts, steps] = [listAttr(node, "starts"), listAttr(node, "steps")];
    const { shape } = node.inputs[0];
    const reach = ct.shape.map((n, d) => (n === 0 ? 0 : (n - 1) * steps[d] + 1));
    const after = shape.map((n, d) => n - starts[d] - reach[d]);
    return pad(
      ct,
      starts,
      after,
      steps.map((s) => s - 1),
    );
  },
  batch: ([x], _batched, node) =>
    slice(
      x,
      [0, ...listAttr(node, "starts")],
      [x.shape[0], ...listAttr(node, "sizes")],
      [1, ...listAttr(node, "steps")],
    ),
};

export function slice(
  x: Node,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[],
): Node {
  if (sameShape(x.shape, sizes) && starts.every((s) => s === 0) && steps.every((s) => s === 1)) return x;
  return apply(sliceOp, [x], { starts: [...starts], sizes: [...sizes], steps: [...steps] });
}

/** Zeros before, after and between the elements along each axis; −0 where `negative`, to which anything can be added. */
export const padOp: Op = {
  name: "pad",
  shape: ([x], attrs) => {
    const [before, after, between] = [attrs.before, attrs.after, attrs.between] as number[][];
    return { shape: x.shape.map((n, d) => before[d] + after[d] + spread(n, between[d])), dtype: x.dtype };
  },
  lowering: {
    kind: "view",
    read: (at, node) => {
      const [before, between] = [listAttr(node, "before"), listAttr(node, "between")];
      const { shape } = node.inputs[0];
      const conditions: { coordinate: Affine; size: number }[] = [];
      const from = at.map((a, d) => {
        const moved = shifted(a, -before[d]);
        if (shape[d] === node.shape[d]) return a;
        conditions.push({ coordinate: moved, size: spread(shape[d], between[d]) });
        if (between[d] === 0) return within(moved, shape[d]);
        const inside = within(moved, spread(shape[d], between[d]));
        const [outer, inner] = delinearize(inside, [shape[d], between[d] + 1]);
        conditions.push({ coordinate: inner, size: 1 });
        return outer;
      });
      return { at: from, conditions, negative: isNegative(node.attrs) };
    },
  },
  cpu: ([x], attrs, out) =>
    scatterStrided(x, attrs.before as number[], attrs.between as number[], out.shape, isNegative(attrs)),
  jvp: linearJvp,
  transpose: (ct, node) =>
    slice(
      ct,
      listAttr(node, "before"),
      node.inputs[0].shape,
      listAttr(node, "between").map((b) => b + 1),
    ),
  batch: ([x], _batched, node) =>
    pad(
      x,
      [0, ...listAttr(node, "before")],
      [0, ...listAttr(node, "after")],
      [0, ...listAttr(node, "between")],
      isNegative(node.attrs),
    ),
};

function isNegative(attrs: Attrs): boolean {
  return attrs.negative === true;
}

function spread(n: number, between: number): number {
  return n === 0 ? 0 : (n - 1) * (between + 1) + 1;
}

function scatterStrided(
  x: CpuArray,
  before: number[],
  between: number[],
  shape: Shape,
  negative: boolean,
): CpuArray {
  const out = cpuArray({ shape, dtype: x.dtype });
  if (negative) out.data.fill(-0);
  const strides = stridesOf(shape);
  const offset = before.reduce((sum, b, d) => sum + b * strides[d], 0);
  const [from, to] = [x.data, out.data];
  forEachRun(
    x.shape,
    strides.map((s, d) => s * (between[d] + 1)),
    offset,
    (position, at, length, stride) => {
      for (let i = 0; i < length; i++) to[at + i * stride] = from[position + i];
    },
  );
  return out;
}

export function pad(
  x: Node,
  before: readonly number[],
  after: readonly number[],
  between: readonly number[] = before.map(() => 0),
  negative = false,
): Node {
  if ([before, after, between].every((list) => list.every((n) => n === 0))) return x;
  const lists = { before: [...before], after: [...after], between: [...between] };
  return apply(padOp, [x], negative ? { ...lists, negative } : lists);
}

/** Each of `nodes`, whose shapes agree but for `axis`, in its place in their concatenation, which is their sum. */
export function placed(nodes: readonly Node[], axis: number): Node[] {
  const total = nodes.reduce((sum, n) => sum + n.shape[axis], 0);
  if (total === 0) return [nodes[0]];
  let start = 0;
  const parts = nodes.filter((n) => n.shape[axis] > 0);
  return parts.map((n) => {
    const along = (k: number): number[] => n.shape.map((_, d) => (d === axis ? k : 0));
    const [before, after] = [along(start), along(total - start - n.shape[axis])];
    start += n.shape[axis];
    return pad(n, before, after, undefined, isFloat(n.dtype));
  });
}

export const viewOps = [reshapeOp, permuteOp, flipOp, sliceOp, padOp];
