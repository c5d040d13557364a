import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { arrayFor, type TypedArray } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { readBytes } from "../util/files";
import { fromHalf } from "../util/half";
import { maxDimensions, sizeOf, type Shape } from "../util/shapes";

/** A path, or a file's bytes. */
export type FileSource = string | Uint8Array;

export interface File {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface OpenedFile extends File {
  /** How many bytes it has as it is kept, compressed perhaps. */
  readonly stored: number;
}

/**
 * Bytes that a compressed file of `stored` bytes may come to: 128 times as many, and 64 MiB in any case. Numbers come to a
 * tenth of that; deflate can make a thousandfold of what is made to fill the memory.
 */
export function mostInflated(stored: number): number {
  return Math.max(2 ** 26, 128 * stored);
}

/** The bytes of a file, decompressed if they are gzip's: up to `mostInflated`. Refuses what cannot be read. */
export async function openFile(where: string, source: FileSource): Promise<OpenedFile> {
  const { name, bytes } = await load(where, source);
  const stored = bytes.length;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { name, bytes, stored };
  const most = mostInflated(stored);
  try {
    return { name, bytes: await promisify(gunzip)(bytes, { maxOutputLength: most }), stored };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      refuse(
        where,
        `${name} comes to more than ${most} bytes, which ${stored} compressed ones may; if you trust it, decompress it (gunzip) and read that`,
      );
    }
    return refuse(where, `${name} is a broken gzip file (${(error as Error).message})`);
  }
}

async function load(where: string, source: FileSource): Promise<File> {
  if (source instanceof Uint8Array) return { name: `the ${source.length} bytes given`, bytes: source };
  if (typeof source !== "string") refuse(where, `source must be a path or bytes, got ${describe(source)}`);
  return { name: source, bytes: await readBytes(where, source) };
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
const numberFormats: Readonly<Record<string, NumberFormat>> = {
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
  b1: { bytes: 1, read: (v, at) => (v.getUint8(at) === 0 ? 0 : 1), dtype: "bool" },
};

/** The format of NumPy's letter and width, if there is one. */
export function numberFormat(code: string): NumberFormat | undefined {
  return Object.hasOwn(numberFormats, code) ? numberFormats[code] : undefined;
}

/** How the numbers of a file lie in it. */
export interface NumberLayout {
  readonly format: NumberFormat;
  readonly shape: Shape;
  /** Where the numbers begin. */
  readonly offset: number;
  readonly littleEndian: boolean;
}

/** How many bytes the numbers take. Refuses a shape that no tensor has, and one of more numbers than the file has. */
export function checkLayout(where: string, { name, bytes }: File, layout: NumberLayout): number {
  const { shape, format, offset } = layout;
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    refuse(where, `${name} has the shape ${describe(shape)}; wanted are whole numbers of at least 0`);
  }
  if (shape.length > maxDimensions) {
    refuse(where, `${name} has ${shape.length} dimensions, at most ${maxDimensions} are supported`);
  }
  const count = sizeOf(shape);
  if (!(offset + count * format.bytes <= bytes.length)) {
    refuse(where, `${name} ends early: ${count} numbers of ${format.bytes} bytes are wanted`);
  }
  return count * format.bytes;
}

/**
 * The numbers of a file: the array takes four times as much memory as they do in the file, at most. Refuses whole numbers
 * of 64 bits that do not fit into 32.
 */
export function readNumbers(where: string, file: File, layout: NumberLayout): TypedArray {
  const { format, offset, littleEndian } = layout;
  const count = checkLayout(where, file, layout) / format.bytes;
  const { name, bytes } = file;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = arrayFor(format.dtype, count);
  for (let i = 0; i < count; i++) {
    const value = Number(format.read(view, offset + i * format.bytes, littleEndian));
    values[i] = value;
    if (format.bytes === 8 && format.dtype !== "float64" && values[i] !== value) {
      refuse(where, `${name} holds ${value}, which does not fit into ${format.dtype}`);
    }
  }
  return values;
}
