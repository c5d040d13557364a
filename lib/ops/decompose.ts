/**
 * Decompositions of one dense matrix in float64: by the machine's LAPACK where it has one, else by ml-matrix (JAMA's
 * Householder and LU) and our own iteration for the symmetric eigenvalue problem. Signs that a decomposition leaves free
 * are settled here, so that both give the same.
 */
import { CholeskyDecomposition, LuDecomposition, Matrix, QrDecomposition, SVD } from "ml-matrix";
import type { Computation } from "../blas/computation";
import * as lapack from "../blas/lapack";
import type { Dense } from "../blas/lapack";
import type { Library } from "../blas/library";
import { refuse, SaddleError } from "../util/errors";
import { libraryFor, product } from "./gemm";
import { eigenOfSymmetric, eigenvaluesOfSymmetric } from "./symmetric";

export type { Computation } from "../blas/computation";
export { later, now } from "../blas/computation";
export type { Dense } from "../blas/lapack";

/** A row-major block of `data`, which it may share. Refuses NaN and infinity, on which iterations would not end. */
export function matrixAt(
  where: string,
  data: ArrayLike<number> & { subarray?(from: number, to: number): ArrayLike<number> },
  offset: number,
  rows: number,
  columns: number,
): Dense {
  const end = offset + rows * columns;
  // 0 unless there is NaN or infinity among them.
  let sum = 0;
  for (let i = offset; i < end; i++) sum += 0 * data[i];
  for (let i = offset; Number.isNaN(sum) && i < end; i++) {
    if (Number.isFinite(data[i])) continue;
    const at = `[${Math.floor((i - offset) / columns)}, ${(i - offset) % columns}]`;
    refuse(where, `the matrix has ${data[i]} at ${at}`);
  }
  if (data instanceof Float64Array) return { rows, columns, data: data.subarray(offset, end) };
  return { rows, columns, data: Float64Array.from({ length: end - offset }, (_, i) => data[offset + i]) };
}

/** Rows of one length as a matrix. */
export function fromRows(rows: readonly ArrayLike<number>[]): Dense {
  const columns = rows.length === 0 ? 0 : rows[0].length;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => data.set(row, i * columns));
  return { rows: rows.length, columns, data };
}

/** Row `i` of a matrix, which shares its numbers. */
export function rowOf({ columns, data }: Dense, i: number): Float64Array {
  return data.subarray(i * columns, (i + 1) * columns);
}

/** In blocks that fit a cache. */
const blockSize = 32;

/** The transpose of a matrix, or of some of its columns. */
export function transposed({ rows, columns, data }: Dense, from = 0, to = columns): Dense {
  const out = new Float64Array(rows * (to - from));
  for (let top = 0; top < rows; top += blockSize) {
    for (let left = from; left < to; left += blockSize) {
      const [bottom, right] = [Math.min(rows, top + blockSize), Math.min(to, left + blockSize)];
      for (let i = top; i < bottom; i++)
        for (let j = left; j < right; j++) out[(j - from) * rows + i] = data[i * columns + j];
    }
  }
  return { rows: to - from, columns: rows, data: out };
}

/** (A + Aᵀ)/2. */
export function symmetricPart(a: Dense): Dense {
  const { data } = transposed(a);
  for (let i = 0; i < data.length; i++) data[i] = 0.5 * data[i] + 0.5 * a.data[i];
  return { ...a, data };
}

export interface Eigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** Orthonormal eigenvectors, one a row; the first of a vector's largest numbers is positive. */
  readonly vectors: Dense;
}

/** Of (A + Aᵀ)/2. */
export function* symmetricEigen(a: Dense): Computation<Eigen> {
  const n = a.rows;
  const library = libraryFor(9 * n ** 3);
  const part = symmetricPart(a);
  let found;
  if (library === undefined) found = eigenOfSymmetric(part.data, n);
  else found = { values: yield* lapack.eigenInPlace(library, part.data, n, true), vectors: part.data };
  const vectors = { rows: n, columns: n, data: found.vectors };
  for (let i = 0; i < n; i++) scaleBy(rowOf(vectors, i), signOf(rowOf(vectors, i)));
  return { values: found.values, vectors };
}

/** The eigenvalues of (A + Aᵀ)/2, ascending. */
export function* symmetricEigenvalues(a: Dense): Computation<Float64Array> {
  const library = libraryFor(3 * a.rows ** 3);
  if (library === undefined) return eigenvaluesOfSymmetric(a.data, a.rows);
  return yield* lapack.eigenInPlace(library, symmetricPart(a).data, a.rows, false);
}

/** Numbers so near the largest are as large, lest rounding choose among equals. */
const asLarge = 1 - 1e-6;

