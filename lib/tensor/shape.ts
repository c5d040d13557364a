/** Rearranging elements. Nothing here copies: on the device a view is index arithmetic of what reads it. */
import type { Node } from "../graph/node";
import { add } from "../ops/binary";
import { cast } from "../ops/cast";
import { broadcastTo as broadcastNode, expand } from "../ops/sum";
import { stack as stackNodes } from "../ops/stack";
import { padWith } from "../ops/padding";
import * as view from "../ops/view";
import { promote } from "../util/dtypes";
import { checkNumber, checkWhole, isListOf } from "../util/checks";
import { describe, refuse } from "../util/errors";
import {
  broadcastShapes,
  checkCounts,
  checkDimensions,
  checkShape,
  formatShape,
  isArray,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
  type Axes,
  type Shape,
} from "../util/shapes";
import { asNode, asTensor, deviceOf } from "./lift";
import type { Tensor } from "./tensor";
import { wrap, type TensorLike } from "./tensor";

/** `x` in another shape of the same size, row-major; one length may be −1, to be found from the others. */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const node = asNode("reshape", x);
  return wrap(view.reshape(node, resolveShape(node, shape)));
}

function resolveShape(x: Node, shape: Shape): Shape {
  if (!isArray(shape)) refuse("reshape", `shape must be an array of integers, got ${describe(shape)}`);
  const unknown = shape.flatMap((n, d) => (n === -1 ? [d] : []));
  if (unknown.length === 0) return checkShape("reshape", shape);
  if (unknown.length > 1)
    refuse("reshape", `at most one length of shape may be -1, got ${formatShape(shape)}`);
  const known = checkShape(
    "reshape",
    shape.map((n) => (n === -1 ? 1 : n)),
  );
  const size = sizeOf(x.shape);
  if (sizeOf(known) === 0 || size % sizeOf(known) !== 0) {
    refuse(
      "reshape",
      `shape ${formatShape(shape)} must divide the ${size} elements of x ${formatShape(x.shape)}`,
    );
  }
  return known.map((n, d) => (d === unknown[0] ? size / sizeOf(known) : n));
}

/** `x` with its axes in the order `axes`; reversed unless given. */
export function transpose(x: TensorLike, axes?: readonly number[]): Tensor {
  const node = asNode("transpose", x);
  const ndim = node.shape.length;
  if (axes === undefined)
    return wrap(
      view.permute(
        node,
        node.shape.map((_, d) => ndim - 1 - d),
      ),
    );
  const order = Array.isArray(axes)
    ? Array.from(axes, (a) => normalizeAxis("transpose", a as number, ndim, "axes"))
    : [];
  if (order.length !== ndim || new Set(order).size !== ndim) {
    refuse("transpose", `axes must name each of the ${ndim} axes once, got ${describe(axes)}`);
  }
  return wrap(view.permute(node, order));
}

/** `x` with two axes exchanged. */
export function swapaxes(x: TensorLike, axis1: number, axis2: number): Tensor {
  const node = asNode("swapaxes", x);
  const a = normalizeAxis("swapaxes", axis1, node.shape.length, "axis1");
  const b = normalizeAxis("swapaxes", axis2, node.shape.length, "axis2");
  const order = node.shape.map((_, d) => (d === a ? b : d === b ? a : d));
  return wrap(view.permute(node, order));
}

/** `x` with an axis of length 1 at position `axis` of the result. */
export function expandDims(x: TensorLike, axis: number): Tensor {
  const node = asNode("expandDims", x);
  checkDimensions("expandDims", node.shape.length + 1);
  const at = normalizeAxis("expandDims", axis, node.shape.length + 1);
  return wrap(view.reshape(node, [...node.shape.slice(0, at), 1, ...node.shape.slice(at)]));
}

/** `x` without its axes of length 1, or without those named. Refuses an axis of another length. */
export function squeeze(x: TensorLike, axis?: Axes): Tensor {
  const node = asNode("squeeze", x);
  if (axis === undefined)
    return wrap(
      view.reshape(
        node,
        node.shape.filter((n) => n !== 1),
      ),
    );
  const axes = normalizeAxes("squeeze", axis, node.shape.length);
  const long = axes.find((a) => node.shape[a] !== 1);
  if (long !== undefined)
    refuse(
      "squeeze",
      `axis ${long} of shape ${formatShape(node.shape)} has length ${node.shape[long]}, not 1`,
    );
  return wrap(
    view.reshape(
      node,
      node.shape.filter((_, d) => !axes.includes(d)),
    ),
  );
}

