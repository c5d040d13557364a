import type { Tensor, TensorLike } from "../tensor/tensor";
import { checkPositive, checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";
import {
  readVector,
  symmetricProductsOf,
  vectorTensor,
  type LinearOperator,
  type Products,
} from "./operator";
import { addScaled, dot, norm, scale, type Vector } from "./vectors";

export interface CgOptions {
  /** ‖b − Ax‖ to reach, relative to ‖b‖; 1e-6 unless given. */
  readonly tol?: number;
  /** 10 n unless given. */
  readonly maxIterations?: number;
  /** The x to start from; zero unless given. */
  readonly x0?: TensorLike;
}

export interface CgResult {
  readonly x: Tensor;
  /** ‖b − Ax‖ before each iteration and after the last. */
  readonly residuals: number[];
  readonly converged: boolean;
  readonly matvecs: number;
  /** Why it ended. */
  readonly message: string;
}

/**
 * The x of Ax = b for a positive definite operator by conjugate gradients (Hestenes and Stiefel 1952). Where a direction
 * of no or negative curvature shows that A is not positive definite it stops and says so.
 */
export async function cg(
  op: LinearOperator | Tensor,
  b: TensorLike,
  options: CgOptions = {},
): Promise<CgResult> {
  checkOptions("cg", options, ["tol", "maxIterations", "x0"]);
  const products = await symmetricProductsOf("cg", op);
  const tol = checkPositive("cg", "tol", options.tol ?? 1e-6);
  const maxIterations = checkWhole("cg", "maxIterations", options.maxIterations ?? 10 * products.size, 1);
  const right = await readVector("cg", "b", products, b);
  const x = options.x0 === undefined ? products.zeros() : await readVector("cg", "x0", products, options.x0);
  const residual = right.slice();
  if (options.x0 !== undefined) addScaled(residual, -1, await products.multiply(x));
  const { residuals, message } = await conjugateGradients(
    products,
    x,
    residual,
    tol * norm(right),
    maxIterations,
  );
  return {
    x: vectorTensor(products, x),
    residuals,
    converged: message === converged,
    matvecs: products.count,
    message,
  };
}

const converged = "converged";

/** Moves `x` to the solution, given its residual. */
export async function conjugateGradients(
  op: Products,
  x: Vector,
  residual: Vector,
  target: number,
  maxIterations: number,
): Promise<{ residuals: number[]; message: string }> {
  const direction = residual.slice();
  const residuals = [norm(residual)];
  for (let iteration = 0; ; iteration++) {
    const squared = residuals[iteration] ** 2;
    if (residuals[iteration] <= target) return { residuals, message: converged };
    if (iteration === maxIterations)
      return { residuals, message: `not converged in ${maxIterations} iterations` };
    const product = await op.multiply(direction);
    const curvature = dot(direction, product);
    if (curvature <= 0) {
      const quotient = curvature / dot(direction, direction);
      return {
        residuals,
        message: `the operator is not positive definite: curvature ${quotient} along a direction`,
      };
    }
    addScaled(x, squared / curvature, direction);
    addScaled(residual, -squared / curvature, product);
    residuals.push(norm(residual));
    scale(direction, residuals[iteration + 1] ** 2 / squared);
    addScaled(direction, 1, residual);
  }
}
