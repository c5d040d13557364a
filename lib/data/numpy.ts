/** NumPy's files (NEP 1). */
import { tensor, type Tensor } from "../tensor";
import { describe, refuse } from "../util/errors";
import { checkFieldName } from "../util/names";
import { numberFormat, openFile, readNumbers, type File, type FileSource, type NumberLayout } from "./files";
import { unzip } from "./zip";

const magic = [0x93, ...Buffer.from("NUMPY")];

/** As NumPy's own reader has it. */
const longestHeader = 10_000;

interface Header extends NumberLayout {
  readonly isFortran: boolean;
}

/**
 * The array in a .npy file (a path, or its bytes): float64 and float32 become floats, whole numbers int32 or uint32,
 * booleans bool. Refuses other dtypes, whole numbers that do not fit, files that are broken, and a gzip-compressed one that
 * comes to more than 64 MiB and to 128 times its size; takes memory for some ten times what is decompressed.
 */
export async function readNpy(source: FileSource): Promise<Tensor> {
  return parseNpy("readNpy", await openFile("readNpy", source));
}

/** The arrays of a .npz file by name; see `readNpy`. */
export async function readNpz(source: FileSource): Promise<Record<string, Tensor>> {
  const file = await openFile("readNpz", source);
  const arrays = [...unzip("readNpz", file)].map(([entry, bytes]): [string, Tensor] => {
    const name = entry.replace(/\.npy$/, "");
    checkFieldName("readNpz", file.name, name);
    return [name, parseNpy("readNpz", { name: `${entry} of ${file.name}`, bytes })];
  });
  if (new Map(arrays).size < arrays.length) {
    refuse("readNpz", `${file.name} has an array both with and without .npy behind its name`);
  }
  return Object.fromEntries(arrays);
}

function parseNpy(where: string, file: File): Tensor {
  const header = headerOf(where, file);
  const { format, shape, isFortran } = header;
  const values = readNumbers(where, file, header);
  const dtype = format.dtype === "float64" || format.dtype === "float32" ? undefined : format.dtype;
  const stored = tensor(values, { shape: isFortran ? [...shape].reverse() : shape, dtype });
  return isFortran ? stored.transpose() : stored;
}

function headerOf(where: string, { name, bytes }: File): Header {
  const { text, end } = headerText(where, name, bytes);
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    return refuse(where, `${name} has a header that says no dtype, order or shape: ${text.trim()}`);
  }
  const [, byteOrder, code = ""] = /^([<>|=])(\w+)$/.exec(descr) ?? [];
  const format = numberFormat(code);
  if (format === undefined) {
    return refuse(where, `${name} has dtype ${descr}; floats, integers and booleans can be read`);
  }
  const lengths = shape.split(",").map((part) => part.trim());
  if (lengths.at(-1) === "") lengths.pop();
  if (!lengths.every((part) => /^\d+$/.test(part))) {
    refuse(where, `${name} has the shape ${describe(shape)}; wanted are whole numbers of at least 0`);
  }
  return {
    format,
    shape: lengths.map(Number),
    offset: end,
    littleEndian: byteOrder !== ">",
    isFortran: order === "True",
  };
}

function headerText(where: string, name: string, bytes: Uint8Array): { text: string; end: number } {
  if (!magic.every((byte, i) => bytes[i] === byte)) refuse(where, `${name} is no .npy file`);
  const start = bytes[6] === 1 ? 10 : 12;
  if (bytes.length < start) refuse(where, `${name} ends early, in its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = start === 10 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) {
    refuse(where, `${name} has a header of ${length} bytes, at most ${longestHeader} are read`);
  }
  const end = start + length;
  if (end > bytes.length) refuse(where, `${name} ends early, in its header`);
  return { text: Buffer.from(bytes.subarray(start, end)).toString("latin1"), end };
}
