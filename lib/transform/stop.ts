import { stopGradient as stopNode } from "../ops/stop";
import type { Tensor } from "../tensor/tensor";
import { flattenTree, unflattenTree } from "./trees";

/** `x` (a tensor or a tree), through which no derivative passes. */
export function stopGradient<T>(x: T): T {
  const { leaves, structure } = flattenTree(x);
  return unflattenTree(
    structure,
    leaves.map((t: Tensor) => stopNode(t.node)),
  ) as T;
}
