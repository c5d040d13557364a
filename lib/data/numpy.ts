/** NumPy's files (NEP 1). */
import { unzipSync } from "fflate";
import { tensor, type Tensor } from "../tensor";
import { refuse } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { numberFormats, openFile, readNumbers, type File, type FileSource } from "./files";

const magic = [0x93, ...Buffer.from("NUMPY")];

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: number[];
  /** Where the numbers begin. */
  readonly start: number;
}

/**
 * The array in a .npy file (a path, or its bytes): float64 and float32 become floats, whole numbers int32 or uint32,
 * booleans bool. Refuses other dtypes, whole numbers that do not fit, and files that are broken.
 */
export async function readNpy(source: FileSource): Promise<Tensor> {
  return parseNpy("readNpy", await openFile("readNpy", source));
}

/** The arrays of a .npz file by name; see `readNpy`. */
export async function readNpz(source: FileSource): Promise<Record<string, Tensor>> {
  const { name, bytes } = await openFile("readNpz", source);
  const entries = unzip(name, bytes);
  return Object.fromEntries(
    Object.entries(entries).map(([entry, content]) => [
      entry.replace(/\.npy$/, ""),
      parseNpy("readNpz", { name: `${entry} of ${name}`, bytes: content }),
    ]),
  );
}

function unzip(name: string, bytes: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (error) {
    return refuse("readNpz", `${name} is no zip file (${(error as Error).message})`);
  }
}

function parseNpy(where: string, file: File): Tensor {
  const { descr, fortran, shape, start } = headerOf(where, file);
  const [, order, code] = /^([<>|=])(\w+)$/.exec(descr) ?? [];
  const format = numberFormats[code];
  if (format === undefined) {
    return refuse(where, `${file.name} has dtype ${descr}; floats, integers and booleans can be read`);
  }
  const values = readNumbers(where, file, format, {
    offset: start,
    count: sizeOf(shape),
    littleEndian: order !== ">",
  });
  const dtype = format.dtype === "float64" || format.dtype === "float32" ? undefined : format.dtype;
  const stored = tensor(values, { shape: fortran ? [...shape].reverse() : shape, dtype });
  return fortran ? stored.transpose() : stored;
}

function headerOf(where: string, { name, bytes }: File): Header {
  if (!magic.every((byte, i) => bytes[i] === byte)) refuse(where, `${name} is no .npy file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [lengthBytes, length] = bytes[6] === 1 ? [2, view.getUint16(8, true)] : [4, view.getUint32(8, true)];
  const start = 8 + lengthBytes + length;
  const text = Buffer.from(bytes.subarray(8 + lengthBytes, start)).toString("latin1");
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || shape === undefined) {
    return refuse(where, `${name} has a header that says no dtype, order or shape: ${text.trim()}`);
  }
  const lengths = shape.split(",").filter((part) => part.trim() !== "");
  return { descr, fortran: fortran === "True", shape: lengths.map(Number), start };
}
