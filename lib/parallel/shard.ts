import { slice } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { describe, refuse } from "../util/errors";
import { flatten, isNested, leafPaths, unflatten } from "../util/trees";
import { world } from "./world";

type Sliceable =
  Tensor | readonly unknown[] | { readonly length: number; slice(start: number, end: number): unknown };

/**
 * This rank's part of a dataset: what has an entry a sample, which is every tensor with an axis, typed array and array
 * of numbers in the tree, is split along axis 0 into as many runs as there are ranks, equal to within one. A rank may
 * get none. Everything else stays as it is. Throws an ArgumentError where the lengths differ.
 */
export function shard<T>(tree: T): T {
  const { leaves, structure } = flatten(tree, isPerSample);
  if (leaves.length === 0) refuse("shard", `there is nothing to split in ${describe(tree)}`);
  const paths = leafPaths(structure);
  const count = lengthOf(leaves[0]);
  const odd = leaves.findIndex((leaf) => lengthOf(leaf) !== count);
  if (odd !== -1) {
    refuse("shard", `${paths[odd]} has ${lengthOf(leaves[odd])} samples, but ${paths[0]} has ${count}`);
  }
  const [start, end] = shareOf(count, world().rank, world().size);
  return unflatten(
    structure,
    leaves.map((leaf) => (leaf instanceof Tensor ? slice(leaf, [start], [end]) : leaf.slice(start, end))),
  ) as T;
}

/** Where the share of `rank` begins and ends among `count` samples. */
export function shareOf(count: number, rank: number, size: number): [number, number] {
  return [Math.floor((count * rank) / size), Math.floor((count * (rank + 1)) / size)];
}

function isPerSample(x: unknown): x is Sliceable {
  if (x instanceof Tensor) return x.ndim > 0;
  return (
    (ArrayBuffer.isView(x) && !(x instanceof DataView)) ||
    isNested(x, (element) => typeof element === "number")
  );
}

function lengthOf(leaf: Sliceable): number {
  return leaf instanceof Tensor ? leaf.shape[0] : leaf.length;
}
