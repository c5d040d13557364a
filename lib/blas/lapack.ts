/**
 * Decompositions of one dense matrix by LAPACK (Anderson et al., LAPACK Users' Guide). Matrices are row by row, which
 * LAPACK takes for their transposes, column by column: each routine is chosen so that none is copied but to keep it.
 */
import type { Library } from "./library";
import type { Computation } from "./computation";
import { letter, valueOf, whole, type Routine } from "./routines";

/** A matrix, row by row. */
export interface Dense {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

function* called(
  library: Library,
  routine: Routine,
  work: number,
  ...args: ArrayBufferView[]
): Computation<void> {
  yield { library, routine, arguments: args, work };
}

/** Calls a routine twice: to ask how long its workspace must be, and with one of that length. */
function* withWorkspace(
  library: Library,
  routine: Routine,
  work: number,
  before: readonly ArrayBufferView[],
  after: readonly ArrayBufferView[],
): Computation<void> {
  const length = new Float64Array(1);
  yield* called(library, routine, 0, ...before, length, whole(-1), ...after);
  const workspace = new Float64Array(Math.max(1, Math.ceil(length[0])));
  yield* called(library, routine, work, ...before, workspace, whole(workspace.length), ...after);
}

/** Eigenvalues of a symmetric matrix, ascending; `a` becomes its eigenvectors, one a row, where they are wanted. */
export function* eigenInPlace(
  library: Library,
  a: Float64Array,
  n: number,
  vectors: boolean,
): Computation<Float64Array> {
  const values = new Float64Array(n);
  const info = whole(0);
  const [size, job, triangle] = [whole(n), letter(vectors ? "V" : "N"), letter("U")];
  const [length, integers] = [new Float64Array(1), new Int32Array(2)];
  const call = (
    work: number,
    workspace: Float64Array,
    lengths: readonly [number, number],
    iwork: ArrayBufferView,
  ): Computation<void> =>
    called(
      library, "dsyevd", work, job, triangle, size, a, size, values,
      workspace, whole(lengths[0]), iwork, whole(lengths[1]), info,
    ); // prettier-ignore
  yield* call(0, length, [-1, -1], integers);
  const [long, whole64] = [Math.max(1, Math.ceil(length[0])), Math.max(1, integers[0])];
  yield* call((vectors ? 9 : 3) * n ** 3, new Float64Array(long), [long, whole64], new Float64Array(whole64));
  if (valueOf(info) !== 0) throw new Error(`dsyevd has not converged (info ${valueOf(info)})`);
  return values;
}

export interface Singular {
  /** Descending, k = min(m, n) of them. */
  readonly values: Float64Array;
  /** [m, k]. */
  readonly left: Float64Array;
  /** [k, n]: the right ones as rows. */
  readonly right: Float64Array;
}

/** The singular values of `a`, and its vectors where they are wanted; overwrites `a`. */
export function* singularOf(
  library: Library,
  { rows: m, columns: n, data: a }: Dense,
  vectors: boolean,
): Computation<Singular> {
  const k = Math.min(m, n);
  const values = new Float64Array(k);
  const [left, right] = vectors
    ? [new Float64Array(m * k), new Float64Array(k * n)]
    : [new Float64Array(1), new Float64Array(1)];
  const info = whole(0);
  const iwork = new Float64Array(8 * k);
  // Of the transpose, n × m, whose left vectors are the right ones here.
  yield* withWorkspace(
    library, "dgesdd", (vectors ? 20 : 5) * m * n * k,
    [letter(vectors ? "S" : "N"), whole(n), whole(m), a, whole(n), values, right, whole(n), left, whole(k)],
    [iwork, info],
  ); // prettier-ignore
  if (valueOf(info) !== 0) throw new Error(`dgesdd has not converged (info ${valueOf(info)})`);
  return { values, left, right };
}

export interface Factors {
  /** Whether a pivot is zero. */
  readonly isSingular: boolean;
  /** Of L and U, in the place of the matrix: the pivots on its diagonal. */
  readonly factors: Float64Array;
  /** As LAPACK has them. */
  readonly exchanges: Float64Array;
  /** Whether the number of exchanges is odd. */
  readonly isOdd: boolean;
}

/** The LU factors of the transpose of a square `a`, which they overwrite. */
export function* factorsOf(library: Library, { rows: n, data: a }: Dense): Computation<Factors> {
  const info = whole(0);
  // Room for whole numbers of either width.
  const exchanges = new Float64Array(n);
  const size = whole(n);
  yield* called(library, "dgetrf", (2 / 3) * n ** 3, size, size, a, size, exchanges, info);
  const words = new Int32Array(exchanges.buffer);
  const stride = library.integers / 32;
  let odd = false;
  for (let i = 0; i < n; i++) if (words[i * stride] !== i + 1) odd = !odd;
  return { isSingular: valueOf(info) > 0, factors: a, exchanges, isOdd: odd };
}

/** The x of a·x = b from the factors of aᵀ, with b's columns one a row, which x's overwrite. */
export function* solveInPlace(
  library: Library,
  { factors, exchanges }: Factors,
  n: number,
  columns: Dense,
): Computation<void> {
  const info = whole(0);
  const size = whole(n);
  const count = whole(columns.rows);
  const work = 2 * n * n * columns.rows;
  yield* called(
    library,
    "dgetrs",
    work,
    letter("T"),
    size,
    count,
    factors,
    size,
    exchanges,
    columns.data,
    size,
    info,
  );
}

/** The lower factor of a symmetric matrix in its place; false where that is not positive definite. */
export function* choleskyInPlace(library: Library, a: Float64Array, n: number): Computation<boolean> {
  const info = whole(0);
  yield* called(library, "dpotrf", n ** 3 / 3, letter("U"), whole(n), a, whole(n), info);
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, (i + 1) * n);
  return valueOf(info) === 0;
}

/** Orthonormal columns that span those of `a`, [m, min(m, n)]: the LQ factors of its transpose. Overwrites `a`. */
export function* orthogonalOf(
  library: Library,
  { rows: m, columns: n, data: a }: Dense,
): Computation<Float64Array> {
  const k = Math.min(m, n);
  const info = whole(0);
  const factors = new Float64Array(Math.max(1, k));
  const stride = whole(Math.max(1, n));
  const work = 4 * m * n * k;
  yield* withWorkspace(library, "dgelqf", work, [whole(n), whole(m), a, stride, factors], [info]);
  yield* withWorkspace(library, "dorglq", work, [whole(k), whole(m), whole(k), a, stride, factors], [info]);
  const columns = new Float64Array(m * k);
  for (let i = 0; i < m; i++) columns.set(a.subarray(i * n, i * n + k), i * k);
  return columns;
}

/** Adds the product of `a` [m, k] and `b` [k, n], each from its first number given, to `out` [m, n]. */
export function* addProduct(
  library: Library,
  [m, k, n]: readonly [number, number, number],
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
): Computation<void> {
  const [one, plain] = [Float64Array.of(1), letter("N")];
  // Outᵀ = bᵀ aᵀ, column by column.
  yield* called(
    library, "dgemm", 2 * m * k * n, plain, plain, whole(n), whole(m), whole(k),
    one, b, whole(n), a, whole(k), one, out, whole(n),
  ); // prettier-ignore
}
