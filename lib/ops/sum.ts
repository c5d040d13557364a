/** Sum over axes and its transpose, repeating along axes. */
import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { refuse } from "../util/errors";
import { formatShape, reduceShape, sameShape, sizeOf, stridesOf, type Shape } from "../util/shapes";
import { constant as fixed } from "../loops/affine";
import { sumCombiner } from "../scalar/combiner";
import { constant, constantValue, forEachReduced, gatherStrided, linearJvp } from "./define";
import { reshape } from "./view";

/** Drops `axes`. Adds in blocks: on the device the error grows with the block count, not with the length. */
export const sumOp: Op = {
  name: "sum",
  shape: ([x], attrs) => {
    if (x.dtype === "bool") refuse("sum", "cannot add bool; convert it first");
    return { shape: reduceShape(x.shape, attrs.axes as number[]), dtype: x.dtype };
  },
  lowering: { kind: "reduce", combiner: sumCombiner, axes: (node) => node.attrs.axes as number[] },
  cpu: ([x], attrs, out) => {
    const result = cpuArray(out);
    const [from, to] = [x.data, result.data];
    forEachReduced(x, attrs.axes as number[], to.length, (o, at, length, stride) => {
      for (let i = 0; i < length; i++) to[o] += from[at + i * stride];
    });
    return result;
  },
  jvp: linearJvp,
  transpose: (ct, node) => {
    const { shape } = node.inputs[0];
    return expand(reshape(ct, reduceShape(shape, node.attrs.axes as number[], true)), shape);
  },
  batch: ([x], _batched, node) =>
    sum(
      x,
      (node.attrs.axes as number[]).map((a) => a + 1),
    ),
};

export function sum(x: Node, axes: readonly number[]): Node {
  if (axes.length === 0) return x;
  const shape = reduceShape(x.shape, axes);
  if (sizeOf(x.shape) === 0) return constant(0, { shape, dtype: x.dtype }, x.device);
  if (axes.every((a) => x.shape[a] === 1)) return reshape(x, shape);
  return apply(sumOp, [x], { axes: [...axes] });
}

/** Repeats axes of length 1; input and output have the same number of dimensions. */
export const expandOp: Op = {
  name: "broadcastTo",
  shape: ([x], attrs) => {
    const shape = attrs.shape as Shape;
    if (x.shape.length !== shape.length || x.shape.some((n, d) => n !== 1 && n !== shape[d])) {
      refuse("broadcastTo", `${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`);
    }
    return { shape, dtype: x.dtype };
  },
  lowering: {
    kind: "view",
    read: (at, node) => ({ at: at.map((a, d) => (node.inputs[0].shape[d] === 1 ? fixed(0) : a)) }),
  },
  cpu: ([x], _attrs, out) => {
    const strides = stridesOf(x.shape).map((s, d) => (x.shape[d] === 1 ? 0 : s));
    return gatherStrided(x, out.shape, strides, 0);
  },
  jvp: linearJvp,
  transpose: (ct, node) => {
    const { shape } = node.inputs[0];
    const axes = shape.map((_, d) => d).filter((d) => shape[d] === 1 && ct.shape[d] !== 1);
    return reshape(sum(ct, axes), shape);
  },
  batch: ([x], _batched, node) => expand(x, [x.shape[0], ...(node.attrs.shape as Shape)]),
};

export function expand(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x;
  const value = constantValue(x);
  if (value !== undefined) return constant(value, { shape, dtype: x.dtype }, x.device);
  return apply(expandOp, [x], { shape: [...shape] });
}

/** NumPy's broadcast: missing leading axes are added, axes of length 1 repeated. */
export function broadcastTo(x: Node, shape: Shape): Node {
  const padded = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  return expand(reshape(x, padded), shape);
}

/** `x` repeated along a new leading axis. */
export function withBatch(x: Node, size: number): Node {
  return expand(reshape(x, [1, ...x.shape]), [size, ...x.shape]);
}

/** Inputs of a batched op brought to one leading axis, whatever of them had it. */
export function allBatched(inputs: readonly Node[], batched: readonly boolean[]): Node[] {
  const size = inputs[batched.indexOf(true)].shape[0];
  return inputs.map((x, i) => (batched[i] ? x : withBatch(x, size)));
}

export const sumOps = [sumOp, expandOp];
