/** Where a computation on an objective is done: small ones on `cpu` in float64, whatever device they come from. */
import { system } from "../blas/system";
import { isRealized, topological, type Node } from "../graph/node";
import { libraryFor } from "../ops/gemm";
import { matmulOp } from "../ops/matmul";
import { cpu } from "../tensor/device";
import { Tensor, traced } from "../tensor/tensor";
import { relocate } from "../transform/relocate";
import { flattenTree, placeholder } from "../transform/trees";
import { sizeOf } from "../util/shapes";
import { unflatten } from "../util/trees";
import type { Batch } from "./batches";
import type { Objective, Parts } from "./objective";

/** Up to this many parameters a Hessian is always formed and decomposed, up to `mostFormed` where that takes seconds. */
export const exactLimit = 1000;
export const mostFormed = 4096;

/**
 * Multiplications and the like that the interpreter is given at most; it does some 2 · 10⁸ a second, and in products of
 * matrices some 30 times as many where the machine has a BLAS.
 */
const maxWork = 2e9;
const fasterProducts = 30;

/** For all rows at once: their intermediate values, which are as many as that, are held in part. */
const mostToForm = 5e8;

/** Decomposing takes n³ steps, of which LAPACK does 5 · 10⁹ a second on two cores: 2 s for n = 2000, 14 s for 4096. */
function isDecomposedInSeconds(n: number): boolean {
  return n <= exactLimit || (n <= mostFormed && system().library !== undefined);
}

/** Whether all of the objective's eigenvalues are to be had in seconds: its Hessian formed on `cpu`, and decomposed. */
export async function isFormedInSeconds(objective: Objective): Promise<boolean> {
  const { size, batches } = objective;
  if (size <= exactLimit) return true;
  return isDecomposedInSeconds(size) && totalWork(objective, await batches, size) <= mostToForm;
}

/** `objective` on `cpu` if `passes` evaluations of it there are a matter of seconds, else where it is. */
export async function place(objective: Objective, passes: number): Promise<Objective> {
  if (objective.device === cpu) return objective;
  const batches = await objective.batches;
  if (passes > maxWork || totalWork(objective, batches, passes) > maxWork) return objective;
  return onCpu(objective, batches);
}

/** The arithmetic of so many evaluations, as far as it is not more than the interpreter is given. */
function totalWork(objective: Objective, batches: readonly Batch[], passes: number): number {
  let work = 0;
  for (const { value } of batches) {
    work += passes * workOf(objective, value);
    if (work > maxWork) break;
  }
  return work;
}

/** The arithmetic of one evaluation: elements computed, times the length of the sum where they are products of matrices. */
function workOf({ parts, leaves }: Objective, batch: unknown): number {
  const { leaves: given, structure } = flattenTree([leaves, batch]);
  const inputs = given.map(placeholder);
  const passed = unflatten(
    structure,
    inputs.map((n) => new Tensor(n)),
  ) as [Tensor[], unknown];
  const output = traced(() => parts.loss(...passed)).node;
  const isInput = new Set(inputs);
  const costOf = (node: Node): number => {
    if (isRealized(node) || isInput.has(node)) return 0;
    if (node.op.lowering.kind !== "contract") return sizeOf(node.shape);
    const length = node.inputs[0].shape.at(-1) ?? 1;
    const work = sizeOf(node.shape) * length;
    if (node.op !== matmulOp || libraryFor(2 * work) === undefined) return work;
    return Math.max(sizeOf(node.shape), work / fasterProducts);
  };
  return topological([output], (n) => isRealized(n) || isInput.has(n)).reduce((sum, n) => sum + costOf(n), 1);
}

async function onCpu(objective: Objective, batches: readonly Batch[]): Promise<Objective> {
  const here = await Promise.all(objective.leaves.map((t) => copied(t)));
  const moved: Batch[] = [];
  const parts = new Map<string, Parts>();
  for (const { value, weight } of batches) {
    const copy = await copiedTree(value);
    moved.push({ value: copy, weight });
    // Of the copy, whose floats are wider.
    const key = shapeKey(copy);
    if (!parts.has(key)) parts.set(key, await partsOnCpu(objective, value));
  }
  const partsFor = (batch: unknown): Parts => parts.get(shapeKey(batch))!;
  const { split } = objective.parts;
  return {
    ...objective,
    leaves: here,
    device: cpu,
    batches: moved,
    parts: {
      loss: (leaves, batch) => partsFor(batch).loss(leaves, batch),
      split: split && {
        outputs: (leaves, batch) => partsFor(batch).split!.outputs(leaves, batch),
        loss: (outputs, batch) => partsFor(batch).split!.loss(outputs, batch),
      },
    },
  };
}

/** Batches of equal shapes are arguments of one function. */
function shapeKey(batch: unknown): string {
  return flattenTree(batch)
    .leaves.map((t) => `${t.dtype}[${t.shape.join()}]`)
    .join();
}

async function partsOnCpu({ parts, leaves }: Objective, batch: unknown): Promise<Parts> {
  const loss = await relocate(parts.loss, [leaves, batch], cpu);
  if (parts.split === undefined) return { loss };
  const outputs = await relocate(parts.split.outputs, [leaves, batch], cpu);
  const example = traced(() => parts.split!.outputs(leaves, batch));
  return { loss, split: { outputs, loss: await relocate(parts.split.loss, [example, batch], cpu) } };
}

async function copied(t: Tensor): Promise<Tensor> {
  const copy = t.to(cpu);
  await copy.data();
  return copy;
}

async function copiedTree(tree: unknown): Promise<unknown> {
  const { leaves, structure } = flattenTree(tree);
  return leaves.length === 0 ? tree : unflatten(structure, await Promise.all(leaves.map(copied)));
}
