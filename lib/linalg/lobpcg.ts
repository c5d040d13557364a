import type { Tensor } from "../tensor/tensor";
import { fromRows, now, rowOf, symmetricEigen } from "../ops/decompose";
import { checkPositive, checkSeed, checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { combine } from "./krylov";
import {
  columnsTensor,
  randomVector,
  symmetricProductsOf,
  type LinearOperator,
  type Products,
} from "./operator";
import { addScaled, dot, norm, orthogonalize, scale, type Vector } from "./vectors";

export interface LobpcgOptions {
  /** How many eigenpairs; 1 unless given. */
  readonly k?: number;
  /** The largest (LA, the default) or the smallest (SA). */
  readonly which?: "LA" | "SA";
  /** ‖Av − λv‖ to reach, relative to the greatest |λ| seen; 1e-6 (1e-4 in float32) unless given. */
  readonly tol?: number;
  /** 200 unless given. */
  readonly maxIterations?: number;
  readonly seed?: number;
}

export interface LobpcgResult {
  /** The most extreme first. */
  readonly eigenvalues: number[];
  /** [n, k], in the same order, orthonormal. */
  readonly eigenvectors: Tensor;
  readonly residuals: number[];
  readonly matvecs: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Vectors and what the operator makes of them, held side by side so that no product is computed twice. */
interface Block {
  readonly vectors: readonly Vector[];
  readonly products: readonly Vector[];
}

/**
 * Extreme eigenpairs of a symmetric operator by the locally optimal block conjugate gradient method (Knyazev 2001): no
 * more than 6 k vectors are held. A block of k finds k copies of a multiple eigenvalue.
 */
export async function lobpcg(
  op: LinearOperator | Tensor,
  options: LobpcgOptions = {},
): Promise<LobpcgResult> {
  checkOptions("lobpcg", options, ["k", "which", "tol", "maxIterations", "seed"]);
  const products = await symmetricProductsOf("lobpcg", op);
  const k = checkWhole("lobpcg", "k", options.k ?? 1, 1);
  if (k > products.size) refuse("lobpcg", `k must be at most n = ${products.size}, got ${k}`);
  const { which = "LA" } = options;
  if (which !== "LA" && which !== "SA")
    refuse("lobpcg", `which must be "LA" or "SA", got ${describe(which)}`);
  const tol = checkPositive("lobpcg", "tol", options.tol ?? (products.epsilon < 1e-10 ? 1e-6 : 1e-4));
  const maxIterations = checkWhole("lobpcg", "maxIterations", options.maxIterations ?? 200, 1);
  const seed = checkSeed("lobpcg", options.seed ?? 0);

  let current = await startBlock(products, k, seed);
  let directions: Block = { vectors: [], products: [] };
  let greatest = 0;
  for (let iteration = 1; ; iteration++) {
    const values = current.vectors.map((v, i) => dot(v, current.products[i]));
    const residuals = current.products.map((product, i) => {
      const residual = product.slice();
      addScaled(residual, -values[i], current.vectors[i]);
      return residual;
    });
    greatest = Math.max(greatest, ...values.map(Math.abs));
    const norms = residuals.map(norm);
    const isConverged = norms.every((r) => r <= tol * greatest);
    if (isConverged || iteration > maxIterations) {
      return {
        eigenvalues: values,
        eigenvectors: columnsTensor(products, current.vectors),
        residuals: norms,
        matvecs: products.count,
        iterations: iteration - 1,
        converged: isConverged,
      };
    }
    const active = residuals.filter((_, i) => norms[i] > 0.1 * tol * greatest);
    const step = await improve(products, current, directions, active, which);
    [current, directions] = [step.current, step.directions];
  }
}

async function startBlock(op: Products, k: number, seed: number): Promise<Block> {
  const vectors: Vector[] = [];
  for (let i = 0; i < k; i++) {
    const vector = await randomVector(op, seed, i);
    orthogonalize(vector, vectors);
    vectors.push(scale(vector, 1 / norm(vector)));
  }
  const products: Vector[] = [];
  for (const vector of vectors) products.push(await op.multiply(vector));
  return rotated({ vectors, products }, (values) => [...values.keys()]);
}

/** The best k in the span of the current vectors, their residuals and the last directions (Rayleigh–Ritz). */
async function improve(
  op: Products,
  current: Block,
  { vectors: lastVectors, products: lastProducts }: Block,
  residuals: readonly Vector[],
  which: "LA" | "SA",
): Promise<{ current: Block; directions: Block }> {
  const k = current.vectors.length;
  const vectors = [...current.vectors];
  const products = [...current.products];
  for (const residual of residuals) {
    const before = norm(residual);
    orthogonalize(residual, vectors);
    const left = norm(residual);
    if (left <= independent * before) continue;
    vectors.push(scale(residual, 1 / left));
    products.push(await op.multiply(residual));
  }
  lastVectors.forEach((vector, i) => {
    const [direction, product] = [vector.slice(), lastProducts[i].slice()];
    const before = norm(direction);
    const coefficients = orthogonalize(direction, vectors);
    coefficients.forEach((c, j) => addScaled(product, -c, products[j]));
    const left = norm(direction);
    if (left <= independent * before) return;
    vectors.push(scale(direction, 1 / left));
    products.push(scale(product, 1 / left));
  });
  const best = (values: readonly number[]): number[] => {
    const positions = [...values.keys()];
    return (which === "LA" ? positions.reverse() : positions).slice(0, k);
  };
  const all = { vectors, products };
  return { current: rotated(all, best), directions: rotated(all, best, k) };
}

/** What is left of a vector must be this part of it to count as a direction of its own. */
const independent = 1e-8;

/**
 * The Ritz vectors of a block that `choose` takes, and their products, both as combinations of the block's; without the
 * parts along its first `without` vectors.
 */
function rotated(block: Block, choose: (values: readonly number[]) => number[], without = 0): Block {
  const projected = block.vectors.map((v) => block.products.map((p) => dot(v, p)));
  const { values, vectors } = now(symmetricEigen(fromRows(projected)));
  const chosen = choose(Array.from(values));
  for (const i of chosen) rowOf(vectors, i).fill(0, 0, without);
  return {
    vectors: combine(block.vectors, vectors, chosen),
    products: combine(block.products, vectors, chosen),
  };
}