/** The sign of the first of the largest numbers. */
function signOf(vector: Float64Array): 1 | -1 {
  const largest = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const first = vector.find((x) => Math.abs(x) >= asLarge * largest) ?? 0;
  return first < 0 ? -1 : 1;
}

function scaleBy(vector: Float64Array, factor: number): void {
  if (factor === 1) return;
  for (let i = 0; i < vector.length; i++) vector[i] *= factor;
}

export interface Singular {
  /** Descending, k = min(m, n) of them. */
  readonly values: Float64Array;
  /** Left and right singular vectors, one a row, [k, m] and [k, n]; the first of a left one's largest numbers is positive. */
  readonly left: Dense;
  readonly right: Dense;
}

/** A = leftᵀ · diag(values) · right. */
export function* singular(a: Dense): Computation<Singular> {
  const [m, n, k] = [a.rows, a.columns, Math.min(a.rows, a.columns)];
  const library = libraryFor(20 * m * n * k);
  const found = library === undefined ? singularOwn(a) : yield* singularBy(library, a);
  for (let i = 0; i < k; i++) {
    const sign = signOf(rowOf(found.left, i));
    scaleBy(rowOf(found.left, i), sign);
    scaleBy(rowOf(found.right, i), sign);
  }
  return found;
}

function* singularBy(library: Library, a: Dense): Computation<Singular> {
  const { values, left, right } = yield* lapack.singularOf(library, copied(a), true);
  const k = values.length;
  return {
    values,
    left: transposed({ rows: a.rows, columns: k, data: left }),
    right: { rows: k, columns: a.columns, data: right },
  };
}

function singularOwn(a: Dense): Singular {
  const k = Math.min(a.rows, a.columns);
  const { diagonal, leftSingularVectors, rightSingularVectors } = new SVD(matrixOf(a), {
    autoTranspose: true,
  });
  const rows = (m: Matrix): Dense => fromRows(Array.from({ length: k }, (_, i) => m.getColumn(i)));
  return {
    values: Float64Array.from(diagonal.slice(0, k)),
    left: rows(leftSingularVectors),
    right: rows(rightSingularVectors),
  };
}

/** The singular values, descending. */
export function* singularValues(a: Dense): Computation<Float64Array> {
  const library = libraryFor(5 * a.rows * a.columns * Math.min(a.rows, a.columns));
  if (library === undefined) return singularOwn(a).values;
  return (yield* lapack.singularOf(library, copied(a), false)).values;
}

/** The Q of A = QR, with min(m, n) orthonormal columns, signed as LAPACK has them. */
export function* orthogonal(a: Dense): Computation<Dense> {
  const [m, n, k] = [a.rows, a.columns, Math.min(a.rows, a.columns)];
  const library = libraryFor(4 * m * n * k);
  if (library !== undefined) {
    return { rows: m, columns: k, data: yield* lapack.orthogonalOf(library, copied(a)) };
  }
  const whole = matrixOf(a);
  const q = new QrDecomposition(m < n ? whole.subMatrix(0, m - 1, 0, m - 1) : whole).orthogonalMatrix;
  // The last row alone is not reflected, which is JAMA's way.
  if (m <= n) for (let i = 0; i < m; i++) q.set(i, m - 1, -q.get(i, m - 1));
  return denseOf(q);
}

/** A⁻¹B. Throws where A is singular to working precision. */
export function* solution(where: string, a: Dense, b: Dense): Computation<Dense> {
  const library = libraryFor((2 / 3) * a.rows ** 3 + 2 * a.rows ** 2 * b.columns);
  if (library === undefined) {
    const lu = new LuDecomposition(matrixOf(a));
    return lu.isSingular() ? refuseSingular(where) : denseOf(lu.solve(matrixOf(b)));
  }
  const factors = yield* lapack.factorsOf(library, copied(a));
  if (factors.isSingular) refuseSingular(where);
  const columns = transposed(b);
  yield* lapack.solveInPlace(library, factors, a.rows, columns);
  return transposed(columns);
}

function refuseSingular(where: string): never {
  throw new SaddleError(
    `${where}: the matrix is singular, so that there is no unique solution; see linalg.pinv`,
  );
}

/** The lower triangular L of (A + Aᵀ)/2 = LLᵀ. */
export function* choleskyFactor(a: Dense): Computation<Dense> {
  const symmetric = symmetricPart(a);
  const library = libraryFor(a.rows ** 3 / 3);
  if (library === undefined) {
    const factor = new CholeskyDecomposition(matrixOf(symmetric));
    if (factor.isPositiveDefinite()) return denseOf(factor.lowerTriangularMatrix);
  } else {
    const factor = copied(symmetric);
    if (yield* lapack.choleskyInPlace(library, factor.data, a.rows)) return factor;
  }
  const [least] = yield* symmetricEigenvalues(symmetric);
  throw new SaddleError(
    `cholesky: the matrix is not positive definite, its least eigenvalue is ${Number(least.toPrecision(6))}`,
  );
}

