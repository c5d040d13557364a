/** The safetensors format: a JSON header that names tensors, then their bytes. */
import { arrayFor, type DType, type TypedArray } from "../util/dtypes";
import { refuse } from "../util/errors";
import { fromHalf, toHalf } from "../util/half";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import { metadataName, readHeader, type Entry } from "./header";

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

/** The header's length is a whole number of 8 bytes, so that every tensor can lie where its numbers may. */
const alignment = 8;

const names: Readonly<Record<DType, keyof typeof readers>> = {
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
const readers = {
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
  BOOL: { bytes: 1, dtype: "bool", read: (v, at) => (v.getUint8(at) === 0 ? 0 : 1) },
} satisfies Readonly<Record<string, Reader>>;

/** bfloat16 is the upper half of a float32. */
function fromBrain(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

/** The bytes of a file, header first, in parts that need not be joined to be written. */
export function encode({ tensors, metadata }: StoredFile): Uint8Array[] {
  const header: [name: string, value: unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([metadataName, metadata]);
  const parts: Uint8Array[] = [];
  let start = 0;
  // Wide numbers first, so that each tensor begins at a multiple of its numbers' width.
  const width = ({ dtype }: StoredTensor): number => readers[names[dtype]].bytes;
  const ordered = [...tensors].sort(([, a], [, b]) => width(b) - width(a));
  for (const [name, tensor] of ordered) {
    const bytes = bytesOf(tensor);
    const place = { dtype: names[tensor.dtype], shape: tensor.shape };
    header.push([name, { ...place, data_offsets: [start, start + bytes.length] }]);
    start += bytes.length;
    parts.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
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

/**
 * What a file holds. Refuses by `name` what is no safetensors file, or a broken one. Takes memory for eight times the
 * file's bytes at most, beside its header.
 */
export function decode(where: string, name: string, bytes: Uint8Array): StoredFile {
  const { entries, metadata, length } = readHeader(where, name, bytes);
  const data = bytes.subarray(length);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const tensors = entries.map(
    (entry) => [entry.name, readTensor(where, `${entry.name} of ${name}`, entry, view)] as const,
  );
  return { tensors: new Map(tensors), metadata };
}

function readTensor(where: string, name: string, entry: Entry, view: DataView): StoredTensor {
  const { dtype, shape, start, end } = entry;
  if (!Object.hasOwn(readers, dtype)) refuse(where, `${name} has dtype ${dtype}, which cannot be read`);
  const reader: Reader = readers[dtype as keyof typeof readers];
  const count = sizeOf(shape);
  const overflows = shape.some((_, i) => !Number.isSafeInteger(reader.bytes * sizeOf(shape.slice(0, i + 1))));
  if (overflows || end - start !== count * reader.bytes) {
    refuse(
      where,
      `${name} has ${end - start} bytes, but shape ${formatShape(shape)} of ${dtype} takes ${count * reader.bytes}`,
    );
  }
  const data = arrayFor(reader.dtype, count);
  for (let i = 0; i < count; i++) {
    const value = reader.read(view, start + i * reader.bytes);
    data[i] = value;
    if (reader.bytes === 8 && reader.dtype !== "float64" && data[i] !== value) {
      refuse(where, `${name} holds ${value}, which does not fit into ${reader.dtype}`);
    }
  }
  return { dtype: reader.dtype, shape, data };
}
