/** Transformations of gradients: put them before an optimiser with `chain`. */
import { sqrt, where as select, type Tensor } from "../tensor";
import { flattenTree, mapTree } from "../transform/trees";
import { checkAtLeastZero, checkPositive } from "../util/checks";
import { refuse } from "../util/errors";
import { stateless, type Optimizer } from "./optimizer";

/** √Σ‖t‖² over all tensors of a tree: a scalar. */
export function globalNorm(tree: unknown): Tensor {
  const { leaves } = flattenTree(tree);
  if (leaves.length === 0) refuse("globalNorm", "the tree holds no tensor");
  return sqrt(leaves.map((t) => t.square().sum()).reduce((total, part) => total.add(part)));
}

/** Shortens the gradient to `maxNorm` where its norm over all tensors is more (Pascanu, Mikolov & Bengio 2013). */
export function clipByGlobalNorm(maxNorm: number): Optimizer {
  checkPositive("clipByGlobalNorm", "maxNorm", maxNorm);
  return stateless((grads) => {
    const norm = globalNorm(grads);
    const scale = select(norm.greater(maxNorm), norm.reciprocal().mul(maxNorm), 1);
    return mapTree("clipByGlobalNorm", (g) => g.mul(scale), grads);
  });
}

/** Holds every element of the gradient in [−limit, limit]. */
export function clipByValue(limit: number): Optimizer {
  checkPositive("clipByValue", "limit", limit);
  return stateless((grads) => mapTree("clipByValue", (g) => g.clip(-limit, limit), grads));
}

/** Adds the gradient of the penalty ½λ‖θ‖². */
export function addWeightDecay(decay: number): Optimizer {
  checkAtLeastZero("addWeightDecay", "decay", decay);
  return stateless((grads, params) =>
    mapTree("addWeightDecay", (g, p) => g.add(p.mul(decay)), grads, { params }),
  );
}

/** Multiplies what comes in: −1 climbs, 0 keeps parameters where they are (see `partition`). */
export function scale(factor: number): Optimizer {
  if (typeof factor !== "number" || !Number.isFinite(factor)) {
    refuse("scale", `factor must be a finite number, got ${String(factor)}`);
  }
  return stateless((grads) => mapTree("scale", (g) => g.mul(factor), grads));
}
