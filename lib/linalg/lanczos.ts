import { rowOf } from "../ops/decompose";
import type { Tensor, TensorLike } from "../tensor/tensor";
import { checkSeed, checkWhole } from "../util/checks";
import { checkOptions, refuse } from "../util/errors";
import { extend, ritzPairs, type Ritz, type Space } from "./krylov";
import {
  columnsTensor,
  symmetricProductsOf,
  randomVector,
  readVector,
  type LinearOperator,
  type Products,
} from "./operator";
import { norm, scale, type Vector } from "./vectors";

export interface LanczosOptions {
  /** Products with the operator, at most n; 80 unless given. */
  readonly steps?: number;
  /** The vector to start from, [n]; random unless given. */
  readonly start?: TensorLike;
  /** Of the random start; 0 unless given. */
  readonly seed?: number;
}

export interface Lanczos {
  /** Diagonal of the tridiagonal matrix QᵀAQ. */
  readonly alpha: number[];
  /** Its off-diagonal. */
  readonly beta: number[];
  /** Its eigenvalues, ascending: approximations of eigenvalues of A, the extreme ones first. */
  readonly ritzValues: number[];
  /** ‖Ay − θy‖ of each. */
  readonly residuals: number[];
  /** Squared first components of its eigenvectors: the weights of Gauss quadrature at the Ritz values. They sum to 1. */
  readonly weights: number[];
  /** Q, [n, steps], orthonormal. */
  readonly basis: Tensor;
  readonly matvecs: number;
}

/**
 * Lanczos' tridiagonalisation of a symmetric operator with full reorthogonalisation (Golub and Van Loan, §10.1, 10.3).
 * It ends early where the space becomes invariant. Holds steps · n numbers.
 */
export async function lanczos(op: LinearOperator | Tensor, options: LanczosOptions = {}): Promise<Lanczos> {
  checkOptions("lanczos", options, ["steps", "start", "seed"]);
  const products = await symmetricProductsOf("lanczos", op);
  const steps = checkWhole("lanczos", "steps", options.steps ?? 80, 1);
  const seed = checkSeed("lanczos", options.seed ?? 0);
  const { start } = options;
  const first =
    start === undefined
      ? await randomVector(products, seed, 0)
      : await readVector("lanczos", "start", products, start);
  if (norm(first) === 0) refuse("lanczos", "start is zero");
  const { space, ritz } = await tridiagonalize(products, first, steps);
  return {
    alpha: space.projected.map((row, i) => row[i]),
    beta: space.projected.slice(1).map((row, i) => row[i]),
    ritzValues: [...ritz.values],
    residuals: [...ritz.residuals],
    weights: ritz.weights,
    basis: columnsTensor(products, space.basis),
    matvecs: products.count,
  };
}

export interface Quadrature extends Ritz {
  readonly weights: number[];
}

/** At most `steps` steps from `start`, which it overwrites. */
export async function tridiagonalize(
  op: Products,
  start: Vector,
  steps: number,
  signal?: AbortSignal,
): Promise<{ space: Space; ritz: Quadrature }> {
  const space: Space = { basis: [], projected: [] };
  let next = scale(start, 1 / norm(start));
  let beta = 0;
  while (space.basis.length < Math.min(steps, op.size) && signal?.aborted !== true) {
    const residual = await extend(op, space, next, []);
    beta = norm(residual);
    const size = Math.max(...space.projected.map((row, i) => Math.abs(row[i])), beta);
    if (beta <= roundoffs * op.epsilon * size) break;
    next = scale(residual, 1 / beta);
  }
  const ritz = ritzPairs(space, beta);
  return { space, ritz: { ...ritz, weights: ritz.values.map((_, i) => rowOf(ritz.vectors, i)[0] ** 2) } };
}

/** A residual of so many roundoffs is none. */
const roundoffs = 64;
