/** Reductions over axes, and what is composed of them. `axis` is one axis, several, or all (undefined). */
import type { Node } from "../graph/node";
import { add, div, equal, isNaN, less, log, mul, or, sub, where } from "../ops/binary";
import { cast } from "../ops/cast";
import { constant, constantLike } from "../ops/define";
import * as extremum from "../ops/extremum";
import { iota } from "../ops/iota";
import { stopGradient } from "../ops/stop";
import { broadcastTo, expand, sum as sumNodes } from "../ops/sum";
import { abs, exp, sqrt } from "../ops/unary";
import { padWith } from "../ops/padding";
import { reshape, slice } from "../ops/view";
import { isFloat } from "../util/dtypes";
import { checkFinite, checkFlag } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, normalizeAxes, normalizeAxis, reduceShape, sizeOf, type Axes } from "../util/shapes";
import { asFloat, asNode } from "./lift";
import { wrap, type Tensor, type TensorLike } from "./tensor";

export interface ReduceOptions {
  /** Keep the reduced axes with length 1. */
  readonly keepdims?: boolean;
}

type Reducer = (x: Node, axes: readonly number[]) => Node;

/** Applies `reduce` and puts the axes back if asked. */
function overAxes(where: string, x: Node, axis: Axes, options: ReduceOptions, reduce: Reducer): Tensor {
  checkOptions(where, options, ["keepdims"]);
  const axes = normalizeAxes(where, axis, x.shape.length);
  const keepdims = checkFlag(where, "keepdims", options.keepdims);
  const reduced = reduce(x, axes);
  return wrap(keepdims ? reshape(reduced, reduceShape(x.shape, axes, true)) : reduced);
}

/** Integers for bool, so that truth can be counted. */
function countable(x: Node): Node {
  return x.dtype === "bool" ? cast(x, "int32") : x;
}

function countOver(x: Node, axes: readonly number[]): number {
  return sizeOf(axes.map((a) => x.shape[a]));
}

function back(reduced: Node, x: Node, axes: readonly number[]): Node {
  return expand(reshape(reduced, reduceShape(x.shape, axes, true)), x.shape);
}

/** The sum over `axis`; bool counts as 0 and 1. The sum of nothing is 0. */
export function sum(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes("sum", countable(asNode("sum", x)), axis, options, sumNodes);
}

function meanNodes(x: Node, axes: readonly number[]): Node {
  const total = sumNodes(x, axes);
  return mul(total, constantLike(total, 1 / countOver(x, axes)));
}

/** The arithmetic mean over `axis`; NaN of nothing. */
export function mean(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes("mean", asFloat("mean", x), axis, options, meanNodes);
}

/** The largest element over `axis`; NaN where there is one. Ties share the derivative. */
export function max(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes("max", countable(asNode("max", x)), axis, options, extremum.max);
}

/** The smallest element over `axis`; NaN where there is one. Ties share the derivative. */
export function min(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes("min", countable(asNode("min", x)), axis, options, extremum.min);
}

/** The product over `axis`, by halves, so that its derivative holds where elements are zero. */
export function prod(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes("prod", countable(asNode("prod", x)), axis, options, (node, axes) => {
    const reduced = [...axes].reverse().reduce(prodAlong, node);
    return reshape(reduced, reduceShape(node.shape, axes));
  });
}

function prodAlong(x: Node, axis: number): Node {
  let node = x;
  if (node.shape[axis] === 0) return onesAt(node, axis);
  while (node.shape[axis] > 1) {
    const n = node.shape[axis];
    const half = Math.ceil(n / 2);
    const low = part(node, axis, 0, half);
    const high = part(node, axis, half, n - half);
    node = mul(low, n - half === half ? high : padWithOne(high, axis));
  }
  return node;
}

function onesAt(x: Node, axis: number): Node {
  const shape = x.shape.map((n, d) => (d === axis ? 1 : n));
  return broadcastTo(constantLike({ ...x, shape: [] }, 1), shape);
}

function part(x: Node, axis: number, start: number, size: number): Node {
  const starts = x.shape.map((_, d) => (d === axis ? start : 0));
  return slice(
    x,
    starts,
    x.shape.map((n, d) => (d === axis ? size : n)),
    x.shape.map(() => 1),
  );
}

/** One more element, a one, at the end of `axis`. */
function padWithOne(x: Node, axis: number): Node {
  const after = x.shape.map((_, d) => (d === axis ? 1 : 0));
  return padWith(
    x,
    x.shape.map(() => 0),
    after,
    1,
  );
}

export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count in the divisor; 0 unless given, as in NumPy. */
  readonly ddof?: number;
}

function varianceOver(
  where: string,
  x: TensorLike,
  axis: Axes,
  options: VarianceOptions,
  after: (v: Node) => Node,
): Tensor {
  checkOptions(where, options, ["keepdims", "ddof"]);
  const { ddof = 0, ...rest } = options;
  checkFinite(where, "ddof", ddof);
  return overAxes(where, asFloat(where, x), axis, rest, (node, axes) => {
    const centred = sub(node, back(meanNodes(node, axes), node, axes));
    const total = sumNodes(mul(centred, centred), axes);
    return after(mul(total, constantLike(total, 1 / Math.max(0, countOver(node, axes) - ddof))));
  });
}

/**
 * The mean squared deviation from the mean, divided by n − ddof (ddof = 0), or by 0 where ddof is the greater: ∞, or NaN where
 * nothing deviates, as in NumPy.
 */
export function variance(x: TensorLike, axis?: Axes, options: VarianceOptions = {}): Tensor {
  return varianceOver("variance", x, axis, options, (v) => v);
}

