import type { Argument } from "../transform/trees";
import type { HostOperator } from "../linalg/operator";
import type { Vector } from "../linalg/vectors";
import { Tensor } from "../tensor/tensor";
import { jit } from "../transform/jit";
import { jvp, vjp } from "../transform/jvp";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape } from "../util/shapes";
import { unflatten } from "../util/trees";
import {
  flat,
  gaussNewtonProduct,
  hessianProduct,
  isSplit,
  leavesOf,
  objectiveOf,
  onDevice,
  readLeaves,
  weightedSum,
  type DataOptions,
  type Objective,
  type Product,
  type ScalarFunction,
  type SplitFunction,
} from "./objective";

/** A matrix of second derivatives at a point, known by its products with vectors: the flattened leaves of x in order. */
export interface CurvatureOperator extends HostOperator {
  /** A vector [n] as a tree like x. */
  readonly toTree: (v: Tensor) => unknown;
}

/** The symmetric operator whose product, for one batch, is `product`. */
export function operatorOf(objective: Objective, product: Product): CurvatureOperator {
  const { size, leaves, batches, device } = objective;
  const compiled = jit((x: Tensor[], v: Tensor, batch: unknown) => product(x, leavesOf(objective, v), batch));
  const all = (v: Tensor) => (list: Awaited<typeof batches>) =>
    weightedSum(list, (batch) => compiled([...leaves], v, batch));
  return {
    shape: [size, size],
    dtype: device.floatType,
    matvec: (given) => {
      const v = checkVector(given, size).to(device);
      return batches instanceof Promise ? batches.then((list) => flat(all(v)(list))) : flat(all(v)(batches));
    },
    multiply: async (v: Vector) => readLeaves(objective, all(onDevice(objective, v))(await batches)),
    toTree: (v) => unflatten(objective.structure, leavesOf(objective, checkVector(v, size))),
  };
}

function checkVector(v: Tensor, size: number): Tensor {
  if (v instanceof Tensor && v.size === size) return v.reshape([size]);
  return refuse(
    "matvec",
    `v must have shape [${size}], got ${v instanceof Tensor ? formatShape(v.shape) : describe(v)}`,
  );
}

/**
 * The Hessian of a scalar `f` at `x` (a tensor or a tree) by Hessian-vector products (Pearlmutter 1994), each at about
 * the cost of four values of f, and of no more than n numbers beside what f needs. With `data` it is the mean over batches.
 */
export function hessianOperator<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options: DataOptions = {},
): CurvatureOperator {
  checkOptions("hessianOperator", options, ["data"]);
  const objective = objectiveOf("hessianOperator", f, x, options);
  return operatorOf(objective, hessianProduct(objective));
}

/**
 * The generalised Gauss–Newton matrix JᵀH_L J of a model in two parts, `outputs(x)` with Jacobian J and `loss(outputs)` with
 * Hessian H_L (Schraudolph 2002). It is positive semidefinite where the loss is convex in the outputs; for cross-entropy it
 * is the Fisher matrix of the model's own distribution.
 */
export function ggnOperator<X>(
  model: SplitFunction<X>,
  x: Argument<X>,
  options: DataOptions = {},
): CurvatureOperator {
  checkOptions("ggnOperator", options, ["data"]);
  if (!isSplit(model)) {
    refuse(
      "ggnOperator",
      `needs a model in two parts, {outputs: x => …, loss: outputs => scalar}, got ${describe(model)}`,
    );
  }
  const objective = objectiveOf("ggnOperator", model, x, options);
  return operatorOf(objective, gaussNewtonProduct(objective));
}

/**
 * The empirical Fisher matrix: the mean over samples of g gᵀ, g the gradient of one sample's loss. `losses(x)` gives the
 * losses of all samples, [N]. (The Fisher matrix of the model's own distribution is `ggnOperator` for a likelihood loss;
 * Kunstner, Balles and Hennig 2019 tell them apart.)
 */
export function fisherOperator<X>(
  losses: (x: X, batch: never) => Tensor,
  x: Argument<X>,
  options: DataOptions = {},
): CurvatureOperator {
  checkOptions("fisherOperator", options, ["data"]);
  if (typeof losses !== "function")
    refuse("fisherOperator", `losses must be a function, got ${describe(losses)}`);
  const objective = objectiveOf<X>("fisherOperator", losses, x, options);
  const { structure } = objective;
  return operatorOf(objective, (leaves, along, batch) => {
    const each = (given: Tensor[]): Tensor =>
      checkLosses(losses(unflatten(structure, given) as X, batch as never));
    const [, slopes] = jvp(each, [leaves], [along]);
    return vjp(each, leaves)[1](slopes.div(slopes.size))[0];
  });
}

function checkLosses(y: unknown): Tensor {
  if (y instanceof Tensor && y.ndim === 1) return y;
  const got = y instanceof Tensor ? `shape ${formatShape(y.shape)}` : describe(y);
  return refuse("fisherOperator", `losses must return the loss of each sample, [N], got ${got}`);
}
