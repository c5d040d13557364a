/** PNG files, read by fast-png, to which only what has been checked is given. */
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { convertIndexedToRgb, decode } from "fast-png";
import { checkSize, TooLarge, type Decoded } from "./pixels";

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly colour: number;
  readonly isInterlaced: boolean;
}

/** The bytes of the chunks that pixels need. */
interface Chunks {
  readonly ihdr: Uint8Array;
  readonly plte: Uint8Array | undefined;
  /** All of IDAT, compressed. */
  readonly idat: Uint8Array;
}

const [grey, indexed] = [0, 3];

/** Samples of a pixel and the depths they may have, by colour type. */
const colours: Readonly<Record<number, { samples: number; depths: readonly number[] } | undefined>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

const mostBytes = 2 ** 28;

/** Beginning, step of the columns and of the rows of each of Adam7's passes. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The pixels of a PNG file. Throws an Error that says what is wrong with a broken one. */
export function readPng(bytes: Uint8Array): Decoded {
  const chunks = chunksOf(bytes);
  const header = headerOf(chunks.ihdr);
  const palette = paletteOf(header, chunks.plte);
  const png = decode(checkedFile(chunks.ihdr, pixelBytes(header, chunks.idat)));
  if (palette === undefined) return { ...png, white: 2 ** header.depth - 1 };
  const data = convertIndexedToRgb({ ...png, palette });
  return { ...png, channels: palette[0].length, white: 255, data };
}

/** Without all other chunks: fast-png inflates some of them without a limit, and pixels need none. */
function chunksOf(bytes: Uint8Array): Chunks {
  const found = new Map<string, Uint8Array[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let type = "";
  for (let at = 8; type !== "IEND";) {
    const end = at + 12 <= bytes.length ? at + 8 + view.getUint32(at) : Infinity;
    if (end + 4 > bytes.length) throw new Error("it ends early");
    type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString("latin1");
    if (["IHDR", "PLTE", "IDAT"].includes(type)) {
      if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
        throw new Error(`the check sum of ${type} is wrong`);
      }
      const parts = found.get(type) ?? [];
      found.set(type, parts);
      parts.push(bytes.subarray(at + 8, end));
    }
    at = end + 4;
  }
  const [ihdr, plte] = ["IHDR", "PLTE"].map((name) => {
    const parts = found.get(name) ?? [];
    if (parts.length > 1) throw new Error(`it has ${name} ${parts.length} times`);
    return parts.at(0);
  });
  if (ihdr?.length !== 13) throw new Error("it has no IHDR of 13 bytes");
  return { ihdr, plte, idat: Buffer.concat(found.get("IDAT") ?? []) };
}

function headerOf(ihdr: Uint8Array): Header {
  const view = new DataView(ihdr.buffer, ihdr.byteOffset, ihdr.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = ihdr.subarray(8);
  if (!colours[colour]?.depths.includes(depth)) {
    throw new Error(`it has ${depth} bits a sample and colour type ${colour}, which PNG has not`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new Error(`it has compression ${compression}, filter ${filter} and interlace ${interlace}`);
  }
  checkSize(width, height);
  const header = { width, height, depth, colour, isInterlaced: interlace === 1 };
  if (header.isInterlaced && depth < 8) throw new Error("interlaced ones of less than 8 bits are not read");
  const bytes = rowBytes(header, width) * height;
  if (bytes > mostBytes) throw new TooLarge(`its pixels take ${bytes} bytes, at most ${mostBytes} are read`);
  return header;
}

function rowBytes({ depth, colour }: Header, width: number): number {
  return Math.ceil((width * depth * colours[colour]!.samples) / 8);
}

/** Few greys are a palette of one channel: fast-png gives them as they lie, several in a byte. */
function paletteOf({ depth, colour }: Header, plte: Uint8Array | undefined): number[][] | undefined {
  if (colour === grey && depth < 8) {
    const white = 2 ** depth - 1;
    return Array.from({ length: white + 1 }, (_, level) => [(255 * level) / white]);
  }
  if (colour !== indexed) return undefined;
  if (plte === undefined || plte.length === 0 || plte.length > 768 || plte.length % 3 !== 0) {
    throw new Error("it has no palette of 1 to 256 colours");
  }
  return Array.from({ length: plte.length / 3 }, (_, i) => Array.from(plte.subarray(3 * i, 3 * i + 3)));
}

/** The rows of pixels, each behind its filter, and of no more bytes than the header says. */
function pixelBytes(header: Header, idat: Uint8Array): Uint8Array {
  const passes = header.isInterlaced ? adam7 : [[0, 0, 1, 1] as const];
  const sizes = passes.map(([left, top, across, down]) => {
    const columns = Math.ceil((header.width - left) / across);
    const rows = Math.ceil((header.height - top) / down);
    return columns > 0 && rows > 0 ? rows * (1 + rowBytes(header, columns)) : 0;
  });
  const wanted = sizes.reduce((sum, size) => sum + size, 0);
  const bytes = inflateSync(idat, { maxOutputLength: wanted });
  if (bytes.length === wanted) return bytes;
  throw new Error(`it has ${bytes.length} bytes of pixels, its size takes ${wanted}`);
}

/** A file of these pixels, not compressed: fast-png would inflate any number of bytes. */
function checkedFile(ihdr: Uint8Array, pixels: Uint8Array): Uint8Array {
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const chunk = (type: string, data: Uint8Array): Uint8Array[] => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    // Its check sum is not looked at.
    return [length, Buffer.from(type), data, Buffer.alloc(4)];
  };
  const data = deflateSync(pixels, { level: 0 });
  return Buffer.concat([
    signature,
    ...chunk("IHDR", ihdr),
    ...chunk("IDAT", data),
    ...chunk("IEND", Buffer.alloc(0)),
  ]);
}
