/** From what a user passes to nodes: conversion, dtype promotion, broadcasting. */
import type { Node } from "../graph/node";
import { cast } from "../ops/cast";
import { constant } from "../ops/define";
import { broadcastTo } from "../ops/sum";
import { isFloat, promote, type DType } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { broadcastShapes, formatShape } from "../util/shapes";
import { fromData, tensor } from "./create";
import { defaultDevice, withDevice, type Device } from "./device";
import { Tensor, type TensorLike } from "./tensor";

export function isTensorLike(x: unknown): x is TensorLike {
  return (
    x instanceof Tensor ||
    typeof x === "number" ||
    typeof x === "boolean" ||
    ArrayBuffer.isView(x) ||
    Array.isArray(x)
  );
}

/** `x` as a tensor, made on `device` if it is not one yet. */
export function asTensor(where: string, x: unknown, device: Device = defaultDevice()): Tensor {
  if (x instanceof Tensor) return x;
  if (!isTensorLike(x)) refuse(where, `expected a tensor, a number or nested arrays, got ${describe(x)}`);
  if (typeof x === "number") return fromData(Float64Array.of(x), [], device.floatType, device);
  return device === defaultDevice() ? tensor(x) : withDevice(device, () => tensor(x));
}

export function asNode(where: string, x: TensorLike): Node {
  return asTensor(where, x).node;
}

/** A float node: integers and bool become floats, as NumPy's functions do. */
export function asFloat(where: string, x: TensorLike): Node {
  const node = asNode(where, x);
  return isFloat(node.dtype) ? node : cast(node, node.device.floatType);
}

/**
 * Operands of one dtype and shape. Plain numbers are weak, as in JAX: they take the tensors' dtype where it can hold
 * them.
 */
export function broadcastOperands(where: string, operands: readonly TensorLike[]): Node[] {
  const first = operands.find((x): x is Tensor => x instanceof Tensor);
  const device = first?.device ?? defaultDevice();
  const strong = operands.map((x) => (isWeak(x) ? undefined : asTensor(where, x, device).node));
  const dtype = commonDType(operands, strong, device);
  const shape = broadcastShapes(...strong.map((n) => n?.shape ?? []));
  if (!shape) {
    const shapes = strong.flatMap((n) => (n ? [formatShape(n.shape)] : [])).join(" and ");
    return refuse(where, `shapes ${shapes} do not broadcast`);
  }
  return operands.map((x, i) => {
    const node = strong[i];
    return node ? broadcastTo(cast(node, dtype), shape) : constant(Number(x), { shape, dtype }, device);
  });
}

/** Nodes repeated to their common shape. */
export function broadcastNodes(where: string, nodes: readonly Node[]): Node[] {
  const shape = broadcastShapes(...nodes.map((n) => n.shape));
  if (!shape) {
    return refuse(where, `shapes ${nodes.map((n) => formatShape(n.shape)).join(" and ")} do not broadcast`);
  }
  return nodes.map((n) => broadcastTo(n, shape));
}

function isWeak(x: TensorLike): x is number {
  return typeof x === "number";
}

function commonDType(
  operands: readonly TensorLike[],
  strong: readonly (Node | undefined)[],
  device: Device,
): DType {
  const dtypes = strong.flatMap((n) => (n ? [n.dtype] : []));
  const common = dtypes.length > 0 ? dtypes.reduce(promote) : undefined;
  const numbers = operands.filter(isWeak);
  if (numbers.length === 0) return common!;
  if (common === undefined || (!isFloat(common) && !numbers.every(Number.isInteger))) return device.floatType;
  return common === "bool" ? "int32" : common;
}

/** Operands on one device, in one float dtype. */
export function floatOperands(where: string, operands: readonly TensorLike[]): Node[] {
  const device = operands.find((x): x is Tensor => x instanceof Tensor)?.device;
  const nodes = operands.map((x) => asTensor(where, x, device).node);
  const dtype = nodes.map((n) => n.dtype).reduce(promote);
  const float = isFloat(dtype) ? dtype : nodes[0].device.floatType;
  return nodes.map((n) => cast(n, float));
}
