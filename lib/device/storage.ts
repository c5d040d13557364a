/** Where values lie: on the host, in the typed array of their dtype, or in a buffer of a machine, as its target stores them. */
import type { Aval, CpuArray, Node, Storage } from "../graph/node";
import { checkNotDisposed } from "../graph/node";
import { toCpuArray } from "../graph/array";
import { convertInto } from "../util/conversion";
import { arrayFor, isFloat, type DType, type TypedArray } from "../util/dtypes";
import type { Block } from "./machine";
import { fromHalf, toHalf } from "../util/half";

export interface Stored extends Storage {
  /** Undefined once it was freed. A value given before its device opened waits on the host until it is used. */
  value: OnHost | InBuffer | undefined;
  /** Whether it is the value of several nodes. */
  shared?: boolean;
}

export interface OnHost {
  readonly host: TypedArray;
}

export interface InBuffer {
  readonly buffer: Block;
  /** The machine whose buffer it is, for as long as that works. */
  readonly machine: object;
}

export function hostStorage(host: TypedArray): Stored {
  return { bytes: host.byteLength, value: { host } };
}

/** The elements of a value that lies on the host, or undefined. */
export function onHost(node: Node): TypedArray | undefined {
  checkNotDisposed(node);
  const value = (node.storage as Stored | undefined)?.value;
  return value && "host" in value ? value.host : undefined;
}

/** A value that lies on the host, as ops' own rules take it. */
export function arrayOf(node: Node): CpuArray | undefined {
  const host = onHost(node);
  if (host === undefined) return undefined;
  const { shape, dtype } = node;
  return isFloat(dtype) && !(host instanceof Float64Array)
    ? toCpuArray(host, node)
    : { shape, dtype, data: host };
}

/** A copy, so that the caller may change its array, of the values that the dtype can hold. */
export function hostCopy(data: TypedArray, { dtype }: Pick<Aval, "dtype">): TypedArray {
  if (dtype === "float16") return Float32Array.from(data, (x) => fromHalf(toHalf(x)));
  return convertInto(arrayFor(dtype, data.length), data, dtype);
}

/** `host`, values of `dtype`, as they lie in a buffer that has them as `stored`. */
export function encode(host: TypedArray, stored: DType): ArrayBufferView {
  if (stored === "float16") return Uint16Array.from(host, toHalf);
  const same = arrayFor(stored, 0).constructor === host.constructor;
  if (same) return host;
  const out = arrayFor(stored, host.length);
  out.set(host);
  return out;
}

/** What `encode` gave bytes of, back in the typed array of `dtype`. */
export function decode(bytes: ArrayBuffer, stored: DType, dtype: DType): TypedArray {
  const values =
    stored === "float16" ? Float32Array.from(new Uint16Array(bytes), fromHalf) : viewAs(bytes, stored);
  const out = arrayFor(dtype, 0).constructor === values.constructor ? values : arrayFor(dtype, values.length);
  if (out !== values) out.set(values);
  return out;
}

export function viewAs(bytes: ArrayBuffer, dtype: DType): TypedArray {
  switch (dtype) {
    case "float64":
      return new Float64Array(bytes);
    case "int32":
      return new Int32Array(bytes);
    case "uint32":
      return new Uint32Array(bytes);
    case "bool":
      return new Uint8Array(bytes);
    default:
      return new Float32Array(bytes);
  }
}