/** `x` repeated to `shape` by NumPy's rules. */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  const node = asNode("broadcastTo", x);
  checkShape("broadcastTo", shape);
  const common = broadcastShapes(node.shape, shape);
  if (common === undefined || !sameShape(common, shape)) {
    refuse("broadcastTo", `x ${formatShape(node.shape)} does not broadcast to shape ${formatShape(shape)}`);
  }
  return wrap(broadcastNode(node, shape));
}

/**
 * x[starts : ends : steps], an entry an axis, as in Python: negative positions count from the end, positions beyond
 * the ends are cut, negative steps walk backwards (to the first element where the end is −size − 1 or below). Axes
 * that are not named are taken whole.
 */
export function slice(
  x: TensorLike,
  starts: readonly number[],
  ends: readonly number[],
  steps?: readonly number[],
): Tensor {
  const node = asNode("slice", x);
  const along = steps ?? (isArray(starts) ? starts.map(() => 1) : []);
  checkSlice(node, starts, ends, along);
  const backwards = along.flatMap((s, d) => (s < 0 ? [d] : []));
  const flipped = view.flip(node, backwards);
  const walked = node.shape.map((n, d) => {
    if (d >= starts.length) return { start: 0, size: n, step: 1 };
    const sign = along[d] < 0;
    const [start, end] = [starts[d], ends[d]].map((p) => position(p, n, sign));
    const [from, to, step] = sign ? [n - 1 - start, n - 1 - end, -along[d]] : [start, end, along[d]];
    return { start: from, size: Math.max(0, Math.ceil((to - from) / step)), step };
  });
  return wrap(
    view.slice(
      flipped,
      walked.map((w) => w.start),
      walked.map((w) => w.size),
      walked.map((w) => w.step),
    ),
  );
}

/** A Python position within an axis of length n. */
function position(p: number, n: number, backwards: boolean): number {
  const at = p < 0 ? p + n : p;
  return backwards ? Math.max(-1, Math.min(n - 1, at)) : Math.max(0, Math.min(n, at));
}

function checkSlice(node: Node, ...lists: (readonly number[])[]): void {
  const [starts, ends, steps] = lists;
  const names = ["starts", "ends", "steps"];
  lists.forEach((list, i) => {
    if (!isListOf(list, Number.isInteger)) {
      refuse("slice", `${names[i]} must be an array of integers, got ${describe(list)}`);
    }
  });
  if (starts.length !== ends.length || starts.length !== steps.length || starts.length > node.shape.length) {
    refuse(
      "slice",
      `starts, ends and steps must have one length of at most ${node.shape.length} (shape ${formatShape(node.shape)}), got ${starts.length}, ${ends.length} and ${steps.length}`,
    );
  }
  if (steps.includes(0)) refuse("slice", `steps must not be 0, got ${describe(steps)}`);
}

function isWidthPair(pair: unknown): boolean {
  const isCount = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0;
  return isListOf(pair, isCount) && (pair as readonly unknown[]).length === 2;
}

/** `x` with `value` around it: `widths` holds [before, after] an axis. */
export function pad(
  x: TensorLike,
  widths: readonly (readonly [number, number] | readonly number[])[],
  value = 0,
): Tensor {
  const node = asNode("pad", x);
  const fits = isListOf(widths, isWidthPair) && widths.length === node.shape.length;
  if (!fits) {
    refuse(
      "pad",
      `widths must be [[before, after], …], a pair of counts for each of the ${node.shape.length} axes, got ${describe(widths)}`,
    );
  }
  checkNumber("pad", "value", value);
  const [before, after] = [widths.map((w) => w[0]), widths.map((w) => w[1])];
  return wrap(padWith(node, before, after, value));
}

/** `x` with the order of elements along `axis` (all axes unless given) reversed. */
export function flip(x: TensorLike, axis?: Axes): Tensor {
  const node = asNode("flip", x);
  return wrap(view.flip(node, normalizeAxes("flip", axis, node.shape.length)));
}

function asList(where: string, tensors: readonly TensorLike[]): Node[] {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    refuse(where, `tensors must be an array of at least one tensor, got ${describe(tensors)}`);
  }
  const device = deviceOf(tensors);
  const nodes = Array.from(
    tensors as readonly TensorLike[],
    (x, i) => asTensor(where, `tensors[${i}]`, x, device).node,
  );
  const dtype = nodes.map((n) => n.dtype).reduce(promote);
  return nodes.map((n) => cast(n, dtype));
}

