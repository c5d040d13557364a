import {
  basisLength,
  findEigenpairs,
  relativeResidual,
  type EigenpairState,
  type Which,
} from "../linalg/eigenpairs";
import { columnsTensor, symmetricProductsOf, type LinearOperator } from "../linalg/operator";
import type { Tensor } from "../tensor/tensor";
import { checkPositive, checkSeed, checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { defaultTolerance } from "./ends";

export interface EigenpairOptions {
  /** How many; of `BE` from each end. 1 unless given. */
  readonly k?: number;
  /** The largest (LA, the default), the smallest (SA), those of largest magnitude (LM), or those at both ends (BE). */
  readonly which?: Which;
  /**
   * ‖Av − λv‖ to reach, relative to ‖A‖, which is the greatest |λ| that the search has seen; 1e-6 in float64, 1e-4 in
   * float32 unless given. An eigenvalue lies as near as that to each one found.
   */
  readonly tol?: number;
  /** Of the random vectors it starts from; 0 unless given. */
  readonly seed?: number;
  /** Products to spend; 100 · (k + 10) unless given. */
  readonly maxMatvecs?: number;
  /** Ends the search with what is known so far. */
  readonly signal?: AbortSignal;
  /** Called every few products with what is known. */
  readonly callback?: (state: EigenpairState) => void;
}

export interface Eigenpairs {
  /** The most extreme first; of `BE` those of the upper end before those of the lower. */
  readonly eigenvalues: number[];
  /** [n, k], as columns in the same order, orthonormal. */
  readonly eigenvectors: Tensor;
  /** ‖Av − λv‖ of each, computed from A itself. */
  readonly residuals: number[];
  /** Products with the operator that were spent. */
  readonly matvecs: number;
  /** Whether every residual is at most tol · ‖A‖, and a search beside those found brought no other that belongs here. */
  readonly converged: boolean;
}

const names = ["k", "which", "tol", "seed", "maxMatvecs", "signal", "callback"];

/**
 * Extreme eigenpairs of a symmetric operator (or matrix) by Lanczos' method with full reorthogonalisation, thick restarts
 * and locking, which finds every copy of a multiple eigenvalue and none twice. Holds at most 40 + 4 k vectors of n numbers
 * (8 k for `BE`).
 */
export async function topEigenpairs(
  op: LinearOperator | Tensor,
  options: EigenpairOptions = {},
): Promise<Eigenpairs> {
  checkOptions("topEigenpairs", options, names);
  const products = await symmetricProductsOf("topEigenpairs", op);
  const k = checkWhole("topEigenpairs", "k", options.k ?? 1, 1);
  if (k > products.size) refuse("topEigenpairs", `k must be at most n = ${products.size}, got ${k}`);
  const { tol = defaultTolerance(products.epsilon) } = options;
  const found = await findEigenpairs(products, {
    k,
    which: checkWhich(options.which ?? "LA"),
    allowed: relativeResidual(checkPositive("topEigenpairs", "tol", tol)),
    seed: checkSeed("topEigenpairs", options.seed ?? 0),
    maxMatvecs: checkWhole("topEigenpairs", "maxMatvecs", options.maxMatvecs ?? 100 * (k + 10), 1),
    signal: options.signal,
    callback: options.callback,
  });
  return {
    eigenvalues: [...found.eigenvalues],
    eigenvectors: columnsTensor(products, found.eigenvectors),
    residuals: [...found.residuals],
    matvecs: products.count,
    converged: found.converged,
  };
}

/** Bytes that a search for k eigenpairs holds in vectors at most; a restart makes copies of a third of them. */
export function searchBytes(size: number, k: number, which: Which, bytesPerNumber: number): number {
  return Math.ceil((Math.min(size, basisLength(k, which)) * 4) / 3) * size * bytesPerNumber;
}

const choices: readonly Which[] = ["LA", "SA", "LM", "BE"];

function checkWhich(which: Which): Which {
  return choices.includes(which)
    ? which
    : refuse("topEigenpairs", `which must be one of ${choices.join(", ")}, got ${describe(which)}`);
}