/** The pivots of A's LU factors, and the sign of the exchanges that lead to them. */
function* pivotsOf(a: Dense): Computation<{ pivots: Float64Array; sign: number }> {
  const n = a.rows;
  const library = libraryFor((2 / 3) * n ** 3);
  if (library === undefined) {
    const lu = new LuDecomposition(matrixOf(a));
    const pivots = Float64Array.from(lu.upperTriangularMatrix.diagonal());
    return { pivots, sign: parity(lu.pivotPermutationVector) };
  }
  const { factors, isOdd } = yield* lapack.factorsOf(library, copied(a));
  return { pivots: Float64Array.from({ length: n }, (_, i) => factors[i * (n + 1)]), sign: isOdd ? -1 : 1 };
}

export function* determinant(a: Dense): Computation<number> {
  if (a.rows === 0) return 1;
  const { pivots, sign } = yield* pivotsOf(a);
  return pivots.reduce((product, pivot) => product * pivot, sign);
}

/** Sign and log |det A|; [0, −∞] where A is singular. */
export function* signedLogDeterminant(a: Dense): Computation<[number, number]> {
  const { pivots, sign } = yield* pivotsOf(a);
  return [
    pivots.reduce((product, pivot) => product * Math.sign(pivot), sign),
    pivots.reduce((log, pivot) => log + Math.log(Math.abs(pivot)), 0),
  ];
}

/** 1 for an even permutation, −1 for an odd one: n less the number of cycles counts its exchanges. */
function parity(permutation: readonly number[]): number {
  const seen = new Set<number>();
  let cycles = 0;
  for (const start of permutation) {
    if (!seen.has(start)) cycles++;
    for (let i = start; !seen.has(i); i = permutation[i]) seen.add(i);
  }
  return (permutation.length - cycles) % 2 === 0 ? 1 : -1;
}

/** det(A) A⁻ᵀ, which exists for a singular A too. */
export function* cofactors(a: Dense): Computation<Dense> {
  const found = yield* singular(a);
  const sign = (yield* determinant(found.left)) * (yield* determinant(found.right));
  const others = found.values.map((_, i) =>
    found.values.reduce((product, s, j) => (i === j ? product : product * s), Math.sign(sign)),
  );
  return yield* product(transposed(found.left), withRowsScaled(found.right, others));
}

/**
 * The derivative of the cofactors of A along T. In A's singular bases A is diag(s), whose cofactors change on the diagonal by
 * each other element times the product of the s that neither has, and elsewhere by the mirrored element times as much.
 */
export function* cofactorsTangent(a: Dense, t: Dense): Computation<Dense> {
  const n = a.rows;
  const { values, left, right } = yield* singular(a);
  const sign = Math.sign((yield* determinant(left)) * (yield* determinant(right)));
  const along = yield* product(yield* product(left, t), transposed(right));
  const without = (i: number, j: number): number =>
    values.reduce((rest, s, k) => (k === i || k === j ? rest : rest * s), sign);
  const change = { rows: n, columns: n, data: new Float64Array(n * n) };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const others = without(i, j);
      change.data[i * n + j] = -others * along.data[j * n + i];
      change.data[i * n + i] += others * along.data[j * n + j];
    }
  }
  return yield* product(yield* product(transposed(left), change), right);
}

/** A⁺ (Moore, Penrose); singular values of at most `rcond` times the greatest count as zero. */
export function* pseudoInverse(a: Dense, rcond: number): Computation<Dense> {
  const { values, left, right } = yield* singular(a);
  const inverses = values.map((s) => (s > rcond * values[0] ? 1 / s : 0));
  return yield* product(transposed(right), withRowsScaled(left, inverses));
}

function withRowsScaled(a: Dense, factors: Float64Array): Dense {
  return { ...a, data: a.data.map((x, i) => x * factors[Math.floor(i / a.columns)]) };
}

function copied(a: Dense): Dense {
  return { ...a, data: a.data.slice() };
}

function matrixOf({ rows, columns, data }: Dense): Matrix {
  return Matrix.from1DArray(rows, columns, data);
}

function denseOf(matrix: Matrix): Dense {
  return { rows: matrix.rows, columns: matrix.columns, data: Float64Array.from(matrix.to1DArray()) };
}
