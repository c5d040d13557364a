/** JPEG files, read by jpeg-js once their segments have been gone through. */
import { decode } from "jpeg-js";
import { checkSize, mostPixels, type Decoded } from "./pixels";

const mostMegabytes = 1024;
/** Encoders write ten at most; each costs a visit of all blocks, of which a few bits may say that nothing is new. */
const mostScans = 100;
const wrongLength = "a segment has a wrong length";

interface Component {
  readonly horizontal: number;
  readonly vertical: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: ReadonlyMap<number, Component>;
}

interface Seen {
  readonly frame?: Frame;
  /** MCUs between restart markers; 0 for none of these. */
  readonly interval: number;
  readonly scans: number;
  /** Bytes of scans. */
  readonly coded: number;
}

/** The pixels of a JPEG file, in colour. Throws an Error that says what is wrong with a broken one. */
export function readJpeg(bytes: Uint8Array): Decoded {
  checkSegments(bytes);
  const image = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: mostPixels / 1e6,
    maxMemoryUsageInMB: mostMegabytes,
  });
  return { ...image, channels: 3, white: 255 };
}

/**
 * Throws where a segment is none, or where the size that is declared is more than the scans can hold. jpeg-js checks
 * neither: it looks for the next marker where a broken table ends, and counts no blocks of no width.
 */
function checkSegments(bytes: Uint8Array): void {
  let seen: Seen = { interval: 0, scans: 0, coded: 0 };
  for (let at = 2; ;) {
    const marker = markerAt(bytes, at);
    if (marker.code === 0xd9) break;
    const start = marker.end + 2;
    const end = marker.end + (bytes[marker.end] << 8) + bytes[marker.end + 1];
    if (!(end >= start && end <= bytes.length)) throw new Error("it ends early");
    seen = afterSegment(seen, marker.code, bytes.subarray(start, end));
    at = end;
    if (marker.code === 0xda) {
      const scan = endOfScan(bytes, end);
      checkRestarts(seen, bytes.subarray(start, end), scan.restarts);
      seen = { ...seen, coded: seen.coded + scan.end - end };
      at = scan.end;
    }
  }
  checkCoded(seen);
}

/** Its code, and the place behind it. */
function markerAt(bytes: Uint8Array, start: number): { code: number; end: number } {
  let at = start;
  while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
  if (bytes[at] !== 0xff)
    throw new Error(at >= bytes.length ? "it ends early" : `no marker is at byte ${at}`);
  return { code: bytes[at + 1] ?? 0, end: at + 2 };
}

function afterSegment(seen: Seen, code: number, payload: Uint8Array): Seen {
  if ((code >= 0xe0 && code <= 0xef) || code === 0xfe) return seen;
  switch (code) {
    case 0xc0:
    case 0xc1:
    case 0xc2:
      if (seen.frame !== undefined) throw new Error("it has two frames");
      return { ...seen, frame: frameOf(payload) };
    case 0xc4:
      checkTables(payload, huffmanSize);
      return seen;
    case 0xda:
      if (seen.scans === mostScans) throw new Error(`it has more than ${mostScans} scans`);
      return { ...seen, scans: seen.scans + 1 };
    case 0xdb:
      checkTables(payload, quantizationSize);
      return seen;
    case 0xdc:
      checkTables(payload, () => 2);
      return seen;
    case 0xdd:
      if (payload.length !== 2) throw new Error(wrongLength);
      return { ...seen, interval: (payload[0] << 8) + payload[1] };
    default:
      throw new Error(`the marker ff${code.toString(16).padStart(2, "0")} is of a kind that is not read`);
  }
}

/** Throws where tables, each of the size that its beginning says, do not fill their segment. */
function checkTables(payload: Uint8Array, sizeOf: (table: Uint8Array) => number): void {
  let at = 0;
  while (at < payload.length) at += sizeOf(payload.subarray(at));
  if (at !== payload.length) throw new Error(wrongLength);
}

const quantizationSize = ([kind]: Uint8Array): number => (kind >> 4 === 0 ? 65 : 129);
/** Behind its kind, how many codes there are of each length, then what they stand for. */
const huffmanSize = (table: Uint8Array): number =>
  table.subarray(1, 17).reduce((sum, count) => sum + count, 17);

function frameOf(payload: Uint8Array): Frame {
  const [, top, bottom, left, right, count] = payload;
  if (payload.length !== 6 + 3 * count) throw new Error(wrongLength);
  if (![1, 3, 4].includes(count)) throw new Error(`it has ${count} components`);
  const components = new Map<number, Component>();
  for (let at = 6; at < payload.length; at += 3) {
    const [id, factors] = payload.subarray(at, at + 2);
    const [horizontal, vertical] = [factors >> 4, factors & 15];
    if (![horizontal, vertical].every((factor) => factor >= 1 && factor <= 4)) {
      throw new Error(`it has sampling factors ${horizontal} and ${vertical}`);
    }
    components.set(id, { horizontal, vertical });
  }
  if (components.size !== count) throw new Error("two components have one number");
  const frame = { width: (left << 8) + right, height: (top << 8) + bottom, components };
  checkSize(frame.width, frame.height);
  return frame;
}

/** The place of the next marker that does not belong to the scan, and how many do. */
function endOfScan(bytes: Uint8Array, start: number): { end: number; restarts: number } {
  let restarts = 0;
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1];
    if (code >= 0xd0 && code <= 0xd7) restarts++;
    else if (code !== 0) return { end: at, restarts };
  }
  throw new Error("it ends early");
}

/** Behind a restart marker too many, jpeg-js would take what is coded for a segment. */
function checkRestarts({ frame, interval }: Seen, scan: Uint8Array, restarts: number): void {
  if (frame === undefined) throw new Error("a scan comes before its frame");
  const ids = Array.from({ length: scan[0] }, (_, i) => scan[1 + 2 * i]);
  if (scan.length !== 4 + 2 * ids.length) throw new Error(wrongLength);
  const known = ids.every((id) => frame.components.has(id));
  if (ids.length === 0 || !known || new Set(ids).size !== ids.length) {
    throw new Error(`a scan has the components ${ids.join(", ")}`);
  }
  const units = ids.length === 1 ? blocksOf(frame, frame.components.get(ids[0])!) : unitsOf(frame);
  const most = interval === 0 ? 0 : Math.ceil(units / interval) - 1;
  if (restarts > most) throw new Error(`a scan has ${restarts} restarts, at most ${most} are wanted`);
}

/** Each block takes a bit at least. */
function checkCoded({ frame, coded }: Seen): void {
  if (frame === undefined) throw new Error("it has no frame");
  const blocks = [...frame.components.values()].reduce((sum, each) => sum + blocksOf(frame, each), 0);
  if (blocks <= 8 * coded) return;
  throw new Error(
    `its ${frame.width} × ${frame.height} pixels take more than the ${coded} bytes of its scans`,
  );
}

function unitsOf(frame: Frame): number {
  const [across, down] = factorsOf(frame);
  return Math.ceil(frame.width / 8 / across) * Math.ceil(frame.height / 8 / down);
}

function blocksOf(frame: Frame, { horizontal, vertical }: Component): number {
  const [across, down] = factorsOf(frame);
  const columns = Math.ceil((Math.ceil(frame.width / 8) * horizontal) / across);
  return columns * Math.ceil((Math.ceil(frame.height / 8) * vertical) / down);
}

/** The largest of all components. */
function factorsOf({ components }: Frame): [across: number, down: number] {
  const all = [...components.values()];
  return [Math.max(...all.map((each) => each.horizontal)), Math.max(...all.map((each) => each.vertical))];
}
