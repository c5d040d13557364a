import type { Tensor } from "../tensor";
import { flattenTree, matchTree, type TensorTree } from "../transform/trees";
import { wrap } from "../tensor/tensor";
import { describe, nearest, refuse } from "../util/errors";
import { leafPaths, unflatten } from "../util/trees";
import { checkParams, type Optimizer } from "./optimizer";

type Groups = Readonly<Record<string, Record<string, Tensor>>>;

/**
 * An optimiser for each group of parameters. `groupOf` gives the name of a parameter's group from its path in the tree,
 * such as `0.w` or `stem.conv.b`, and the parameter:
 * `partition({ decay: adamw(), plain: adam() }, (path) => (path.endsWith("w") ? "decay" : "plain"))`.
 */
export function partition(
  optimizers: Readonly<Record<string, Optimizer>>,
  groupOf: (path: string, parameter: Tensor) => string,
): Optimizer<Readonly<Record<string, TensorTree>>> {
  if (typeof groupOf !== "function")
    refuse("partition", `groupOf must be a function, got ${describe(groupOf)}`);
  const names = Object.keys(optimizers);
  const grouped = (
    paths: readonly string[],
    leaves: readonly Tensor[],
    groups: readonly string[],
  ): Groups => {
    const out: Record<string, Record<string, Tensor>> = Object.fromEntries(names.map((name) => [name, {}]));
    leaves.forEach((leaf, i) => (out[groups[i]][paths[i]] = leaf));
    return out;
  };
  const place = (params: unknown) => {
    const flat = flattenTree(params);
    const paths = leafPaths(flat.structure);
    return {
      flat,
      paths,
      groups: flat.leaves.map((p, i) => checkGroup(groupOf(paths[i], p), paths[i], names)),
    };
  };
  return {
    init(params) {
      const { flat, paths, groups } = place(params);
      const trees = grouped(paths, flat.leaves, groups);
      return Object.fromEntries(used(trees).map((name) => [name, optimizers[name].init(trees[name])]));
    },
    update(grads, state, params) {
      checkParams("partition", params);
      const { flat, paths, groups } = place(params);
      const gradients = matchTree("partition.update", "grads", grads, flat).map(wrap);
      const [gradTrees, trees] = [gradients, flat.leaves].map((leaves) => grouped(paths, leaves, groups));
      const done = Object.fromEntries(
        used(trees).map((name) => [name, optimizers[name].update(gradTrees[name], state[name], trees[name])]),
      );
      const updates = paths.map((path, i) => done[groups[i]].updates[path]);
      return {
        updates: unflatten(flat.structure, updates) as typeof params,
        state: Object.fromEntries(Object.entries(done).map(([name, { state: next }]) => [name, next])),
      };
    },
  };
}

function used(trees: Groups): string[] {
  return Object.keys(trees).filter((name) => Object.keys(trees[name]).length > 0);
}

function checkGroup(group: unknown, path: string, names: readonly string[]): string {
  if (typeof group === "string" && names.includes(group)) return group;
  const near = typeof group === "string" ? nearest(group, names) : undefined;
  return refuse(
    "partition",
    `groupOf("${path}") must be one of ${names.join(", ")}, got ${describe(group)}${near ? `; did you mean "${near}"?` : ""}`,
  );
}
