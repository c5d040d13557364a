/** Trees of tensors in files. */
import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { defaultDevice, tensor, type Tensor } from "../tensor";
import { flattenTensors } from "../transform/trees";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { readBytes } from "../util/files";
import { formatShape, sameShape } from "../util/shapes";
import {
  formatStructure,
  isPlainObject,
  leafPaths,
  sameStructure,
  unflatten,
  type Structure,
} from "../util/trees";
import { metadataName } from "./header";
import { decode, encode, type StoredFile, type StoredTensor } from "./safetensors";
import { deepestTree, formatStored, parseStored } from "./structure";

/** Where the tree's structure is kept, which names alone do not tell: empty parts, arrays, plain values. */
const structureKey = "saddle.structure";

/**
 * Writes a tree of tensors as a safetensors file, under names such as `params.0.w`; Python's safetensors reads it.
 * Texts, finite numbers, booleans and null are kept beside them; refuses other parts, and keys by which two tensors would
 * have one name. The file appears whole or not at all.
 */
export async function save(
  path: string,
  tree: unknown,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (typeof path !== "string" || path === "")
    refuse("save", `path must be a file's name, got ${describe(path)}`);
  checkMetadata(metadata);
  const { leaves, structure } = flattenTensors(tree);
  if (leaves.length === 0) refuse("save", `the tree holds no tensor, got ${describe(tree)}`);
  const text = formatStored("save", structure);
  const names = distinctNames(structure);
  const stored = await Promise.all(leaves.map(async (t, i) => [names[i], await storedTensor(t)] as const));
  const file = { tensors: new Map(stored), metadata: { ...metadata, [structureKey]: text } };
  await writeWhole(path, encode(file));
}

function checkMetadata(metadata: unknown): void {
  if (!isPlainObject(metadata) || Object.values(metadata).some((text) => typeof text !== "string")) {
    refuse("save", `metadata must hold texts by name, got ${describe(metadata)}`);
  }
  if (Object.hasOwn(metadata, structureKey)) {
    refuse(
      "save",
      `metadata must not have the name ${structureKey}, under which the tree's structure is kept`,
    );
  }
}

/** The name of each leaf in a file. */
function namesOf(structure: Structure): string[] {
  return leafPaths(structure).map((path) => path || "tensor");
}

function distinctNames(structure: Structure): string[] {
  const names = namesOf(structure);
  const seen = new Set<string>();
  for (const name of names) {
    if (name === metadataName) refuse("save", `${name} is the format's own name; rename it`);
    if (seen.has(name)) {
      refuse(
        "save",
        `two tensors of the tree would have the name ${name} in the file, where a dot stands between keys; rename one`,
      );
    }
    seen.add(name);
  }
  return names;
}

async function storedTensor(t: Tensor): Promise<StoredTensor> {
  const data = await t.data();
  // On cpu every float is computed in float64, whatever its dtype says.
  const dtype = data instanceof Float64Array ? "float64" : t.dtype;
  return { dtype, shape: t.shape, data };
}

/** Beside its place first, then renamed: who reads the path sees the old file or the new one. */
async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writev(parts.filter((part) => part.length > 0));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * The tree of tensors in a safetensors file, on the default device. What `save` wrote comes back in its structure, other
 * files as objects nested at the dots of their names. With `like`, a tree of the structure and shapes wanted, refuses
 * files that have others, naming the place.
 *
 * A file may come from anybody: it is checked as the format's reference implementation does, and refused with its name
 * and the entry's where it is broken, where one tree cannot hold it (`a` beside `a.b`), and where an entry has a name,
 * `__proto__` or `constructor`, that leads out of an object. Reading takes memory for some ten times the file.
 */
export async function load<T = unknown>(path: string, like?: T): Promise<T> {
  return (await loadFile("load", path, like)).tree;
}

/** As `load`, with the texts that were stored along. */
export async function loadFile<T>(
  where: string,
  path: string,
  like?: T,
): Promise<{ readonly tree: T; readonly metadata: Readonly<Record<string, string>> }> {
  const file = decode(where, path, await readBytes(where, path));
  const tree = like === undefined ? treeOf(where, path, file) : matching(where, path, file, like);
  return { tree: tree as T, metadata: file.metadata };
}

/** The structure that `save` has written, if it has. */
function knownStructure(where: string, path: string, { metadata }: StoredFile): Structure | undefined {
  const text = metadata[structureKey];
  return text === undefined ? undefined : parseStored(where, path, text);
}

function treeOf(where: string, path: string, file: StoredFile): unknown {
  const structure = knownStructure(where, path, file);
  if (structure === undefined) return nested(where, path, file);
  const left = new Map(file.tensors);
  const values = namesOf(structure).map((name) => {
    const stored = left.get(name);
    if (stored === undefined) return refuse(where, `${path} holds no ${name}, or its structure has it twice`);
    left.delete(name);
    return tensorOf(stored);
  });
  const [forgotten] = left.keys();
  if (forgotten !== undefined) {
    refuse(where, `${path} holds ${forgotten}, which the structure in its metadata (${structureKey}) lacks`);
  }
  return unflatten(structure, values);
}

/** An object that is not made yet: unlike one, a map has no names but those that were set. */
type Branch = Map<string, Branch | Tensor>;

function nested(where: string, path: string, { tensors }: StoredFile): unknown {
  const root: Branch = new Map();
  for (const [name, stored] of tensors) {
    const keys = name.split(".", deepestTree + 1);
    if (keys.length > deepestTree)
      refuse(where, `${name} of ${path} nests deeper than ${deepestTree} levels`);
    const last = keys.pop()!;
    let at = root;
    keys.forEach((key, i) => {
      const next = at.get(key) ?? new Map<string, Branch | Tensor>();
      if (!(next instanceof Map)) return clash(where, path, keys.slice(0, i + 1).join("."));
      at.set(key, next);
      at = next;
    });
    if (at.has(last)) clash(where, path, name);
    at.set(last, tensorOf(stored));
  }
  return objectOf(root);
}

function clash(where: string, path: string, name: string): never {
  return refuse(
    where,
    `${path} holds the tensor ${name} and others whose names go on from ${name}., which no tree of nested names can; give like, with whole names as its keys`,
  );
}

function objectOf(branch: Branch): Record<string, unknown> {
  const entries = [...branch].map(([key, part]) => [key, part instanceof Map ? objectOf(part) : part]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function matching(where: string, path: string, file: StoredFile, like: unknown): unknown {
  const { leaves, structure } = flattenTensors(like);
  const known = knownStructure(where, path, file);
  if (known !== undefined && !sameStructure(known, structure)) {
    refuse(
      where,
      `${path} has the structure ${formatStructure(known)}, wanted is ${formatStructure(structure)}`,
    );
  }
  const values = namesOf(structure).map((place, i) => {
    const stored = file.tensors.get(place);
    if (stored === undefined) return refuse(where, `${path} holds no ${place}`);
    if (!sameShape(stored.shape, leaves[i].shape)) {
      refuse(
        where,
        `${place} of ${path} has shape ${formatShape(stored.shape)}, wanted is ${formatShape(leaves[i].shape)}`,
      );
    }
    return tensorOf(stored);
  });
  return unflatten(structure, values);
}

/** Floats take the device's width where it lacks theirs. */
function tensorOf({ data, dtype, shape }: StoredTensor): Tensor {
  const device = defaultDevice();
  const fits = !isFloat(dtype) || device.floatTypes.includes(dtype);
  return tensor(data, { shape, dtype: fits ? dtype : undefined });
}
