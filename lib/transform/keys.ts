/** What a compiled program depends on, as text. */
import type { Tensor } from "../tensor/tensor";
import { describe, refuse } from "../util/errors";
import { isPlainObject, type Flat, type Structure } from "../util/trees";

/** The key of a call's arguments; those without tensors flattened out of them are static. */
export type CallKey = (args: readonly unknown[], flats: readonly (Flat<Tensor> | undefined)[]) => string;

/** Keys by structure, shapes and dtypes; other values in a tree by value, functions and objects by identity. */
export function callKeys(where: string): CallKey {
  const ids = new WeakMap<object, number>();
  let next = 0;
  const identity = (x: object): string => {
    if (!ids.has(x)) ids.set(x, next++);
    return `#${ids.get(x)!}`;
  };
  return (args, flats) =>
    args
      .map((arg, i) => {
        const flat = flats[i];
        if (flat === undefined) return `static ${staticKey(arg, where, i)}`;
        const avals = flat.leaves.map((t) => `${t.dtype}${t.shape.join()}`);
        return `${structureKey(flat.structure, identity)} ${avals.join(";")}`;
      })
      .join("|");
}

function structureKey(s: Structure, identity: (x: object) => string): string {
  const children = (s.children ?? []).map((c) => structureKey(c, identity));
  switch (s.kind) {
    case "leaf":
      return "*";
    case "array":
      return `[${children.join()}]`;
    case "object":
      return `{${children.map((c, i) => `${JSON.stringify(s.keys![i])}:${c}`).join()}}`;
    case "static":
      return isReference(s.value) ? identity(s.value) : primitiveKey(s.value);
  }
}

function isReference(x: unknown): x is object {
  return typeof x === "function" || (typeof x === "object" && x !== null);
}

/** JSON has no NaN, infinity, −0 or undefined. */
function primitiveKey(x: unknown): string {
  if (typeof x === "string") return JSON.stringify(x);
  if (typeof x === "bigint") return `${x}n`;
  return Object.is(x, -0) ? "-0" : String(x);
}

function staticKey(x: unknown, where: string, index: number, outer: readonly unknown[] = []): string {
  const inside = (y: unknown): string => staticKey(y, where, index, [...outer, x]);
  if (!isReference(x)) return primitiveKey(x);
  if (outer.includes(x)) refuse(where, `static argument ${index} must not contain itself`);
  if (Array.isArray(x)) return `[${x.map(inside).join()}]`;
  if (!isPlainObject(x)) refuse(where, `static argument ${index} must be a plain value, got ${describe(x)}`);
  const entries = Object.entries(x).map(([k, y]) => `${JSON.stringify(k)}:${inside(y)}`);
  return `{${entries.join()}}`;
}
