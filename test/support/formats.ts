/** Files of the formats that are read, made of any parts: wrong ones too. */
import { crc32, deflateSync } from "node:zlib";
import type { Bytes, Part } from "./mutations";

/** A .npy file as NumPy writes it. */
export function npy(descr: string, shape: string, numbers: ArrayBufferView, fortran = "False"): Bytes {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`.padEnd(117) + "\n";
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00v\x00", "latin1"), Buffer.from(header), bytes]);
}

/** A PNG file of these chunks, with their lengths and check sums. */
export function png(parts: readonly Part[]): Bytes {
  const chunks = parts.flatMap(([kind, bytes]) => {
    const body = Buffer.concat([Buffer.from(kind), bytes]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(bytes.length);
    sum.writeUInt32BE(crc32(body));
    return [length, body, sum];
  });
  return Buffer.concat([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks]);
}

/** The header of a PNG file. */
export function ihdr(width: number, height: number, depth: number, colour: number, interlace = 0): Part {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width, 0);
  bytes.writeUInt32BE(height, 4);
  bytes.set([depth, colour, 0, 0, interlace], 8);
  return ["IHDR", bytes];
}

/** Rows of pixels, each behind its filter. */
export function idat(bytes: ArrayLike<number>): Part {
  return ["IDAT", deflateSync(Uint8Array.from(bytes))];
}

export const iend: Part = ["IEND", new Uint8Array(0)];

/** A JPEG file of these segments, with their lengths; what is coded follows the header of a scan, of ten bytes. */
export function jpeg(parts: readonly Part[]): Bytes {
  const segments = parts.flatMap(([kind, bytes]) => {
    const length = kind === "\xda" ? 12 : 2 + bytes.length;
    return [Uint8Array.of(0xff, kind.charCodeAt(0), length >> 8, length & 255), bytes];
  });
  return Buffer.concat([Uint8Array.of(0xff, 0xd8), ...segments, Uint8Array.of(0xff, 0xd9)]);
}

/** The segments of a JPEG file of one scan of three components, as `jpeg` takes them. */
export function segmentsOf(bytes: Bytes): Part[] {
  const parts: Part[] = [];
  for (let at = 2; ;) {
    const kind = String.fromCharCode(bytes[at + 1]);
    const end = at + 2 + (bytes[at + 2] << 8) + bytes[at + 3];
    if (kind === "\xda") return [...parts, [kind, bytes.subarray(at + 4, bytes.length - 2)]];
    parts.push([kind, bytes.subarray(at + 4, end)]);
    at = end;
  }
}

/** A safetensors file of this header, whatever it says. */
export function safetensors(header: string | object, bytes: ArrayLike<number> = []): Bytes {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Uint8Array.from(bytes)]);
}
