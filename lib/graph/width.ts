/** Kernels that would read more buffers than the device binds, and where to cut them. */
import type { Canonical } from "./canonical";
import { repeats } from "./places";

/** Positions of nodes that need a buffer so that the kernel of each root reads at most `limit`; empty if all do. */
export function cutsFor(graph: Canonical, roots: readonly number[], limit: number): number[] {
  const hasBuffer = new Set([...roots, ...graph.leaves]);
  return roots.flatMap((root) => cutKernel(graph, root, hasBuffer, limit));
}

function cutKernel(graph: Canonical, root: number, hasBuffer: ReadonlySet<number>, limit: number): number[] {
  const cuts = new Set<number>();
  /** The buffers that each node inside the kernel is computed from. */
  const reads = new Map<number, Set<number>>();
  const readsOf = (j: number): ReadonlySet<number> =>
    hasBuffer.has(j) || cuts.has(j) ? new Set([j]) : reads.get(j)!;
  for (const i of insideOf(graph, root, hasBuffer)) {
    const inputs = graph.inputs[i];
    const union = (): Set<number> => new Set(inputs.flatMap((j) => [...readsOf(j)]));
    let set = union();
    while (set.size > limit) {
      const widest = inputs.reduce((a, b) => (readsOf(b).size > readsOf(a).size ? b : a));
      if (readsOf(widest).size < 2) break;
      let cut = widest;
      while (repeats(graph, cut)) cut = graph.inputs[cut][0];
      cuts.add(cut);
      reads.set(widest, new Set([cut]));
      set = union();
    }
    reads.set(i, set);
  }
  return [...cuts];
}

/** The nodes that the kernel of `root` computes, inputs first. */
function insideOf(graph: Canonical, root: number, hasBuffer: ReadonlySet<number>): number[] {
  const inside = new Set([root]);
  for (const i of inside) for (const j of graph.inputs[i]) if (!hasBuffer.has(j)) inside.add(j);
  return [...inside].sort((a, b) => a - b);
}

/** Positions of all that is neither given nor a view: with a buffer for each, no kernel reads more than one op does. */
export function opsOf({ nodes, leaves }: Canonical): number[] {
  const isLeaf = new Set(leaves);
  return nodes.flatMap(({ op }, i) => {
    const { kind } = op.lowering;
    return isLeaf.has(i) || kind === "view" || kind === "scalar" || kind === "index" ? [] : [i];
  });
}