/** The square root of the variance; ∞ or NaN where ddof leaves none of the n, as that is. */
export function std(x: TensorLike, axis?: Axes, options: VarianceOptions = {}): Tensor {
  return varianceOver("std", x, axis, options, sqrt);
}

export interface NormOptions extends ReduceOptions {
  /** 1, 2 or Infinity; 2 unless given. */
  readonly ord?: number;
}

/** The vector norm over `axis`: Σ|x| (ord 1), √Σx² (2), max|x| (Infinity). */
export function norm(x: TensorLike, axis?: Axes, options: NormOptions = {}): Tensor {
  checkOptions("norm", options, ["keepdims", "ord"]);
  const { ord = 2, ...rest } = options;
  if (![1, 2, Infinity].includes(ord)) refuse("norm", `ord must be 1, 2 or Infinity, got ${describe(ord)}`);
  return overAxes("norm", asFloat("norm", x), axis, rest, (node, axes) => {
    if (ord === 2) return sqrt(sumNodes(mul(node, node), axes));
    return ord === 1 ? sumNodes(abs(node), axes) : extremum.max(abs(node), axes);
  });
}

/** log Σ eˣ over `axis`, without overflow; −∞ of nothing. */
export function logsumexp(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return overAxes("logsumexp", asFloat("logsumexp", x), axis, options, (node, axes) => {
    const shift = finiteMax(node, axes);
    const total = sumNodes(exp(sub(node, back(shift, node, axes))), axes);
    return add(log(total), shift);
  });
}

/** The maximum as a constant of differentiation; 0 of nothing. */
function maxOrZero(x: Node, axes: readonly number[]): Node {
  if (countOver(x, axes) > 0) return stopGradient(extremum.max(x, axes));
  return constant(0, { shape: reduceShape(x.shape, axes), dtype: x.dtype }, x.device);
}

/** The maximum as a constant of differentiation; 0 where it is infinite, so that ∞ − ∞ does not arise. */
function finiteMax(x: Node, axes: readonly number[]): Node {
  const top = maxOrZero(x, axes);
  const zero = constantLike(top, 0);
  // A compiler may take x − x for 0; it cannot know a constant that comes at run time.
  const isFinite = less(abs(top), constantLike(top, Infinity));
  return where(isFinite, top, zero);
}

/** eˣ / Σ eˣ along `axis` (the last unless given). */
export function softmax(x: TensorLike, axis = -1): Tensor {
  const node = asFloat("softmax", x);
  const axes = [normalizeAxis("softmax", axis, node.shape.length)];
  const shift = maxOrZero(node, axes);
  const powers = exp(sub(node, back(shift, node, axes)));
  return wrap(div(powers, back(sumNodes(powers, axes), node, axes)));
}

/** log softmax(x) along `axis` (the last unless given), without overflow. */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  const node = asFloat("logSoftmax", x);
  const axes = [normalizeAxis("logSoftmax", axis, node.shape.length)];
  const shift = maxOrZero(node, axes);
  const centred = sub(node, back(shift, node, axes));
  return wrap(sub(centred, back(log(sumNodes(exp(centred), axes)), node, axes)));
}

function argExtremum(
  where_: string,
  x: TensorLike,
  axis: number | undefined,
  options: ReduceOptions,
  find: Reducer,
): Tensor {
  const given = asNode(where_, x);
  const node = countable(axis === undefined ? reshape(given, [sizeOf(given.shape)]) : given);
  const along = normalizeAxis(where_, axis ?? 0, node.shape.length);
  if (node.shape[along] === 0) {
    refuse(where_, `x must hold an element along the axis, got shape ${formatShape(given.shape)}`);
  }
  return overAxes(where_, node, along, options, (n, axes) => {
    const best = back(find(n, axes), n, axes);
    const index = positionsAlong(n, along);
    const none = constantLike(index, n.shape[along]);
    // NaN counts as the extremum, as in NumPy, but equals nothing.
    const hit = isFloat(n.dtype) ? or(equal(n, best), isNaN(n)) : equal(n, best);
    return extremum.min(where(hit, index, none), axes);
  });
}

function positionsAlong(x: Node, axis: number): Node {
  const line = iota(x.shape[axis], "int32", x.device);
  return broadcastTo(
    reshape(
      line,
      x.shape.map((n, d) => (d === axis ? n : 1)),
    ),
    x.shape,
  );
}

/** The position of the largest element along `axis` (of the flattened tensor unless given), int32; the first of equals. */
export function argmax(x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor {
  return argExtremum("argmax", x, axis, options, extremum.max);
}

/** The position of the smallest element along `axis` (of the flattened tensor unless given), int32; the first of equals. */
export function argmin(x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor {
  return argExtremum("argmin", x, axis, options, extremum.min);
}

/** Whether any element over `axis` is true (not zero). */
export function any(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return truthOver("any", x, axis, options, extremum.max);
}

/** Whether all elements over `axis` are true (not zero). */
export function all(x: TensorLike, axis?: Axes, options: ReduceOptions = {}): Tensor {
  return truthOver("all", x, axis, options, extremum.min);
}

function truthOver(name: string, x: TensorLike, axis: Axes, options: ReduceOptions, reduce: Reducer): Tensor {
  const truth = cast(cast(asNode(name, x), "bool"), "int32");
  return overAxes(name, truth, axis, options, (n, axes) => {
    if (sizeOf(n.shape) > 0) return cast(reduce(n, axes), "bool");
    const count = sumNodes(n, axes);
    return equal(count, constantLike(count, name === "all" ? 0 : 1));
  });
}
