/** Good files gone bad: edits of bytes, of JSON, and of the parts of a format, the same ones for the same seed. */
import fc from "fast-check";

export type Bytes = Uint8Array;

/** Numbers that lengths, offsets and sizes lie with. */
const lies = fc.oneof(
  fc.constantFrom(0, 1, 2, 7, 127, 128, 255, 256, 65535, 2 ** 16, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1),
  fc.nat({ max: 2 ** 32 - 1 }),
);

/** A place in something of any length. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (fraction: number, length: number): number => Math.floor(fraction * length);

const byteEdit: fc.Arbitrary<(bytes: Bytes) => Bytes> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([where, bit]) => (bytes: Bytes) => {
    const copy = Uint8Array.from(bytes);
    if (copy.length > 0) copy[at(where, copy.length)] ^= 1 << bit;
    return copy;
  }),
  fc
    .tuple(place, lies, fc.constantFrom(1, 2, 4, 8), fc.boolean())
    .map(([where, lie, width, isLittle]) => (bytes: Bytes) => {
      const copy = Buffer.from(bytes);
      if (copy.length < width) return copy;
      const digits = Buffer.alloc(8);
      digits.writeBigUInt64LE(BigInt(lie));
      const part = digits.subarray(0, width);
      (isLittle ? part : part.reverse()).copy(copy, at(where, copy.length - width + 1));
      return copy;
    }),
  place.map((where) => (bytes: Bytes) => bytes.slice(0, at(where, bytes.length + 1))),
  fc.tuple(place, place, place).map(([from, to, into]) => (bytes: Bytes) => {
    const [first, last] = [at(from, bytes.length), at(to, bytes.length)].sort((a, b) => a - b);
    const target = at(into, bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, target), bytes.subarray(first, last), bytes.subarray(target)]);
  }),
  fc.tuple(place, place).map(([from, to]) => (bytes: Bytes) => {
    const [first, last] = [at(from, bytes.length), at(to, bytes.length)].sort((a, b) => a - b);
    return Buffer.concat([bytes.subarray(0, first), bytes.subarray(last)]);
  }),
  fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map((junk) => (bytes: Bytes) => Buffer.concat([bytes, junk])),
);

/** One of the good files with one to four edits of its bytes. */
export function editedBytes(...good: readonly Bytes[]): fc.Arbitrary<Bytes> {
  return fc
    .tuple(fc.constantFrom(...good), fc.array(byteEdit, { minLength: 1, maxLength: 4 }))
    .map(([bytes, edits]) => edits.reduce((edited, edit) => edit(edited), bytes));
}

/** Names that lead to what objects share, or are of the formats' own. */
export const hostileNames = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "__proto__.polluted",
  "constructor.prototype.polluted",
  "a.__proto__.polluted",
  "a.constructor.prototype.polluted",
  "toString.polluted",
  "length",
  "",
  ".",
  "__metadata__",
];

const hostileValues: readonly unknown[] = [
  ...[null, true, -1, 0, 0.5, 1e300, 2 ** 31, 2 ** 53, -(2 ** 53), "", "F32", "1"],
  ...hostileNames,
  ...[[], {}, [[]], [null], [-1], [2 ** 40, 2 ** 40], [0, 2 ** 53], { length: 3 }, { a: { b: [] } }],
];

/** Stands in a text for what no value is written as: a name that is there already, levels without end. */
const oddTexts = ['"a":1,"a":1', "[".repeat(3000) + "]".repeat(3000), "1e999", "NaN", "\ud800", "\\u0000"];

type Json = unknown;
interface Spot {
  readonly parent: Record<string, Json>;
  readonly key: string;
}

function spotsOf(value: Json): Spot[] {
  if (typeof value !== "object" || value === null) return [];
  const parent = value as Record<string, Json>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...spotsOf(parent[key])]);
}

type JsonEdit = (value: Json) => void;

const jsonEdit: fc.Arbitrary<JsonEdit> = fc
  .tuple(place, fc.constantFrom("replace", "remove", "rename", "copy"), fc.nat(), place)
  .map(([where, kind, which, other]) => (value: Json) => {
    const spots = spotsOf(value);
    if (spots.length === 0) return;
    const { parent, key } = spots[at(where, spots.length)];
    const old = parent[key];
    const set = (name: string, part: Json) =>
      Object.defineProperty(parent, name, {
        value: part,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    if (kind === "replace")
      return void set(key, structuredClone(hostileValues[which % hostileValues.length]));
    if (kind === "copy") {
      const from = spots[at(other, spots.length)];
      return void set(key, structuredClone(from.parent[from.key]));
    }
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(parent, key);
    if (kind === "rename") set(Array.isArray(parent) ? key : hostileNames[which % hostileNames.length], old);
  });

/** A text of JSON like that of `good`, with edits of what it says and, now and then, of how it says it. */
export function editedJson(good: Json): fc.Arbitrary<string> {
  const odd = fc.option(fc.tuple(place, fc.constantFrom(...oddTexts)), { freq: 6 });
  return fc.tuple(fc.array(jsonEdit, { minLength: 1, maxLength: 4 }), odd).map(([edits, oddity]) => {
    const value = structuredClone(good);
    for (const edit of edits) edit(value);
    const text = JSON.stringify(value);
    if (oddity === null) return text;
    const [where, insert] = oddity;
    const ends = [...text.matchAll(/[[{,:]/g)].map((match) => match.index + 1);
    const target = ends[at(where, ends.length)] ?? 0;
    return `${text.slice(0, target)}${insert}${text.slice(target)}`;
  });
}

/** A part of a file, such as a chunk or a segment: its kind and its bytes. */
export type Part = readonly [kind: string, bytes: Bytes];

/** Parts in which one is edited, left out, doubled or moved. */
export function editedParts(good: readonly Part[]): fc.Arbitrary<readonly Part[]> {
  const edit = fc.oneof(
    fc.tuple(place, byteEdit).map(([where, change]) => (parts: readonly Part[]) => {
      const target = at(where, parts.length);
      return parts.map(([kind, bytes], i): Part => [kind, i === target ? change(bytes) : bytes]);
    }),
    place.map((where) => (parts: readonly Part[]) => parts.filter((_, i) => i !== at(where, parts.length))),
    fc.tuple(place, place).map(([from, to]) => (parts: readonly Part[]) => {
      if (parts.length === 0) return parts;
      const target = at(to, parts.length);
      return [...parts.slice(0, target), parts[at(from, parts.length)], ...parts.slice(target)];
    }),
  );
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) => edits.reduce((parts, change) => change(parts), good));
}
