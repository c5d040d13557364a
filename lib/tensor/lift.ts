/** From what a user passes to nodes: conversion, dtype promotion, broadcasting. */
import type { Node } from "../graph/node";
import { cast } from "../ops/cast";
import { constant } from "../ops/define";
import { broadcastTo } from "../ops/sum";
import { converted } from "../util/conversion";
import { isFloat, promote, type DType } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../util/shapes";
import { fromData, fromNumbers, tensorLike } from "./create";
import { defaultDevice, type Device } from "./device";
import { Tensor, type TensorLike } from "./tensor";

export function isTensorLike(x: unknown): x is TensorLike {
  return x instanceof Tensor || isNumbers(x);
}

function isNumbers(x: unknown): x is Exclude<TensorLike, Tensor> {
  return typeof x === "number" || typeof x === "boolean" || ArrayBuffer.isView(x) || Array.isArray(x);
}

/** The argument `name` of `where` as a tensor; if it is not one yet, made on `device`, of `dtype` if that is given. */
export function asTensor(
  where: string,
  name: string,
  x: unknown,
  device: Device = defaultDevice(),
  dtype?: DType,
): Tensor {
  if (x instanceof Tensor) return x;
  if (!isNumbers(x)) return refuse(where, `${name} must be ${tensorLike}, got ${describe(x)}`);
  if (typeof x === "number") return fromData(Float64Array.of(x), [], dtype ?? device.floatType, device);
  return fromNumbers(where, name, x, { dtype }, device);
}

export function asNode(where: string, x: TensorLike, name = "x"): Node {
  return asTensor(where, name, x).node;
}

/** A float node: integers and bool become floats, as NumPy's functions do. */
export function asFloat(where: string, x: TensorLike, name = "x"): Node {
  const node = asNode(where, x, name);
  return isFloat(node.dtype) ? node : cast(node, node.device.floatType);
}

/** What the operands of a function of two are called. */
const two: readonly string[] = ["a", "b"];

interface OperandOptions {
  /** What they are called; a and b unless given. */
  readonly names?: readonly string[];
  /** What becomes of whole numbers beside integers; they are converted unless it is given. */
  readonly toInteger?: (value: number, dtype: DType) => number;
  /** Where arrays and numbers go; to the first tensor's device unless given. */
  readonly device?: Device;
}

/**
 * Operands of one dtype and shape. Plain numbers are weak, as in JAX: they take the tensors' dtype, but fractions,
 * infinities and NaN make floats of integers.
 */
export function broadcastOperands(
  where: string,
  operands: readonly TensorLike[],
  { names = two, toInteger = converted, device = deviceOf(operands) }: OperandOptions = {},
): Node[] {
  const strong = operands.map((x, i) => (isWeak(x) ? undefined : asTensor(where, names[i], x, device).node));
  const dtype = commonDType(operands, strong, device);
  const shape = commonShape(where, strong, names);
  return operands.map((x, i) => {
    const node = strong[i];
    return node
      ? broadcastTo(cast(node, dtype), shape)
      : constant(toInteger(Number(x), dtype), { shape, dtype }, device);
  });
}

/** Where numbers and arrays among `values` go: beside the first tensor, or to the default device. */
export function deviceOf(values: readonly unknown[]): Device {
  return values.find((x): x is Tensor => x instanceof Tensor)?.device ?? defaultDevice();
}

/** The shape to which all broadcast; undefined ones to any. */
function commonShape(where: string, nodes: readonly (Node | undefined)[], names: readonly string[]): Shape {
  const shape = broadcastShapes(...nodes.map((n) => n?.shape ?? []));
  if (shape) return shape;
  const shapes = nodes.flatMap((n, i) => (n ? [`${names[i]} ${formatShape(n.shape)}`] : []));
  return refuse(where, `shapes of ${shapes.join(" and ")} do not broadcast`);
}

/** Nodes repeated to their common shape. */
export function broadcastNodes(where: string, nodes: readonly Node[], names = two): Node[] {
  const shape = commonShape(where, nodes, names);
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

/** Operands on one device and in one dtype, which can be added and multiplied: bool counts as 0 and 1. */
export function numericOperands(where: string, operands: readonly TensorLike[], names = two): Node[] {
  const device = deviceOf(operands);
  const nodes = operands.map((x, i) => asTensor(where, names[i], x, device).node);
  const dtype = nodes.map((n) => n.dtype).reduce(promote);
  return nodes.map((n) => cast(n, dtype === "bool" ? "int32" : dtype));
}

/** The same, as floats. */
export function floatOperands(where: string, operands: readonly TensorLike[], names = two): Node[] {
  const nodes = numericOperands(where, operands, names);
  return nodes.map((n) => (isFloat(n.dtype) ? n : cast(n, n.device.floatType)));
}

/** Refuses what is no random key. */
export function checkKey(where: string, k: unknown, name = "key"): Node {
  if (k instanceof Tensor && k.dtype === "uint32" && sameShape(k.shape, [2])) return k.node;
  const got = k instanceof Tensor ? `${k.dtype} ${formatShape(k.shape)}` : describe(k);
  return refuse(where, `${name} must be a key, as random.key(seed) makes it, got ${got}`);
}
