/** Making tensors from numbers. */
import { checkSize, makeNode, settle, type Device, type Node } from "../graph/node";
import { constant, leaf } from "../ops/define";
import { iota } from "../ops/iota";
import { add as addNodes, mul as mulNodes } from "../ops/binary";
import { cast } from "../ops/cast";
import { constantLike } from "../ops/define";
import { arrayFor, checkDType, dtypeOfArray, isFloat, type DType, type TypedArray } from "../util/dtypes";
import { checkFinite, checkNumber, checkWhole } from "../util/checks";
import { converted, wrapped } from "../util/conversion";
import { checkOptions, describe, refuse } from "../util/errors";
import { checkShape, formatShape, maxDimensions, sizeOf, type Shape } from "../util/shapes";
import { defaultDevice } from "./device";
import { Tensor, wrap, type TensorLike } from "./tensor";

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
  return fromNumbers("tensor", "value", value, options, defaultDevice());
}

/** What `tensor` makes, as the argument `name` of `where`. */
export function fromNumbers(
  where: string,
  name: string,
  value: Exclude<TensorLike, Tensor>,
  options: CreateOptions & { shape?: Shape },
  device: Device,
): Tensor {
  const { data, shape, dtype } = readNumbers(where, name, value);
  const wanted = options.dtype ?? (isFloat(dtype) ? undefined : dtype);
  const stored = storedDType(where, wanted, device);
  const given = options.shape === undefined ? shape : checkShape(where, options.shape);
  if (sizeOf(given) !== data.length) {
    refuse(where, `shape ${formatShape(given)} has ${sizeOf(given)} elements, ${name} ${data.length}`);
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

export function readNumbers(where: string, name: string, value: Exclude<TensorLike, Tensor>): Numbers {
  if (ArrayBuffer.isView(value)) {
    const dtype = dtypeOfArray(value);
    if (dtype !== undefined) return { data: value, shape: [value.length], dtype };
    return refuse(
      where,
      `${name} must be numbers of at most 32 bits or Float64Array, got ${describe(value)}`,
    );
  }
  const shape: number[] = [];
  const outer: unknown[] = [];
  for (let x: unknown = value; Array.isArray(x); x = x[0]) {
    if (outer.includes(x)) refuse(where, `${name} must be ${tensorLike}, got an array that contains itself`);
    outer.push(x);
    shape.push(x.length);
  }
  const data = new Float64Array(sizeOf(checkDepth(where, name, shape)));
  let booleans = 0;
  let next = 0;
  const fill = (x: unknown, d: number): void => {
    if (Array.isArray(x)) {
      if (d >= shape.length || x.length !== shape[d]) {
        const wanted = d >= shape.length ? "a number" : `length ${shape[d]}`;
        refuse(where, `${name} is ragged: ${wanted} is wanted at depth ${d}, got length ${x.length}`);
      }
      for (const y of x) fill(y, d + 1);
      return;
    }
    if (d < shape.length || (typeof x !== "number" && typeof x !== "boolean")) {
      const wanted =
        shape.length === 0 ? tensorLike : d < shape.length ? "nested arrays of one depth" : "numbers";
      refuse(where, `${name} must be ${wanted}, got ${describe(x)}${d === 0 ? "" : ` at depth ${d}`}`);
    }
    if (typeof x === "boolean") booleans++;
    data[next++] = Number(x);
  };
  fill(value, 0);
  return { data, shape, dtype: booleans > 0 && booleans === data.length ? "bool" : "float64" };
}

/** What a tensor can be made of, in words. */
export const tensorLike = "a tensor, a number or nested arrays of numbers";

function checkDepth(where: string, name: string, shape: Shape): Shape {
  if (shape.length > maxDimensions) {
    refuse(where, `${name} has ${shape.length} dimensions, at most ${maxDimensions} are supported`);
  }
  return shape;
}

/** `value` everywhere. */
export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor {
  return filled("full", shape, checkNumber("full", "value", value), options);
}

function filled(where: string, shape: Shape, value: number, options: CreateOptions): Tensor {
  checkOptions(where, options, ["dtype"]);
  const device = defaultDevice();
  const aval = { shape: [...checkShape(where, shape)], dtype: storedDType(where, options.dtype, device) };
  checkSize(where, aval, device);
  return wrap(constant(value, aval, device));
}

/** 0 everywhere. */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled("zeros", shape, 0, options);
}

/** 1 everywhere. */
export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled("ones", shape, 1, options);
}

