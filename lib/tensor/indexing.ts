/** Reading and adding at positions that are tensors themselves. */
import type { Node } from "../graph/node";
import { add, less, maximum, minimum, where as choose } from "../ops/binary";
import { cast } from "../ops/cast";
import { constantLike } from "../ops/define";
import { addInto, take as takeNodes, takeAlong } from "../ops/gather";
import { broadcastTo } from "../ops/sum";
import { reshape } from "../ops/view";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { broadcastShapes, checkDimensions, formatShape, normalizeAxis, sizeOf } from "../util/shapes";
import { readNumbers } from "./create";
import { holdsAnywhere } from "./known";
import { asTensor, deviceOf } from "./lift";
import { Tensor, wrap, type TensorLike } from "./tensor";

function asIndices(where: string, indices: TensorLike, x: Node): Node {
  const given = asTensor(where, "indices", indices, x.device);
  if (given.dtype === "bool")
    refuse(where, "indices must be integers, got bool; select by a mask with where");
  if (!isFloat(given.dtype)) return given.node;
  if (indices instanceof Tensor) {
    // Fractions are cut off, as they are where the tensor is computed later.
    if (holdsAnywhere((i) => i.sub(i).isNaN(), indices))
      refuse(where, "indices must be integers, got NaN or infinity among them");
    return cast(given.node, "int32");
  }
  const bad = readNumbers(where, "indices", indices).data.find((i) => !Number.isInteger(i));
  if (bad !== undefined) refuse(where, `indices must be integers, got ${describe(bad)}`);
  return asTensor(where, "indices", indices, x.device, "int32").node;
}

/**
 * The elements of `x` at `indices` along `axis` (of the flattened tensor unless given): the axis is replaced by the
 * shape of `indices`. Negative indices count from the end; one out of range takes the nearest end, as in JAX.
 */
export function take(x: TensorLike, indices: TensorLike, axis?: number): Tensor {
  const given = asTensor("take", "x", x, deviceOf([x, indices])).node;
  const node = axis === undefined ? reshape(given, [sizeOf(given.shape)]) : given;
  const at = normalizeAxis("take", axis ?? 0, node.shape.length);
  const index = asIndices("take", indices, node);
  checkDimensions("take", node.shape.length - 1 + index.shape.length);
  checkNotEmpty("take", node, at, index);
  return wrap(takeNodes(node, placeOf(index, node.shape[at]), at));
}

/** Indices below zero moved by the axis's length. */
function fromEnd(index: Node, length: number): Node {
  if (index.dtype === "uint32") return index;
  const zero = constantLike(index, 0);
  return choose(less(index, zero), add(index, constantLike(index, length)), index);
}

/** The place in an axis that each index means. */
function placeOf(index: Node, length: number): Node {
  const place = minimum(fromEnd(index, length), constantLike(index, Math.max(0, length - 1)));
  return index.dtype === "uint32" ? place : maximum(place, constantLike(index, 0));
}

/**
 * The elements of `x` along `axis` at `indices`, which has the shape of `x` but for that axis: out[…, j, …] =
 * x[…, indices[…, j, …], …], as NumPy's take_along_axis. Negative indices count from the end; one out of range takes
 * the nearest end.
 */
export function takeAlongAxis(x: TensorLike, indices: TensorLike, axis: number): Tensor {
  const { node } = asTensor("takeAlongAxis", "x", x, deviceOf([x, indices]));
  const at = normalizeAxis("takeAlongAxis", axis, node.shape.length);
  const index = asIndices("takeAlongAxis", indices, node);
  checkNotEmpty("takeAlongAxis", node, at, index);
  return wrap(takeAlong(node, placeOf(index, node.shape[at]), at));
}

function checkNotEmpty(where: string, x: Node, axis: number, indices: Node): void {
  if (x.shape[axis] === 0 && sizeOf(indices.shape) > 0) {
    refuse(where, `axis ${axis} of shape ${formatShape(x.shape)} has no element to take`);
  }
}

/** `x` with the slices of `updates` added at `indices` along `axis`; repeated indices add up, those out of range are left out. */
export function scatterAdd(x: TensorLike, indices: TensorLike, updates: TensorLike, axis = 0): Tensor {
  const { node } = asTensor("scatterAdd", "x", x, deviceOf([x, indices, updates]));
  const at = normalizeAxis("scatterAdd", axis, node.shape.length);
  const index = asIndices("scatterAdd", indices, node);
  const wanted = [...node.shape.slice(0, at), ...index.shape, ...node.shape.slice(at + 1)];
  const given = cast(asTensor("scatterAdd", "updates", updates, node.device, node.dtype).node, node.dtype);
  const common = broadcastShapes(given.shape, wanted);
  if (common === undefined || formatShape(common) !== formatShape(wanted)) {
    refuse("scatterAdd", `updates must have shape ${formatShape(wanted)}, got ${formatShape(given.shape)}`);
  }
  const added = addInto(broadcastTo(given, wanted), fromEnd(index, node.shape[at]), at, node.shape);
  return wrap(add(node, added));
}
