/** PNG and JPEG files from and to planes of floats. */
import { encode as pngOf, hasPngSignature } from "fast-png";
import { encode as jpegOf } from "jpeg-js";
import { describe, refuse } from "../util/errors";
import { readJpeg } from "./jpeg";
import { TooLarge, type Decoded } from "./pixels";
import { readPng } from "./png";

/** Pixels in rows from the top, channels last. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** Planes [channels, height, width] in [0, 1]. */
export interface Planes {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly data: Float32Array;
}

/**
 * One or three planes of a PNG or JPEG file's bytes; opacity is dropped. Refuses other and broken files by `name`, and
 * images of more than 2^26 pixels (PNG's of more than 2^28 bytes, JPEG's whose coefficients take more than 1 GiB) before
 * anything of their size is allocated: to decode the largest takes some 3 GiB.
 */
export function decodeImage(where: string, name: string, bytes: Uint8Array): Planes {
  const decoder = decoderOf(bytes);
  if (decoder === undefined) refuse(where, `${name} is neither a PNG nor a JPEG file`);
  try {
    return planesOf(decoder.decode(bytes));
  } catch (error) {
    if (error instanceof TooLarge) return refuse(where, `${name} is too large: ${error.message}`);
    return refuse(where, `${name} is a broken ${decoder.format} file (${reasonOf(error)})`);
  }
}

function decoderOf(
  bytes: Uint8Array,
): { format: string; decode: (bytes: Uint8Array) => Decoded } | undefined {
  if (hasPngSignature(bytes.subarray(0, 8))) return { format: "PNG", decode: readPng };
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return { format: "JPEG", decode: readJpeg };
  return undefined;
}

/** What a decoder stumbles over without having looked for it says nothing of the file. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return "its parts contradict each other";
  return error instanceof Error ? error.message : describe(error);
}

function planesOf({ width, height, channels, white, data }: Decoded): Planes {
  const size = width * height;
  const kept = channels < 3 ? 1 : 3;
  const planes = new Float32Array(kept * size);
  for (let c = 0; c < kept; c++) {
    for (let i = 0; i < size; i++) planes[c * size + i] = data[i * channels + c] / white;
  }
  return { shape: [kept, height, width], data: planes };
}

/** Bytes of planes: what lies outside of [0, 1] is cut off. */
export function pixelsOf([channels, height, width]: Planes["shape"], data: ArrayLike<number>): Pixels {
  const size = height * width;
  const bytes = new Uint8Array(channels * size);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < size; i++) {
      bytes[i * channels + c] = Math.round(255 * Math.min(1, Math.max(0, data[c * size + i])));
    }
  }
  return { width, height, channels, data: bytes };
}

export function encodePng(pixels: Pixels): Uint8Array {
  return pngOf({ ...pixels, depth: 8 });
}

/** `quality` from 1 to 100. */
export function encodeJpeg({ width, height, channels, data }: Pixels, quality = 90): Uint8Array {
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[i * channels + (channels === 1 ? 0 : c)];
  }
  return jpegOf({ width, height, data: rgba }, quality).data;
}
