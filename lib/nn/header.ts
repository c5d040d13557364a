/** The header of a safetensors file, checked as the format's reference implementation checks it. */
import { describe, refuse } from "../util/errors";
import { parseJson } from "../util/json";
import { checkFieldName, checkTreeName } from "../util/names";
import { formatShape, maxDimensions } from "../util/shapes";
import { isPlainObject } from "../util/trees";

/** A tensor's place among the bytes behind the header. */
export interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their bytes, one behind the other, up to the file's end. */
  readonly entries: readonly Entry[];
  /** Texts that say more. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the tensors' bytes begin. */
  readonly length: number;
}

/** As many bytes as the reference implementation takes. */
const longestHeader = 100_000_000;

/** The place of the texts among the entries. */
export const metadataName = "__metadata__";

/** The header of the file `file`, whose tensors cover all its other bytes without holes or overlaps; else refuses it. */
export function readHeader(where: string, file: string, bytes: Uint8Array): Header {
  const { text, length } = textOf(where, file, bytes);
  const { [metadataName]: metadata = {}, ...places } = parse(where, file, text);
  const entries = Object.entries(places).map(([name, place]) => entryOf(where, file, name, place));
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  checkCover(where, file, entries, bytes.length - length);
  return { entries, metadata: textsOf(where, file, metadata), length };
}

function textOf(where: string, file: string, bytes: Uint8Array): { text: string; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (size > bytes.length - 8) refuse(where, `${file} is no safetensors file, or ends early`);
  if (size > longestHeader) {
    refuse(where, `${file} has a header of ${size} bytes, at most ${longestHeader} are allowed`);
  }
  const header = bytes.subarray(8, 8 + size);
  if (header[0] !== 0x7b) refuse(where, `${file} has no safetensors header: it must begin with {`);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(header), length: 8 + size };
  } catch {
    return refuse(where, `${file} has no safetensors header: it is not UTF-8`);
  }
}

function parse(where: string, file: string, text: string): Record<string, unknown> {
  try {
    return parseJson(text, { distinct: true }) as Record<string, unknown>;
  } catch (error) {
    return refuse(where, `${file} has no safetensors header (${(error as Error).message})`);
  }
}

function entryOf(where: string, file: string, name: string, place: unknown): Entry {
  checkTreeName(where, file, name);
  const wrong = (what: string, got: unknown): never =>
    refuse(where, `${name} of ${file} has no ${what}, got ${describe(got)}`);
  if (!isPlainObject(place)) return wrong("dtype, shape and data_offsets", place);
  const { dtype, shape, data_offsets: offsets } = place;
  if (typeof dtype !== "string") return wrong("dtype", dtype);
  if (!isCounts(shape)) return wrong("shape of whole numbers of at least 0", shape);
  if (shape.length > maxDimensions) return wrong(`shape of at most ${maxDimensions} dimensions`, shape);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    return wrong("data_offsets [begin, end]", offsets);
  }
  return { name, dtype, shape, start: offsets[0], end: offsets[1] };
}

function isCounts(x: unknown): x is number[] {
  return Array.isArray(x) && x.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

function checkCover(where: string, file: string, entries: readonly Entry[], available: number): void {
  let end = 0;
  for (const entry of entries) {
    if (entry.start !== end) {
      const fault = entry.start < end ? "an overlap" : "a hole";
      refuse(
        where,
        `${entry.name} of ${file} has data_offsets ${formatShape([entry.start, entry.end])}: ${fault}, as the tensor before ends at ${end}`,
      );
    }
    end = entry.end;
  }
  if (end > available)
    refuse(where, `${file} ends early: its tensors take ${end} bytes, there are ${available}`);
  if (end < available) refuse(where, `${file} has ${available - end} bytes behind its last tensor`);
}

function textsOf(where: string, file: string, metadata: unknown): Record<string, string> {
  if (!isPlainObject(metadata)) {
    return refuse(where, `${metadataName} of ${file} must hold texts by name, got ${describe(metadata)}`);
  }
  for (const [name, text] of Object.entries(metadata)) {
    checkFieldName(where, `${metadataName} of ${file}`, name);
    if (typeof text !== "string") {
      refuse(where, `${name} in ${metadataName} of ${file} must be a text, got ${describe(text)}`);
    }
  }
  return metadata as Record<string, string>;
}