/** 0 everywhere, in the shape, dtype and device of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return wrap(constantLike(checkTensor("zerosLike", x).node, 0));
}

/** 1 everywhere, in the shape, dtype and device of `x`. */
export function onesLike(x: Tensor): Tensor {
  return wrap(constantLike(checkTensor("onesLike", x).node, 1));
}

/** `value` everywhere, in the shape, dtype and device of `x`. */
export function fullLike(x: Tensor, value: number): Tensor {
  return wrap(constantLike(checkTensor("fullLike", x).node, checkNumber("fullLike", "value", value)));
}

function checkTensor(where: string, x: unknown): Tensor {
  return x instanceof Tensor ? x : refuse(where, `x must be a tensor, got ${describe(x)}`);
}

/** The [n, m] identity; m = n unless given. */
export function eye(n: number, m = n, options: CreateOptions = {}): Tensor {
  checkOptions("eye", options, ["dtype"]);
  checkWhole("eye", "n", n, 0);
  checkWhole("eye", "m", m, 0);
  const device = defaultDevice();
  checkSize("eye", { shape: [n, m], dtype: "float64" }, device);
  const data = arrayFor("float64", n * m);
  for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = 1;
  return fromData(data, [n, m], storedDType("eye", options.dtype, device), device);
}

/**
 * `arange(stop)` or `arange(start, stop, step = 1)`: start, start + step, … before stop. int32 when they are whole
 * numbers that it holds, else float.
 */
export function arange(start: number, stop?: number, step = 1, options: CreateOptions = {}): Tensor {
  checkOptions("arange", options, ["dtype"]);
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  checkFinite("arange", "start", from);
  checkFinite("arange", "stop", to);
  if (checkFinite("arange", "step", step) === 0) refuse("arange", "step must not be 0, got 0");
  const device = defaultDevice();
  const count = Math.max(0, Math.ceil((to - from) / step));
  const ends = [from, from + Math.max(0, count - 1) * step];
  const isHeld = (whole: DType): boolean =>
    Number.isInteger(step) && ends.every((end) => Number.isInteger(end) && converted(end, whole) === end);
  const dtype = storedDType("arange", options.dtype ?? (isHeld("int32") ? "int32" : undefined), device);
  if (!isFloat(dtype) && !isHeld(dtype)) {
    return fromData(
      Float64Array.from({ length: count }, (_, i) => from + i * step),
      [count],
      dtype,
      device,
    );
  }
  const index = cast(iota(count, "int32", device), dtype);
  const constant = (value: number): Node => constantLike(index, wrapped(value, dtype));
  return wrap(addNodes(mulNodes(index, constant(step)), constant(from)));
}

/** `count` evenly spaced numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count = 50, options: CreateOptions = {}): Tensor {
  checkOptions("linspace", options, ["dtype"]);
  checkFinite("linspace", "start", start);
  checkFinite("linspace", "stop", stop);
  checkWhole("linspace", "count", count, 0);
  const device = defaultDevice();
  checkSize("linspace", { shape: [count], dtype: "float64" }, device);
  const data = arrayFor("float64", count);
  for (let i = 0; i < count; i++) data[i] = count === 1 ? start : start + ((stop - start) * i) / (count - 1);
  return fromData(data, [count], storedDType("linspace", options.dtype, device), device);
}
