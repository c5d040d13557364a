import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { describe, refuse } from "../util/errors";
import { fromHalf } from "../util/half";

/** A path, or a file's bytes. */
export type FileSource = string | Uint8Array;

export interface File {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The bytes of a file, decompressed if they are gzip's. Refuses what cannot be read. */
export async function openFile(where: string, source: FileSource): Promise<File> {
  const { name, bytes } = await load(where, source);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { name, bytes };
  try {
    return { name, bytes: await promisify(gunzip)(bytes) };
  } catch (error) {
    return refuse(where, `${name} is a broken gzip file (${(error as Error).message})`);
  }
}

async function load(where: string, source: FileSource): Promise<File> {
  if (source instanceof Uint8Array) return { name: `the ${source.length} bytes given`, bytes: source };
  if (typeof source !== "string") refuse(where, `source must be a path or bytes, got ${describe(source)}`);
  try {
    return { name: source, bytes: await readFile(source) };
  } catch (error) {
    return refuse(where, `${source} cannot be read (${(error as Error).message})`);
  }
}

/** Numbers as they lie in a file. */
export interface NumberFormat {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number, littleEndian: boolean) => number | bigint;
  readonly dtype: "float64" | "float32" | "int32" | "uint32" | "bool";
}

const signed = (bytes: number, read: NumberFormat["read"]): NumberFormat => ({ bytes, read, dtype: "int32" });
const unsigned = (bytes: number, read: NumberFormat["read"]): NumberFormat => ({
  bytes,
  read,
  dtype: "uint32",
});

/** By NumPy's letter and width. Bytes and shorts become int32, into which they fit. */
export const numberFormats: Readonly<Record<string, NumberFormat>> = {
  f8: { bytes: 8, read: (v, at, le) => v.getFloat64(at, le), dtype: "float64" },
  f4: { bytes: 4, read: (v, at, le) => v.getFloat32(at, le), dtype: "float32" },
  f2: { bytes: 2, read: (v, at, le) => fromHalf(v.getUint16(at, le)), dtype: "float32" },
  i8: signed(8, (v, at, le) => v.getBigInt64(at, le)),
  i4: signed(4, (v, at, le) => v.getInt32(at, le)),
  i2: signed(2, (v, at, le) => v.getInt16(at, le)),
  i1: signed(1, (v, at) => v.getInt8(at)),
  u8: unsigned(8, (v, at, le) => v.getBigUint64(at, le)),
  u4: unsigned(4, (v, at, le) => v.getUint32(at, le)),
  u2: signed(2, (v, at, le) => v.getUint16(at, le)),
  u1: signed(1, (v, at) => v.getUint8(at)),
  b1: { bytes: 1, read: (v, at) => v.getUint8(at), dtype: "bool" },
};

const ranges = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] } as const;

/** `count` numbers from `offset`. Refuses whole numbers of 64 bits that do not fit into 32. */
export function readNumbers(
  where: string,
  { name, bytes }: File,
  format: NumberFormat,
  { offset, count, littleEndian }: { offset: number; count: number; littleEndian: boolean },
): Float64Array {
  if (bytes.length < offset + count * format.bytes) {
    refuse(where, `${name} ends early: ${count} numbers of ${format.bytes} bytes are wanted`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = Number(format.read(view, offset + i * format.bytes, littleEndian));
  }
  if (format.bytes === 8 && (format.dtype === "int32" || format.dtype === "uint32")) {
    const [least, greatest] = ranges[format.dtype];
    const bad = values.find((v) => v < least || v > greatest);
    if (bad !== undefined) refuse(where, `${name} holds ${bad}, which does not fit into ${format.dtype}`);
  }
  return values;
}
