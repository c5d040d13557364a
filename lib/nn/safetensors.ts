/** The safetensors format: a JSON header that names tensors, then their bytes. */
import { arrayFor, type DType, type TypedArray } from "../util/dtypes";
import { refuse } from "../util/errors";
import { fromHalf, toHalf } from "../util/half";
import { sizeOf, type Shape } from "../util/shapes";

export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

export interface StoredFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Texts that say more. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: readonly [start: number, end: number];
}

/** The header's length is a whole number of 8 bytes, so that every tensor can lie where its numbers may. */
const alignment = 8;

const names: Readonly<Record<DType, string>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  int32: "I32",
  uint32: "U32",
  bool: "BOOL",
};

interface Reader {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, at: number) => number;
}

const whole64 = (value: bigint): number => Number(value);
const readers: Readonly<Record<string, Reader>> = {
  F64: { bytes: 8, dtype: "float64", read: (v, at) => v.getFloat64(at, true) },
  F32: { bytes: 4, dtype: "float32", read: (v, at) => v.getFloat32(at, true) },
  F16: { bytes: 2, dtype: "float16", read: (v, at) => fromHalf(v.getUint16(at, true)) },
  BF16: { bytes: 2, dtype: "float32", read: (v, at) => fromBrain(v.getUint16(at, true)) },
  I64: { bytes: 8, dtype: "int32", read: (v, at) => whole64(v.getBigInt64(at, true)) },
  U64: { bytes: 8, dtype: "uint32", read: (v, at) => whole64(v.getBigUint64(at, true)) },
  I32: { bytes: 4, dtype: "int32", read: (v, at) => v.getInt32(at, true) },
  U32: { bytes: 4, dtype: "uint32", read: (v, at) => v.getUint32(at, true) },
  I16: { bytes: 2, dtype: "int32", read: (v, at) => v.getInt16(at, true) },
  U16: { bytes: 2, dtype: "int32", read: (v, at) => v.getUint16(at, true) },
  I8: { bytes: 1, dtype: "int32", read: (v, at) => v.getInt8(at) },
  U8: { bytes: 1, dtype: "int32", read: (v, at) => v.getUint8(at) },
  BOOL: { bytes: 1, dtype: "bool", read: (v, at) => v.getUint8(at) },
};

/** bfloat16 is the upper half of a float32. */
function fromBrain(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

/** The bytes of a file, header first, in parts that need not be joined to be written. */
export function encode({ tensors, metadata }: StoredFile): Uint8Array[] {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  const parts: Uint8Array[] = [];
  let start = 0;
  // Wide numbers first, so that each tensor begins at a multiple of its numbers' width.
  const width = ({ dtype }: StoredTensor): number => readers[names[dtype]].bytes;
  const ordered = [...tensors].sort(([, a], [, b]) => width(b) - width(a));
  for (const [name, tensor] of ordered) {
    const bytes = bytesOf(tensor);
    header[name] = {
      dtype: names[tensor.dtype],
      shape: tensor.shape,
      data_offsets: [start, start + bytes.length],
    };
    start += bytes.length;
    parts.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(text.length / alignment) * alignment, " ");
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return [length, padded, ...parts];
}

function bytesOf({ dtype, data }: StoredTensor): Uint8Array {
  const stored = dtype === "float16" ? Uint16Array.from(data, toHalf) : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** What a file holds. Refuses by `name` what is no safetensors file, or a broken one. */
export function decode(where: string, name: string, bytes: Uint8Array): StoredFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8) refuse(where, `${name} is no safetensors file, or ends early`);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(where, name, bytes.subarray(8, 8 + length));
  const tensors = new Map<string, StoredTensor>();
  for (const [key, entry] of Object.entries(entries)) {
    tensors.set(key, readTensor(where, `${key} of ${name}`, entry as Entry, view, 8 + length));
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function parseHeader(where: string, name: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
  } catch (error) {
    return refuse(where, `${name} has no safetensors header (${(error as Error).message})`);
  }
}

function readTensor(where: string, name: string, entry: Entry, view: DataView, base: number): StoredTensor {
  const reader = readers[entry.dtype];
  if (reader === undefined) refuse(where, `${name} has dtype ${entry.dtype}, which cannot be read`);
  const [start, end] = entry.data_offsets;
  const count = sizeOf(entry.shape);
  if (end - start !== count * reader.bytes || base + end > view.byteLength) {
    refuse(where, `${name} ends early, or its shape and size do not agree`);
  }
  const data = arrayFor(reader.dtype, count);
  for (let i = 0; i < count; i++) {
    const value = reader.read(view, base + start + i * reader.bytes);
    data[i] = value;
    if (reader.bytes === 8 && reader.dtype !== "float64" && data[i] !== value) {
      refuse(where, `${name} holds ${value}, which does not fit into ${reader.dtype}`);
    }
  }
  return { dtype: reader.dtype, shape: entry.shape, data };
}
