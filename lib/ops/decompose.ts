/** Decompositions of one dense matrix in float64, by ml-matrix (JAMA's Householder and LU) but for the symmetric eigenvalue problem. */
import { CholeskyDecomposition, LuDecomposition, Matrix, QrDecomposition, SVD } from "ml-matrix";
import { refuse, SaddleError } from "../util/errors";
import { eigenOfSymmetric, eigenvaluesOfSymmetric } from "./symmetric";

export { Matrix } from "ml-matrix";

/** A row-major block of `data` as a matrix. Refuses NaN and infinity, on which iterations would not end. */
export function matrixAt(
  where: string,
  data: ArrayLike<number>,
  offset: number,
  rows: number,
  columns: number,
): Matrix {
  const matrix = new Matrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = data[offset + i * columns + j];
      if (!Number.isFinite(value)) refuse(where, `the matrix has ${value} at [${i}, ${j}]`);
      matrix.set(i, j, value);
    }
  }
  return matrix;
}

export interface Eigen {
  /** Ascending. */
  readonly values: readonly number[];
  /** Orthonormal columns. */
  readonly vectors: Matrix;
}

/** Of (A + Aᵀ)/2. */
export function symmetricEigen(a: Matrix): Eigen {
  const n = a.rows;
  const { values, vectors } = eigenOfSymmetric(a.to1DArray(), n);
  const columns = new Matrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) columns.set(i, j, vectors[j * n + i]);
  return { values: Array.from(values), vectors: columns };
}

/** The eigenvalues of (A + Aᵀ)/2, ascending. */
export function symmetricEigenvalues(a: Matrix): readonly number[] {
  return Array.from(eigenvaluesOfSymmetric(a.to1DArray(), a.rows));
}

export interface Singular {
  /** Descending, min(m, n) of them. */
  readonly values: readonly number[];
  readonly left: Matrix;
  readonly right: Matrix;
}

/** A = left · diag(values) · rightᵀ, with min(m, n) columns left and right. */
export function singular(a: Matrix): Singular {
  const { diagonal, leftSingularVectors, rightSingularVectors } = new SVD(a, { autoTranspose: true });
  const k = Math.min(a.rows, a.columns);
  const columns = (m: Matrix): Matrix => m.subMatrix(0, m.rows - 1, 0, k - 1);
  return {
    values: diagonal.slice(0, k),
    left: columns(leftSingularVectors),
    right: columns(rightSingularVectors),
  };
}

/** The Q of A = QR, with min(m, n) orthonormal columns. */
export function orthogonal(a: Matrix): Matrix {
  const square = a.rows < a.columns ? a.subMatrix(0, a.rows - 1, 0, a.rows - 1) : a;
  return new QrDecomposition(square).orthogonalMatrix;
}

/** A⁻¹B. Throws where A is singular to working precision. */
export function solution(where: string, a: Matrix, b: Matrix): Matrix {
  const lu = new LuDecomposition(a);
  if (lu.isSingular())
    throw new SaddleError(
      `${where}: the matrix is singular, so that there is no unique solution; see linalg.pinv`,
    );
  return lu.solve(b);
}

/** The lower triangular L of A = LLᵀ. */
export function choleskyFactor(a: Matrix): Matrix {
  const symmetric = Matrix.add(a, a.transpose()).mul(0.5);
  const factor = new CholeskyDecomposition(symmetric);
  if (!factor.isPositiveDefinite()) {
    const [least] = symmetricEigenvalues(symmetric);
    throw new SaddleError(
      `cholesky: the matrix is not positive definite, its least eigenvalue is ${Number(least.toPrecision(6))}`,
    );
  }
  return factor.lowerTriangularMatrix;
}

export function determinant(a: Matrix): number {
  return a.rows === 0 ? 1 : new LuDecomposition(a).determinant;
}

/** Sign and log |det A|; [0, −∞] where A is singular. */
export function signedLogDeterminant(a: Matrix): [number, number] {
  const lu = new LuDecomposition(a);
  const pivots = lu.upperTriangularMatrix.diagonal();
  return [
    pivots.reduce((sign, pivot) => sign * Math.sign(pivot), parity(lu.pivotPermutationVector)),
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
export function cofactors(a: Matrix): Matrix {
  const { values, left, right } = singular(a);
  const sign = determinant(left) * determinant(right);
  const others = values.map((_, i) =>
    values.reduce((product, s, j) => (i === j ? product : product * s), Math.sign(sign)),
  );
  return left.mmul(Matrix.diag(others)).mmul(right.transpose());
}

/**
 * The derivative of the cofactors of A along T. In A's singular bases A is diag(s), whose cofactors change on the diagonal by
 * each other element times the product of the s that neither has, and elsewhere by the mirrored element times as much.
 */
export function cofactorsTangent(a: Matrix, t: Matrix): Matrix {
  const { values, left, right } = singular(a);
  const sign = Math.sign(determinant(left) * determinant(right));
  const along = left.transpose().mmul(t).mmul(right);
  const without = (i: number, j: number): number =>
    values.reduce((product, s, k) => (k === i || k === j ? product : product * s), sign);
  const change = Matrix.zeros(a.rows, a.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.rows; j++) {
      if (i === j) continue;
      const others = without(i, j);
      change.set(i, j, -others * along.get(j, i));
      change.set(i, i, change.get(i, i) + others * along.get(j, j));
    }
  }
  return left.mmul(change).mmul(right.transpose());
}

/** A⁺ (Moore, Penrose); singular values of at most `rcond` times the greatest count as zero. */
export function pseudoInverse(a: Matrix, rcond: number): Matrix {
  const { values, left, right } = singular(a);
  const inverses = values.map((s) => (s > rcond * values[0] ? 1 / s : 0));
  return right.mmul(Matrix.diag(inverses)).mmul(left.transpose());
}
