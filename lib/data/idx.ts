import { tensor, type Tensor } from "../tensor";
import { refuse } from "../util/errors";
import {
  checkLayout,
  numberFormat,
  openFile,
  readNumbers,
  type File,
  type FileSource,
  type NumberLayout,
} from "./files";

/** The format's codes of numbers, in NumPy's letters. */
const codes: Readonly<Record<number, string>> = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" };

/**
 * The array in an idx file, as MNIST's (a path, or its bytes; gzip or plain): integers become int32, floats floats.
 * Refuses a file that its numbers do not fill, and a compressed one that comes to more than 64 MiB and to 128 times its
 * size; takes memory for some ten times what is decompressed.
 */
export async function readIdx(source: FileSource): Promise<Tensor> {
  const file = await openFile("readIdx", source);
  const layout = layoutOf("readIdx", file);
  const { dtype } = layout.format;
  const values = readNumbers("readIdx", file, layout);
  return tensor(values, { shape: layout.shape, dtype: dtype === "int32" ? "int32" : undefined });
}

/** The bytes of an idx file of bytes, of `ndim` dimensions, as they lie there. */
export async function readIdxBytes(
  where: string,
  path: string,
  ndim: number,
): Promise<{ shape: readonly number[]; bytes: Uint8Array }> {
  const file = await openFile(where, path);
  const { shape, format, offset } = layoutOf(where, file);
  if (format !== numberFormat("u1") || shape.length !== ndim) {
    refuse(where, `${path} does not hold the bytes of ${ndim} dimensions that it should`);
  }
  return { shape, bytes: file.bytes.subarray(offset) };
}

/** Of the whole file, which the numbers fill. */
function layoutOf(where: string, file: File): NumberLayout {
  const { name, bytes } = file;
  const [zero, alsoZero, code, ndim] = bytes;
  const offset = 4 + 4 * ndim;
  const format = numberFormat(codes[code] ?? "");
  if (zero !== 0 || alsoZero !== 0 || format === undefined || !(bytes.length >= offset)) {
    return refuse(where, `${name} is no idx file`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: ndim }, (_, d) => view.getUint32(4 + 4 * d));
  const layout = { format, shape, offset, littleEndian: false };
  const rest = bytes.length - offset - checkLayout(where, file, layout);
  if (rest > 0) refuse(where, `${name} has ${rest} bytes behind its numbers`);
  return layout;
}
