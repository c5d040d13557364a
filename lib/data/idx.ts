import { tensor, type Tensor } from "../tensor";
import { refuse } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { numberFormats, openFile, readNumbers, type File, type FileSource } from "./files";

/** The format's codes of numbers, in NumPy's letters. */
const codes: Readonly<Record<number, string>> = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" };

/** The array in an idx file, as MNIST's (a path, or its bytes; gzip or plain): integers become int32, floats floats. */
export async function readIdx(source: FileSource): Promise<Tensor> {
  const file = await openFile("readIdx", source);
  const { shape, code, start } = headerOf("readIdx", file);
  const format = numberFormats[code];
  const values = readNumbers("readIdx", file, format, {
    offset: start,
    count: sizeOf(shape),
    littleEndian: false,
  });
  return tensor(values, { shape, dtype: format.dtype === "int32" ? "int32" : undefined });
}

/** The bytes of an idx file of bytes, as they lie there. */
export async function readIdxBytes(
  where: string,
  path: string,
): Promise<{ shape: number[]; bytes: Uint8Array }> {
  const file = await openFile(where, path);
  const { shape, code, start } = headerOf(where, file);
  const bytes = file.bytes.subarray(start, start + sizeOf(shape));
  if (code !== "u1" || bytes.length < sizeOf(shape))
    refuse(where, `${path} does not hold the bytes it should`);
  return { shape, bytes };
}

function headerOf(where: string, { name, bytes }: File): { shape: number[]; code: string; start: number } {
  const [zero, alsoZero, code, ndim] = bytes;
  const start = 4 + 4 * ndim;
  if (zero !== 0 || alsoZero !== 0 || codes[code] === undefined || bytes.length < start) {
    return refuse(where, `${name} is no idx file`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    shape: Array.from({ length: ndim }, (_, d) => view.getUint32(4 + 4 * d)),
    code: codes[code],
    start,
  };
}
