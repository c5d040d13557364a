/**
 * Extreme eigenpairs of a symmetric operator by Lanczos' method with full reorthogonalisation and thick restarts (Wu and
 * Simon 2000). The projected matrix is kept in full: after a restart it is an arrowhead, after a breakdown two blocks.
 */
import { fromRows, now, rowOf, symmetricEigen, type Dense } from "../ops/decompose";
import { enclosureAfter, everything, intersection, widened, type Enclosure } from "./enclosure";
import { randomVector, type Products } from "./operator";
import { addCombination, norm, orthogonalize, scale, type Vector } from "./vectors";

/** Approximations from the space explored so far, by ascending value. */
export interface RitzPairs {
  readonly values: readonly number[];
  /** Estimates of ‖Ay − θy‖ (|β s_last|); exact but for rounding. */
  readonly residuals: readonly number[];
  /** max |θ|, from below ‖A‖. */
  readonly scale: number;
}

export interface Search {
  readonly seed: number;
  /** Which of a seed's random vectors to start from. */
  readonly start: number;
  /** Most vectors to hold. */
  readonly maxBasis: number;
  /** Orthonormal vectors whose space is left out. */
  readonly locked: readonly Vector[];
  /** Positions of the values that are sought; those are kept at a restart. */
  readonly wanted: (values: readonly number[]) => readonly number[];
  /** Asked after each few products whether to stop. */
  readonly done: (pairs: RitzPairs, wanted: readonly number[]) => boolean;
}

export interface Found {
  readonly values: readonly number[];
  readonly vectors: readonly Vector[];
  readonly residuals: readonly number[];
  readonly scale: number;
  /** Of the eigenvalues that are not locked. */
  readonly enclosure: Enclosure;
}

/** A basis V and the projected matrix VᵀAV. */
export interface Space {
  basis: Vector[];
  projected: number[][];
}

/** Between looks at the Ritz values, for a look costs the cube of the basis' length. */
const stepsBetweenLooks = 4;

export async function searchEigenpairs(op: Products, search: Search): Promise<Found> {
  const whole = op.size - search.locked.length;
  const limit = Math.min(search.maxBasis, whole);
  const space: Space = { basis: [], projected: [] };
  let draws = search.start;
  const fresh = async (): Promise<Vector> => {
    const vector = await randomVector(op, search.seed, draws++);
    orthogonalize(vector, [...search.locked, ...space.basis]);
    return scale(vector, 1 / norm(vector));
  };
  let next = await fresh();
  let enclosure = everything;
  let isFirstRun = true;
  for (;;) {
    const residual = await extend(op, space, next, search.locked);
    const length = space.basis.length;
    const beta = norm(residual);
    const size = Math.max(...space.projected.map((row, i) => Math.abs(row[i])), beta);
    const isInvariant = beta <= breakdown * op.epsilon * size;
    const isFull = length === limit;
    if (isFull || isInvariant || length % stepsBetweenLooks === 0) {
      const pairs = ritzPairs(space, beta);
      const isWhole = length === whole;
      if (isFirstRun || isWhole) {
        enclosure = intersection(enclosure, enclosureOf(pairs, op, isInvariant || isWhole));
        isFirstRun = !isInvariant;
      }
      const wanted = search.wanted(pairs.values);
      if (isWhole || search.done(pairs, wanted)) return found(space, pairs, wanted, enclosure);
      if (isFull) {
        restart(space, pairs, wanted, search.maxBasis);
        isFirstRun = false;
      }
    }
    next = isInvariant ? await fresh() : scale(residual, 1 / beta);
  }
}

/** From the Ritz values of one run without restarts, whose space may be all that its start can reach. */
function enclosureOf({ values }: RitzPairs, { size, epsilon }: Products, isAll: boolean): Enclosure {
  const [least, greatest] = [values[0], values[values.length - 1]];
  const known = isAll
    ? { lower: least, upper: greatest }
    : enclosureAfter(size, values.length, least, greatest);
  return widened(known, epsilon);
}

/** A residual of so many roundoffs is none: the space is invariant. */
const breakdown = 64;

/** Adds `vector` to the space; returns what of A·vector lies outside of it. */
export async function extend(
  op: Products,
  space: Space,
  vector: Vector,
  locked: readonly Vector[],
): Promise<Vector> {
  space.basis.push(vector);
  const product = await op.multiply(vector);
  // Against both at once: what rounding of one brings back of the other would grow into a copy that is not there.
  const coefficients = orthogonalize(product, [...locked, ...space.basis]);
  const column = Array.from(coefficients.subarray(locked.length));
  space.projected.forEach((row, i) => row.push(column[i]));
  space.projected.push(column);
  return product;
}

export interface Ritz extends RitzPairs {
  /** In the basis, one a row. */
  readonly vectors: Dense;
}

export function ritzPairs({ projected }: Space, beta: number): Ritz {
  const { values: found, vectors } = now(symmetricEigen(fromRows(projected)));
  const values = Array.from(found);
  const last = projected.length - 1;
  return {
    values,
    vectors,
    residuals: values.map((_, i) => Math.abs(beta * rowOf(vectors, i)[last])),
    scale: Math.max(...values.map(Math.abs)),
  };
}

/** Replaces the space by the Ritz vectors that are wanted and those next to them. */
function restart(space: Space, { values, vectors }: Ritz, wanted: readonly number[], maxBasis: number): void {
  const extra = Math.floor((maxBasis - wanted.length) / 3);
  const kept = nearest(values, wanted, extra);
  const basis = combine(space.basis, vectors, kept);
  space.projected = kept.map((i, row) => kept.map((_, column) => (row === column ? values[i] : 0)));
  space.basis = basis;
}

/** `wanted` and `extra` of the other positions: those that follow them from the ends of the spectrum. */
function nearest(values: readonly number[], wanted: readonly number[], extra: number): number[] {
  const chosen = new Set(wanted);
  const neighbours = (): number[] =>
    [...chosen].flatMap((i) => [i - 1, i + 1]).filter((i) => i >= 0 && i < values.length && !chosen.has(i));
  while (chosen.size < wanted.length + extra) {
    const [more] = neighbours();
    if (more === undefined) break;
    chosen.add(more);
  }
  return [...chosen].sort((a, b) => a - b);
}

export function combine(basis: readonly Vector[], coefficients: Dense, rows: readonly number[]): Vector[] {
  return rows.map((row) => {
    const vector = basis[0].slice().fill(0);
    addCombination(vector, rowOf(coefficients, row), basis);
    return vector;
  });
}

function found(space: Space, pairs: Ritz, wanted: readonly number[], enclosure: Enclosure): Found {
  return {
    enclosure,
    values: wanted.map((i) => pairs.values[i]),
    residuals: wanted.map((i) => pairs.residuals[i]),
    vectors: combine(space.basis, pairs.vectors, wanted),
    scale: pairs.scale,
  };
}
