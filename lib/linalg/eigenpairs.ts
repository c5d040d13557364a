import { searchEigenpairs, type RitzPairs } from "./krylov";
import type { Products } from "./operator";
import { addScaled, dot, norm, type Vector } from "./vectors";

/**
 * Which eigenvalues: the largest (LA), the smallest (SA), those of largest magnitude (LM), or as many from both ends (BE),
 * in ARPACK's words.
 */
export type Which = "LA" | "SA" | "LM" | "BE";

export interface EigenpairState {
  readonly matvecs: number;
  /** Approximations of what is sought so far, and their residuals. */
  readonly eigenvalues: readonly number[];
  readonly residuals: readonly number[];
}

export interface EigenpairSearch {
  readonly k: number;
  readonly which: Which;
  /** ‖Av − λv‖ relative to the greatest |λ| found. */
  readonly tol: number;
  readonly seed: number;
  readonly maxMatvecs: number;
  readonly signal?: AbortSignal;
  readonly callback?: (state: EigenpairState) => void;
}

export interface HostEigenpairs {
  readonly eigenvalues: readonly number[];
  readonly eigenvectors: readonly Vector[];
  readonly residuals: readonly number[];
  readonly converged: boolean;
}

interface Pair {
  readonly value: number;
  readonly vector: Vector;
}

/** The positions of what is sought among ascending values, the most extreme first; of `BE` the upper end first. */
export function wantedOf(which: Which, k: number, values: readonly number[]): number[] {
  const ascending = values.map((_, i) => i);
  const descending = [...ascending].reverse();
  if (which === "SA") return ascending.slice(0, k);
  if (which === "LA") return descending.slice(0, k);
  if (which === "LM") return descending.sort((i, j) => Math.abs(values[j]) - Math.abs(values[i])).slice(0, k);
  const upper = descending.slice(0, k);
  return [...upper, ...ascending.slice(0, k).filter((i) => !upper.includes(i))];
}

/** The length of basis that a search for k eigenpairs holds at most. */
export function basisLength(k: number, which: Which): number {
  return 40 + 4 * (which === "BE" ? 2 * k : k);
}

/**
 * The sought eigenpairs with every copy of multiple ones. A Krylov space holds one copy of each eigenvalue, so what is
 * found is locked and the complement searched from a new random vector, until that brings nothing more.
 */
export async function findEigenpairs(op: Products, search: EigenpairSearch): Promise<HostEigenpairs> {
  const { k, which, tol, seed, signal } = search;
  const before = op.count;
  const isOver = (): boolean => signal?.aborted === true || op.count - before >= search.maxMatvecs;
  let pairs: Pair[] = [];
  let settled = true;
  let budget = Infinity;
  for (let round = 0; pairs.length < op.size; round++) {
    const start = op.count;
    const sought = round === 0 ? k : 1;
    const known = pairs.map(({ value }) => value);
    const converged = ({ residuals, scale }: RitzPairs, i: number): boolean => residuals[i] <= tol * scale;
    const found = await searchEigenpairs(op, {
      seed,
      start: round << 16,
      maxBasis: basisLength(k, which),
      locked: pairs.map(({ vector }) => vector),
      wanted: (values) => wantedOf(which, Math.min(sought, values.length), values),
      done: (ritz, wanted) => {
        if (round === 0) tell(search, op.count - before, ritz, wanted);
        const enough = wanted.length >= Math.min(which === "BE" ? 2 * sought : sought, op.size);
        const isSettled = (i: number): boolean =>
          converged(ritz, i) || (round > 0 && !mayEnter(search, known, ritz, i));
        return isOver() || op.count - start >= budget || (enough && wanted.every(isSettled));
      },
    });
    if (round === 0) budget = Math.max(20, op.count - start);
    const margin = tol * found.scale;
    const fresh = found.values.flatMap((value, i) => {
      const isConverged = found.residuals[i] <= margin;
      if (round === 0) settled &&= isConverged;
      const isNew = round === 0 || (isConverged && enters(search, known, value, margin));
      return isNew ? [{ value, vector: found.vectors[i] }] : [];
    });
    pairs = [...pairs, ...fresh].sort((a, b) => a.value - b.value);
    if (fresh.length === 0 || isOver()) break;
  }
  const chosen = wantedOf(
    which,
    k,
    pairs.map(({ value }) => value),
  ).map((i) => pairs[i]);
  return verified(op, chosen, search, settled);
}

function tell(
  { callback }: EigenpairSearch,
  matvecs: number,
  ritz: RitzPairs,
  wanted: readonly number[],
): void {
  callback?.({
    matvecs,
    eigenvalues: wanted.map((i) => ritz.values[i]),
    residuals: wanted.map((i) => ritz.residuals[i]),
  });
}

/** Whether the true value near a Ritz value could be among those sought. */
function mayEnter(search: EigenpairSearch, known: readonly number[], ritz: RitzPairs, i: number): boolean {
  const [value, residual] = [ritz.values[i], ritz.residuals[i]];
  const margin = search.tol * ritz.scale;
  return [value - residual, value + residual].some((reach) => enters(search, known, reach, margin));
}

/** Whether `value` is among those sought by more than `margin`, beside the `known` ones. */
function enters(
  { which, k }: EigenpairSearch,
  known: readonly number[],
  value: number,
  margin: number,
): boolean {
  return [value - margin, value + margin].every((moved) => {
    const all = [...known, moved].sort((a, b) => a - b);
    return wantedOf(which, k, all).some((i) => all[i] === moved && !known.includes(moved));
  });
}

/** Each pair with its Rayleigh quotient and the norm of its residual, as one more product gives them. */
async function verified(
  op: Products,
  pairs: readonly Pair[],
  { tol }: EigenpairSearch,
  settled: boolean,
): Promise<HostEigenpairs> {
  const eigenvalues: number[] = [];
  const residuals: number[] = [];
  for (const { vector } of pairs) {
    const product = await op.multiply(vector);
    const value = dot(vector, product) / dot(vector, vector);
    addScaled(product, -value, vector);
    eigenvalues.push(value);
    residuals.push(norm(product));
  }
  const scale = Math.max(...eigenvalues.map(Math.abs));
  const roundoff = 100 * op.epsilon * scale;
  return {
    eigenvalues,
    eigenvectors: pairs.map(({ vector }) => vector),
    residuals,
    converged: settled && residuals.every((r) => r <= 2 * tol * scale + roundoff),
  };
}
