/** The structure of a tree as a text that is stored with its tensors, and as it comes back from files of others. */
import { describe, refuse } from "../util/errors";
import { parseJson } from "../util/json";
import { checkTreeName } from "../util/names";
import { isPlainObject, type Structure } from "../util/trees";

/** Levels that a stored tree may nest. */
export const deepestTree = 250;

/** The structure as text. Refuses one that would not come back: too deep, or with parts that JSON does not hold. */
export function formatStored(where: string, structure: Structure): string {
  checkStorable(where, structure, []);
  return JSON.stringify(structure);
}

function checkStorable(where: string, structure: Structure, path: readonly string[]): void {
  const place = path.join(".");
  if (path.length > deepestTree)
    refuse(where, `the tree nests deeper than ${deepestTree} levels, at ${place}`);
  if (structure.kind === "static" && !isStatic(structure.value)) {
    refuse(
      where,
      `${place} is ${describe(structure.value)}, which a file cannot hold: wanted are tensors, and texts, finite numbers, booleans or null beside them`,
    );
  }
  structure.children?.forEach((child, i) => {
    const key = structure.keys?.[i] ?? String(i);
    checkTreeName(where, "the tree", key);
    checkStorable(where, child, [...path, key]);
  });
}

/** The structure in the metadata of the file `file`. Refuses what is none. */
export function parseStored(where: string, file: string, text: string): Structure {
  const broken = (reason: string): never =>
    refuse(where, `${file} has a broken structure in its metadata (${reason})`);
  let structure: unknown;
  try {
    structure = parseJson(text);
  } catch (error) {
    return broken((error as Error).message);
  }
  if (!isStructure(structure, (key) => checkTreeName(where, file, key))) {
    return broken("it is no tree of leaves, arrays, objects and plain values");
  }
  return structure;
}

function isStructure(x: unknown, checkName: (key: string) => void): x is Structure {
  if (!isPlainObject(x)) return false;
  const { kind, keys, children, value } = x;
  if (kind === "leaf") return keys === undefined && children === undefined;
  if (kind === "static") return children === undefined && isStatic(value);
  if (!Array.isArray(children)) return false;
  if (kind === "object") {
    if (!Array.isArray(keys) || keys.length !== children.length) return false;
    if (!keys.every((key) => typeof key === "string") || new Set(keys).size !== keys.length) return false;
    keys.forEach(checkName);
  } else if (kind !== "array" || keys !== undefined) return false;
  return children.every((child) => isStructure(child, checkName));
}

/** What JSON gives back as it was; undefined it leaves out. */
function isStatic(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return value === null || ["undefined", "string", "boolean"].includes(typeof value);
}
