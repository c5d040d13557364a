/** Trees of tensors in files. */
import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { defaultDevice, tensor, type Tensor } from "../tensor";
import { flattenTensors } from "../transform/trees";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import { formatStructure, leafPaths, sameStructure, unflatten, type Structure } from "../util/trees";
import { decode, encode, type StoredFile, type StoredTensor } from "./safetensors";

/** Where the tree's structure is kept, which names alone do not tell: empty parts, arrays, plain values. */
const structureKey = "saddle.structure";

/**
 * Writes a tree of tensors as a safetensors file, under names such as `params.0.w`; Python's safetensors reads it.
 * The file appears whole or not at all.
 */
export async function save(
  path: string,
  tree: unknown,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (typeof path !== "string" || path === "")
    refuse("save", `path must be a file's name, got ${describe(path)}`);
  const { leaves, structure } = flattenTensors(tree);
  if (leaves.length === 0) refuse("save", `the tree holds no tensor, got ${describe(tree)}`);
  const paths = leafPaths(structure);
  const stored = await Promise.all(
    leaves.map(async (t, i) => [paths[i] || "tensor", await storedTensor(t)] as const),
  );
  const file = {
    tensors: new Map(stored),
    metadata: { ...metadata, [structureKey]: JSON.stringify(structure) },
  };
  await writeWhole(path, encode(file));
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
  const bytes = await readFile(path).catch((error: unknown) =>
    refuse(where, `${path} cannot be read (${(error as Error).message})`),
  );
  const file = decode(where, path, bytes);
  const tree = like === undefined ? treeOf(file) : matching(where, path, file, like);
  return { tree: tree as T, metadata: file.metadata };
}

function treeOf(file: StoredFile): unknown {
  const structure = file.metadata[structureKey];
  if (structure === undefined) return nested(file);
  const parsed = JSON.parse(structure) as Structure;
  return unflatten(
    parsed,
    leafPaths(parsed).map((path) => tensorOf(file.tensors.get(path || "tensor")!)),
  );
}

function nested({ tensors }: StoredFile): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, stored] of tensors) {
    const keys = name.split(".");
    const last = keys.pop()!;
    let at = root;
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
    at[last] = tensorOf(stored);
  }
  return root;
}

function matching(where: string, path: string, file: StoredFile, like: unknown): unknown {
  const { leaves, structure } = flattenTensors(like);
  const known = file.metadata[structureKey];
  if (known !== undefined && !sameStructure(JSON.parse(known) as Structure, structure)) {
    refuse(
      where,
      `${path} has the structure ${formatStructure(JSON.parse(known) as Structure)}, wanted is ${formatStructure(structure)}`,
    );
  }
  const values = leafPaths(structure).map((place, i) => {
    const stored = file.tensors.get(place || "tensor");
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