/** Tensors of shapes that agree but for `axis`, one after the other along it. */
export function concatenate(tensors: readonly TensorLike[], axis = 0): Tensor {
  const nodes = asList("concatenate", tensors);
  const [first] = nodes;
  const at = normalizeAxis("concatenate", axis, first.shape.length);
  for (const n of nodes) {
    if (
      n.shape.length !== first.shape.length ||
      n.shape.some((size, d) => d !== at && size !== first.shape[d])
    ) {
      refuse(
        "concatenate",
        `tensors must agree outside axis ${at}, got shapes ${formatShape(first.shape)} and ${formatShape(n.shape)}`,
      );
    }
  }
  return wrap(concatenateNodes(nodes, at));
}

function concatenateNodes(nodes: readonly Node[], axis: number): Node {
  const { dtype } = nodes[0];
  // Parts are placed by adding zeros, which bool lacks.
  const parts = dtype === "bool" ? nodes.map((n) => cast(n, "int32")) : nodes;
  return cast(sumTree(view.placed(parts, axis)), dtype);
}

/** Sums by halves, so that depth stays small for long lists. */
function sumTree(nodes: readonly Node[]): Node {
  if (nodes.length === 1) return nodes[0];
  const half = nodes.length >> 1;
  return add(sumTree(nodes.slice(0, half)), sumTree(nodes.slice(half)));
}

/** Tensors of one shape along a new axis at position `axis` of the result. */
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  const nodes = asList("stack", tensors);
  const [first] = nodes;
  checkDimensions("stack", first.shape.length + 1);
  const at = normalizeAxis("stack", axis, first.shape.length + 1);
  for (const n of nodes) {
    if (formatShape(n.shape) !== formatShape(first.shape)) {
      refuse(
        "stack",
        `tensors must have one shape, got ${formatShape(first.shape)} and ${formatShape(n.shape)}`,
      );
    }
  }
  return wrap(view.moveAxis(stackNodes(nodes), 0, at));
}

/** `x` cut along `axis`: into that many equal parts, or at the given positions. */
export function split(x: TensorLike, parts: number | readonly number[], axis = 0): Tensor[] {
  const node = asNode("split", x);
  const at = normalizeAxis("split", axis, node.shape.length);
  const n = node.shape[at];
  if (typeof parts === "number" && (!Number.isInteger(parts) || parts < 1 || n % parts !== 0)) {
    refuse("split", `parts must divide the length ${n} of axis ${at}, got ${describe(parts)}`);
  }
  const cuts =
    typeof parts === "number" ? Array.from({ length: parts - 1 }, (_, i) => ((i + 1) * n) / parts) : parts;
  if (!isListOf(cuts, Number.isInteger)) {
    refuse("split", `parts must be a count or an array of integer positions, got ${describe(parts)}`);
  }
  const ends = [...cuts, n];
  return ends.map((end, i) => {
    const along = (k: number, other: readonly number[]): number[] => other.map((m, d) => (d === at ? k : m));
    return slice(
      wrap(node),
      along(
        i === 0 ? 0 : ends[i - 1],
        node.shape.map(() => 0),
      ),
      along(end, node.shape),
    );
  });
}

/** `x` repeated as a whole, `repeats` times an axis. */
export function tile(x: TensorLike, repeats: number | readonly number[]): Tensor {
  const node = asNode("tile", x);
  const given = typeof repeats === "number" ? [repeats] : repeats;
  checkCounts("tile", "repeats", given);
  const ndim = Math.max(given.length, node.shape.length);
  const counts = [...new Array<number>(ndim - given.length).fill(1), ...given];
  const shape = [...new Array<number>(ndim - node.shape.length).fill(1), ...node.shape];
  const spread = expand(
    view.reshape(
      node,
      shape.flatMap((n) => [1, n]),
    ),
    shape.flatMap((n, d) => [counts[d], n]),
  );
  return wrap(
    view.reshape(
      spread,
      shape.map((n, d) => n * counts[d]),
    ),
  );
}

/** Each element of `x` along `axis` `count` times in a row; of the flattened tensor unless an axis is given. */
export function repeat(x: TensorLike, count: number, axis?: number): Tensor {
  const given = asNode("repeat", x);
  checkWhole("repeat", "count", count, 0);
  const node = axis === undefined ? view.reshape(given, [sizeOf(given.shape)]) : given;
  const at = normalizeAxis("repeat", axis ?? 0, node.shape.length);
  const [outer, inner] = [node.shape.slice(0, at + 1), node.shape.slice(at + 1)];
  const spread = expand(view.reshape(node, [...outer, 1, ...inner]), [...outer, count, ...inner]);
  return wrap(view.reshape(spread, [...node.shape.slice(0, at), node.shape[at] * count, ...inner]));
}
