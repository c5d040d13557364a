/** Making tensors from numbers. */
import { settle, type Device } from "../graph/node";
import { makeNode } from "../graph/node";
import { constant, leaf } from "../ops/define";
import { iota } from "../ops/iota";
import { add as addNodes, mul as mulNodes } from "../ops/binary";
import { cast } from "../ops/cast";
import { constantLike } from "../ops/define";
import { arrayFor, checkDType, dtypeOfArray, isFloat, type DType, type TypedArray } from "../util/dtypes";
import { checkOptions, describe, refuse } from "../util/errors";
import { checkShape, formatShape, sizeOf, type Shape } from "../util/shapes";
import { defaultDevice } from "./device";
import { Tensor, wrap, type NestedArray, type TensorLike } from "./tensor";

export interface CreateOptions {
  /** float32 unless given (float64 on cpu); typed arrays keep theirs. */
  readonly dtype?: DType;
}

/** The dtype a device stores for the one asked for: floats have the width the device has. */
export function storedDType(where: string, dtype: DType | undefined, device: Device): DType {
  if (dtype === undefined) return device.floatType;
  checkDType(where, dtype);
  if (!isFloat(dtype) || device.floatTypes.includes(dtype)) return dtype;
  if (device.floatType === "float64") return "float64";
  return refuse(
    where,
    `dtype ${dtype} is not available on ${device.name} (it has ${device.floatTypes.join(", ")}); use the cpu device`,
  );
}

/**
 * A tensor of the numbers in `value`: a number, nested arrays of one length at each depth, or a typed array with an
 * optional `shape`. The array is copied. Throws an ArgumentError for ragged arrays and for a shape that does not fit.
 */
export function tensor(value: TensorLike, options: CreateOptions & { shape?: Shape } = {}): Tensor {
  checkOptions("tensor", options, ["dtype", "shape"]);
  if (value instanceof Tensor) return value;
  const device = defaultDevice();
  const { data, shape, dtype } = readNumbers(value);
  const wanted = options.dtype ?? (isFloat(dtype) ? undefined : dtype);
  const stored = storedDType("tensor", wanted, device);
  const given = options.shape === undefined ? shape : checkShape("tensor", options.shape);
  if (sizeOf(given) !== data.length) {
    refuse("tensor", `shape ${formatShape(given)} has ${sizeOf(given)} elements, the data ${data.length}`);
  }
  return fromData(data, given, stored, device);
}

/** A realised tensor. */
export function fromData(data: TypedArray, shape: Shape, dtype: DType, device: Device): Tensor {
  const aval = { shape: [...shape], dtype };
  const node = makeNode(leaf, [], {}, device, aval);
  settle(node, device.store(data, aval));
  return wrap(node);
}

interface Numbers {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

function readNumbers(value: Exclude<TensorLike, Tensor>): Numbers {
  if (ArrayBuffer.isView(value)) {
    const array = value;
    if (array instanceof Uint8Array)
      return { data: Int32Array.from(array), shape: [array.length], dtype: "int32" };
    return { data: array, shape: [array.length], dtype: dtypeOfArray(array) };
  }
  const shape: number[] = [];
  for (let x: unknown = value; Array.isArray(x); x = x[0]) shape.push(x.length);
  const data = new Float64Array(sizeOf(shape));
  let booleans = 0;
  let next = 0;
  const fill = (x: NestedArray | readonly NestedArray[], d: number): void => {
    if (Array.isArray(x)) {
      if (d >= shape.length || x.length !== shape[d]) {
        refuse(
          "tensor",
          `nested arrays are ragged: expected ${shape[d] ?? "a number"} at depth ${d}, got length ${x.length}`,
        );
      }
      for (const y of x) fill(y, d + 1);
      return;
    }
    if (d < shape.length || (typeof x !== "number" && typeof x !== "boolean")) {
      refuse("tensor", `expected numbers in nested arrays, got ${describe(x)} at depth ${d}`);
    }
    if (typeof x === "boolean") booleans++;
    data[next++] = Number(x);
  };
  fill(value, 0);
  return { data, shape, dtype: booleans > 0 && booleans === data.length ? "bool" : "float64" };
}

/** `value` everywhere. */
export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor {
  checkOptions("full", options, ["dtype"]);
  if (typeof value !== "number") refuse("full", `value must be a number, got ${describe(value)}`);
  const device = defaultDevice();
  const dtype = storedDType("full", options.dtype, device);
  return wrap(constant(value, { shape: [...checkShape("full", shape)], dtype }, device));
}

/** 0 everywhere. */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** 1 everywhere. */
export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** 0 everywhere, in the shape, dtype and device of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return wrap(constantLike(x.node, 0));
}

/** 1 everywhere, in the shape, dtype and device of `x`. */
export function onesLike(x: Tensor): Tensor {
  return wrap(constantLike(x.node, 1));
}

/** `value` everywhere, in the shape, dtype and device of `x`. */
export function fullLike(x: Tensor, value: number): Tensor {
  return wrap(constantLike(x.node, value));
}

/** The [n, m] identity; m = n unless given. */
export function eye(n: number, m = n, options: CreateOptions = {}): Tensor {
  checkShape("eye", [n, m]);
  const device = defaultDevice();
  const data = arrayFor("float64", n * m);
  for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = 1;
  return fromData(data, [n, m], storedDType("eye", options.dtype, device), device);
}

/**
 * `arange(stop)` or `arange(start, stop, step = 1)`: start, start + step, … before stop. int32 when all three are
 * whole, else float.
 */
export function arange(start: number, stop?: number, step = 1, options: CreateOptions = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0) {
    refuse("arange", `start, stop and step must be finite and step not 0, got ${from}, ${to}, ${step}`);
  }
  const device = defaultDevice();
  const whole = [from, to, step].every(Number.isInteger);
  const dtype = storedDType("arange", options.dtype ?? (whole ? "int32" : undefined), device);
  const count = Math.max(0, Math.ceil((to - from) / step));
  const index = cast(iota(count, "int32", device), dtype);
  return wrap(addNodes(mulNodes(index, constantLike(index, step)), constantLike(index, from)));
}

/** `count` evenly spaced numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count = 50, options: CreateOptions = {}): Tensor {
  if (!Number.isInteger(count) || count < 0)
    refuse("linspace", `count must be a non-negative integer, got ${describe(count)}`);
  const device = defaultDevice();
  const data = arrayFor("float64", count);
  for (let i = 0; i < count; i++) data[i] = count === 1 ? start : start + ((stop - start) * i) / (count - 1);
  return fromData(data, [count], storedDType("linspace", options.dtype, device), device);
}
