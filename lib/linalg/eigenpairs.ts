import { everything, intersection, type Enclosure } from "./enclosure";
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

/** The ‖Av − λv‖ that a pair may have, given λ and ‖A‖, which is the greatest |λ| that the search has seen. */
export type AllowedResidual = (value: number, scale: number) => number;

/** One part in so many of ‖A‖. */
export function relativeResidual(tol: number): AllowedResidual {
  return (_, scale) => tol * scale;
}

export interface EigenpairSearch {
  readonly k: number;
  readonly which: Which;
  readonly allowed: AllowedResidual;
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
  /** The greatest |λ| seen: ‖A‖, from below. */
  readonly scale: number;
  /** Of the whole spectrum. */
  readonly enclosure: Enclosure;
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
  const { k, which, seed, signal } = search;
  const before = op.count;
  const isOver = (): boolean => signal?.aborted === true || op.count - before >= search.maxMatvecs;
  let pairs: Pair[] = [];
  let scale = 0;
  let enclosure = everything;
  let settled = true;
  let budget = Infinity;
  for (let round = 0; pairs.length < op.size; round++) {
    const start = op.count;
    const sought = round === 0 ? k : 1;
    const known = pairs.map(({ value }) => value);
    const isSettled = (ritz: RitzPairs, i: number): boolean =>
      ritz.residuals[i] <= searched * search.allowed(ritz.values[i], Math.max(scale, ritz.scale)) ||
      (round > 0 && !mayEnter(search, known, ritz, i));
    const found = await searchEigenpairs(op, {
      seed,
      start: round << 16,
      maxBasis: basisLength(k, which),
      locked: pairs.map(({ vector }) => vector),
      wanted: (values) => wantedOf(which, Math.min(sought, values.length), values),
      done: (ritz, wanted) => {
        if (round === 0) tell(search, op.count - before, ritz, wanted);
        const enough = wanted.length >= Math.min(which === "BE" ? 2 * sought : sought, op.size);
        const isDone = enough && wanted.every((i) => isSettled(ritz, i));
        if (isDone) return true;
        const isCut = isOver() || op.count - start >= budget;
        if (isCut) settled = false;
        return isCut;
      },
    });
    scale = Math.max(scale, found.scale);
    if (round === 0) {
      budget = Math.max(20, 2 * (op.count - start));
      enclosure = found.enclosure;
    }
    const fresh = found.values.flatMap((value, i) => {
      const margin = search.allowed(value, scale);
      const isConverged = found.residuals[i] <= margin;
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
  return verified(op, chosen, search, { settled, scale, enclosure });
}

/** A search aims at this part of what is allowed, so that rounding and what was locked leave that kept. */
const searched = 0.25;

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

/**
 * An extreme Ritz value on its way out stops at no eigenvalue for long: its residual bounds how far the nearest is, not
 * the outermost. By many times its residual it has not been seen to move.
 */
const stillToCome = 30;

/** Whether what a Ritz value is on its way to could be among those sought. */
function mayEnter(search: EigenpairSearch, known: readonly number[], ritz: RitzPairs, i: number): boolean {
  const [value, residual] = [ritz.values[i], ritz.residuals[i]];
  const margin = search.allowed(value, ritz.scale);
  const reach = stillToCome * residual;
  return [value - reach, value + reach].some((moved) => enters(search, known, moved, margin));
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
  search: EigenpairSearch,
  known: { readonly settled: boolean; readonly scale: number; readonly enclosure: Enclosure },
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
  const scale = Math.max(known.scale, ...eigenvalues.map(Math.abs));
  const converged = known.settled && residuals.every((r, i) => r <= search.allowed(eigenvalues[i], scale));
  const ends = converged ? foundEnclosure(search, eigenvalues, scale) : everything;
  return {
    eigenvalues,
    eigenvectors: pairs.map(({ vector }) => vector),
    residuals,
    converged,
    scale,
    enclosure: intersection(known.enclosure, ends),
  };
}

/** Beyond the converged end of a spectrum there is nothing, as far as a converged pair may be from what it stands for. */
function foundEnclosure(
  { which, allowed }: EigenpairSearch,
  eigenvalues: readonly number[],
  scale: number,
): Enclosure {
  if (which === "LM") return everything;
  const lower = Math.min(...eigenvalues.map((value) => value - allowed(value, scale)));
  const upper = Math.max(...eigenvalues.map((value) => value + allowed(value, scale)));
  return { lower: which === "LA" ? -Infinity : lower, upper: which === "SA" ? Infinity : upper };
}
