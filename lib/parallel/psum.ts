import { cpuArray } from "../graph/array";
import { apply, isFloatNode, topological, type CpuArray, type Node, type Op } from "../graph/node";
import { tensor } from "../tensor/create";
import { wrap, type Tensor, type TensorLike } from "../tensor/tensor";
import { refuse } from "../util/errors";
import { world } from "./world";

/** The sum over the ranks, in a graph. Each rank's part goes into the sums of all, and so do cotangents backward. */
const psumOp: Op = {
  name: "psum",
  shape: ([x]) => {
    if (!isFloatNode(x)) refuse("psum", `takes floats, got ${x.dtype}; convert it with .astype("float32")`);
    return { shape: x.shape, dtype: x.dtype };
  },
  lowering: { kind: "host", wait: ([x], { counts }, out) => sumOverRanks(x, counts as boolean, out) },
  cpu: () => refuse("psum", "the other ranks' values come later; wait for the result with await"),
  jvp: ([t], { attrs }) => [apply(psumOp, [t!], attrs)],
  transpose: (ct, { attrs }) => apply(psumOp, [ct], attrs),
  batch: ([x], _batched, { attrs }) => apply(psumOp, [x], attrs),
};

async function sumOverRanks(x: CpuArray, counts: boolean, out: Node): Promise<CpuArray> {
  const sum = cpuArray(out, Float64Array.from(x.data));
  if (!counts) sum.data.fill(0);
  await world().allReduce(sum.data);
  return sum;
}

/** False while what is traced stands in for the samples that this rank does not have. */
let counts = true;

/**
 * The sum of `x` over the ranks, as part of an expression: it has derivatives of any order, which go through the ranks
 * as well (JAX's `psum`). What all ranks read, they must read in the same order; `dataParallel` does for its loss, where
 * `model.apply(variables, x, { train: true, psum: parallel.psum })` gives batch norm the statistics of the whole batch.
 */
export function psum(x: TensorLike): Tensor {
  return wrap(apply(psumOp, [tensor(x).node], { counts }));
}

/** Calls `fn`, whose `psum` leaves out what this rank has. */
export function countingNothing<T>(fn: () => T): T {
  counts = false;
  try {
    return fn();
  } finally {
    counts = true;
  }
}

/** Whether a tensor is yet to be computed from sums over the ranks. */
export function awaitsRanks(tensors: readonly Tensor[]): boolean {
  const nodes = tensors.map(({ node }) => node);
  return topological(nodes, ({ storage }) => storage !== undefined).some(({ op }) => op === psumOp);
}
