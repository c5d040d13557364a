import type { Argument } from "../transform/trees";
import { norm, type Vector } from "../linalg/vectors";
import { Matrix, symmetricEigen } from "../ops/decompose";
import { fromData } from "../tensor/create";
import { cpu } from "../tensor/device";
import type { Tensor } from "../tensor/tensor";
import { checkOptions, NotFiniteError, refuse } from "../util/errors";
import { evaluated } from "./evaluated";
import {
  evaluationsOf,
  objectiveOf,
  pointOf,
  type DataOptions,
  type Objective,
  type ScalarFunction,
  type SplitFunction,
} from "./objective";
import { place } from "./place";

/** A symmetric matrix with all of its eigenpairs. */
export interface ExactSpectrum {
  /** Rows, symmetrised. */
  readonly matrix: Matrix;
  /** Ascending. */
  readonly values: readonly number[];
  /** Orthonormal columns. */
  readonly vectors: Matrix;
  /** max |H − Hᵀ|, which would be 0 without rounding. */
  readonly symmetryError: number;
  /** max ‖Hv − λv‖. */
  readonly residual: number;
  /** |λ| up to this is rounding: n times the unit roundoff times max |λ|, or ‖H − Hᵀ‖ if that is more. */
  readonly tolerance: number;
}

/** (A + Aᵀ)/2 of a Hessian's rows, and A − Aᵀ. */
export function symmetrised(rows: readonly Vector[]): { matrix: Matrix; skew: Matrix } {
  const given = new Matrix(rows.map((row) => Array.from(row)));
  if (given.to1DArray().some((x) => !Number.isFinite(x))) {
    throw new NotFiniteError(
      "the Hessian holds NaN or infinity at x; f is not twice differentiable there, or overflows",
    );
  }
  const transposed = given.transpose();
  return { matrix: Matrix.add(given, transposed).mul(0.5), skew: Matrix.sub(given, transposed) };
}

export function exactSpectrum(rows: readonly Vector[], isDouble: boolean): ExactSpectrum {
  const { matrix, skew } = symmetrised(rows);
  const { values, vectors } = symmetricEigen(matrix);
  const product = matrix.mmul(vectors);
  const residual = Math.max(
    ...values.map((value, i) => {
      const v = vectors.getColumn(i);
      return norm(Float64Array.from(product.getColumn(i), (x, row) => x - value * v[row]));
    }),
  );
  const reach = Math.max(...values.map(Math.abs));
  const roundoff = isDouble ? 2 ** -52 : 2 ** -23;
  return {
    matrix,
    values,
    vectors,
    symmetryError: skew.to1DArray().reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    residual,
    tolerance: Math.max(rows.length * roundoff * reach, skew.norm("frobenius")),
  };
}

/** The Hessian of an objective at its point. */
export async function hessianSpectrum(objective: Objective): Promise<ExactSpectrum> {
  const rows = await evaluationsOf(objective).hessian(await pointOf(objective));
  return exactSpectrum(rows, objective.device.floatType === "float64");
}

/** Above this many parameters the n² numbers of a Hessian and the n³ steps of its decomposition are refused. */
const mostParameters = 4096;

export interface Spectrum {
  /** All n, ascending. */
  readonly eigenvalues: number[];
  /** [n, n] float64, as columns in the same order, orthonormal. */
  readonly eigenvectors: Tensor;
  /** [n, n] float64, symmetrised. */
  readonly hessian: Tensor;
  /** |λ| up to this is indistinguishable from zero. */
  readonly tolerance: number;
  /** The greatest ‖Hv − λv‖. */
  readonly residual: number;
  /** The greatest |H_ij − H_ji| before symmetrising. */
  readonly symmetryError: number;
  /** Of the Hessian's entries: what it was computed in. */
  readonly precision: "float64" | "float32";
}

/**
 * All eigenpairs of the Hessian of a scalar `f` at `x`, a tensor or a tree. The Hessian is computed on `cpu` in float64
 * where that takes seconds, else on the device of x; it is decomposed in float64. Refuses more than 4096 parameters.
 */
export async function spectrum<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options: DataOptions = {},
): Promise<Spectrum> {
  checkOptions("spectrum", options, ["data"]);
  const given = objectiveOf("spectrum", f, x, options);
  if (given.size > mostParameters) {
    refuse(
      "spectrum",
      `x has ${given.size} parameters, at most ${mostParameters} are decomposed; use topEigenpairs(hessianOperator(f, x)) or spectralDensity`,
    );
  }
  const objective = await place(given, given.size);
  const { notFinite } = await evaluated(objective);
  if (notFinite !== undefined) throw new NotFiniteError(`spectrum: ${notFinite}`);
  const exact = await hessianSpectrum(objective);
  return {
    eigenvalues: [...exact.values],
    eigenvectors: matrixTensor(exact.vectors),
    hessian: matrixTensor(exact.matrix),
    tolerance: exact.tolerance,
    residual: exact.residual,
    symmetryError: exact.symmetryError,
    precision: objective.device.floatType === "float64" ? "float64" : "float32",
  };
}

function matrixTensor(matrix: Matrix): Tensor {
  return fromData(Float64Array.from(matrix.to1DArray()), [matrix.rows, matrix.columns], "float64", cpu);
}
