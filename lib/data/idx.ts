import { tensor, type Tensor } from "../tensor";
import { refuse } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { numberFormats, openFile, readNumbers, type FileSource } from "./files";

/** The format's codes of numbers, in NumPy's letters. */
const codes: Readonly<Record<number, string>> = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" };

/** The array in an idx file, as MNIST's (a path, or its bytes; gzip or plain): integers become int32, floats floats. */
export async function readIdx(source: FileSource): Promise<Tensor> {
  const file = await openFile("readIdx", source);
  const [zero, alsoZero, code, ndim] = file.bytes;
  const format = numberFormats[codes[code]];
  if (zero !== 0 || alsoZero !== 0 || format === undefined || file.bytes.length < 4 + 4 * ndim) {
    return refuse("readIdx", `${file.name} is no idx file`);
  }
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  const shape = Array.from({ length: ndim }, (_, d) => view.getUint32(4 + 4 * d));
  const values = readNumbers("readIdx", file, format, {
    offset: 4 + 4 * ndim,
    count: sizeOf(shape),
    littleEndian: false,
  });
  return tensor(values, { shape, dtype: format.dtype === "int32" ? "int32" : undefined });
}
