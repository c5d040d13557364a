import type { Node } from "../graph/node";
import { moveAxis } from "../ops/view";
import { withBatch } from "../ops/sum";
import { Tensor, traced } from "../tensor/tensor";
import { checkFunction } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, normalizeAxis } from "../util/shapes";
import { unflatten, type Flat } from "../util/trees";
import { batchNodes } from "./nodes";
import {
  flattenTensors,
  flattenTree,
  flattenTrees,
  placeholder,
  unflattenTree,
  type Arguments,
} from "./trees";

/** Axes of a tree's tensors: one for all (null for none), or a tree of them that mirrors the value. */
export type AxisTree = number | null | readonly AxisTree[] | { readonly [key: string]: AxisTree };

export interface VmapOptions {
  /** The axis that each argument is mapped over: one for all, or an array with an entry an argument; 0 unless given. */
  readonly inAxes?: AxisTree;
  /** Where the mapped axis stands in the results; 0 unless given. */
  readonly outAxes?: AxisTree;
}

/**
 * `f` over a batch: `f` is written for one sample, the result takes arguments with one more axis and gives results with
 * one more. It is not a loop: each op is applied to the whole batch.
 */
export function vmap<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options: VmapOptions = {},
): (...args: Arguments<A>) => Y {
  checkFunction("vmap", f);
  checkOptions("vmap", options, ["inAxes", "outAxes"]);
  const { inAxes = 0, outAxes = 0 } = options;
  return (...args) => {
    const given = flattenTrees(args);
    const axes = axesOfArguments(inAxes, args, given);
    const size = batchSize(given, axes);
    const inputs: Node[] = [];
    const batches: Node[] = [];
    const samples = given.map((flat, i) =>
      flat.leaves.map((t, j) => {
        const axis = axes[i][j];
        if (axis === null) return t;
        const at = normalizeAxis("vmap", axis, t.ndim);
        const input = placeholder({
          shape: t.shape.filter((_, d) => d !== at),
          dtype: t.dtype,
          device: t.device,
        });
        inputs.push(input);
        batches.push(moveAxis(t.node, at, 0));
        return new Tensor(input);
      }),
    );
    const passed = given.map((flat, i) => unflatten(flat.structure, samples[i]));
    const outputs = flattenTensors(traced(() => f(...(passed as unknown as A))));
    const results = batchNodes(
      outputs.leaves.map((t) => t.node),
      inputs,
      batches,
    );
    const places = axesOf("outAxes", outAxes, unflatten(outputs.structure, outputs.leaves), outputs);
    const nodes = results.map(({ node, batched }, i) =>
      placeBatch(batched ? node : undefined, node, size, places[i]),
    );
    return unflattenTree(outputs.structure, nodes) as Y;
  };
}

function placeBatch(batched: Node | undefined, same: Node, size: number, axis: number | null): Node {
  if (axis === null) {
    if (batched) refuse("vmap", "outAxes is null for a result that differs over the batch");
    return same;
  }
  const node = batched ?? withBatch(same, size);
  return moveAxis(node, 0, normalizeAxis("vmap", axis, node.shape.length));
}

function axesOfArguments(
  inAxes: AxisTree,
  args: readonly unknown[],
  given: readonly Flat<Tensor>[],
): (number | null)[][] {
  if (Array.isArray(inAxes) && inAxes.length !== args.length) {
    refuse("vmap", `inAxes has ${inAxes.length} entries, the call ${args.length} arguments`);
  }
  return args.map((arg, i) =>
    axesOf("inAxes", Array.isArray(inAxes) ? (inAxes[i] as AxisTree) : inAxes, arg, given[i]),
  );
}

/** The axis of each leaf of `tree`; an axis that stands for a subtree holds for all of its leaves. */
function axesOf(name: string, axes: AxisTree, tree: unknown, flat: Flat<Tensor>): (number | null)[] {
  if (axes === null || typeof axes === "number") return flat.leaves.map(() => axes);
  if (typeof axes !== "object" || typeof tree !== "object" || tree === null || tree instanceof Tensor) {
    return refuse("vmap", `${name} must be an axis, null or a tree like the value, got ${describe(axes)}`);
  }
  return Object.entries(tree).flatMap(([key, child]) => {
    const axis = (axes as Record<string, AxisTree | undefined>)[key];
    if (axis === undefined) refuse("vmap", `${name} has no entry for "${key}"`);
    return axesOf(name, axis, child, flattenTree(child));
  });
}

function batchSize(given: readonly Flat<Tensor>[], axes: readonly (number | null)[][]): number {
  let size: number | undefined;
  given.forEach((flat, i) =>
    flat.leaves.forEach((t, j) => {
      const axis = axes[i][j];
      if (axis === null) return;
      if (t.ndim === 0)
        refuse("vmap", `argument ${i} is a scalar and has no axis to map over; give it inAxes null`);
      const n = t.shape[normalizeAxis("vmap", axis, t.ndim)];
      if (size !== undefined && size !== n) {
        refuse(
          "vmap",
          `argument ${i} of shape ${formatShape(t.shape)} has ${n} samples along axis ${axis}, those before have ${size}`,
        );
      }
      size = n;
    }),
  );
  if (size === undefined)
    return refuse("vmap", "needs at least one argument to map over; all inAxes are null");
  return size;
}
