import type { Argument } from "../transform/trees";
import { addScaled, norm, type Vector } from "../linalg/vectors";
import {
  fromRows,
  later,
  rowOf,
  symmetricEigen,
  symmetricPart,
  transposed,
  type Dense,
} from "../ops/decompose";
import { product } from "../ops/gemm";
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
import { mostFormed, place } from "./place";

/** A symmetric matrix with all of its eigenpairs. */
export interface ExactSpectrum {
  /** Symmetrised. */
  readonly matrix: Dense;
  /** Ascending. */
  readonly values: readonly number[];
  /** Orthonormal, one a row. */
  readonly vectors: Dense;
  /** max |H − Hᵀ|, which would be 0 without rounding. */
  readonly symmetryError: number;
  /** max ‖Hv − λv‖. */
  readonly residual: number;
  /** |λ| up to this is rounding: n times the unit roundoff times max |λ|, or ‖H − Hᵀ‖ if that is more. */
  readonly tolerance: number;
}

/** A matrix of second derivatives by its rows. Refuses NaN and infinity. */
export function finiteMatrix(rows: readonly Vector[]): Dense {
  const matrix = fromRows(rows);
  if (matrix.data.every(Number.isFinite)) return matrix;
  throw new NotFiniteError(
    "the Hessian holds NaN or infinity at x; f is not twice differentiable there, or overflows",
  );
}

export async function exactSpectrum(rows: readonly Vector[], isDouble: boolean): Promise<ExactSpectrum> {
  const given = finiteMatrix(rows);
  const matrix = symmetricPart(given);
  const { values, vectors } = await later(symmetricEigen(matrix));
  const products = await later(product(vectors, matrix));
  const residuals = Array.from(values, (value, i) => {
    const residual = rowOf(products, i);
    addScaled(residual, -value, rowOf(vectors, i));
    return norm(residual);
  });
  const skew = transposed(given).data;
  addScaled(skew, -1, given.data);
  const reach = Math.max(...values.map(Math.abs));
  const roundoff = isDouble ? 2 ** -52 : 2 ** -23;
  return {
    matrix,
    values: Array.from(values),
    vectors,
    symmetryError: skew.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    residual: Math.max(...residuals),
    tolerance: Math.max(rows.length * roundoff * reach, norm(skew)),
  };
}

/** The Hessian of an objective at its point. */
export async function hessianSpectrum(objective: Objective): Promise<ExactSpectrum> {
  const rows = await evaluationsOf(objective).hessian(await pointOf(objective));
  return exactSpectrum(rows, objective.device.floatType === "float64");
}

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
  if (given.size > mostFormed) {
    refuse(
      "spectrum",
      `x has ${given.size} parameters, at most ${mostFormed} are decomposed; use topEigenpairs(hessianOperator(f, x)) or spectralDensity`,
    );
  }
  const objective = await place(given, given.size);
  const { notFinite } = await evaluated(objective);
  if (notFinite !== undefined) throw new NotFiniteError(`spectrum: ${notFinite}`);
  const exact = await hessianSpectrum(objective);
  return {
    eigenvalues: [...exact.values],
    eigenvectors: matrixTensor(transposed(exact.vectors)),
    hessian: matrixTensor(exact.matrix),
    tolerance: exact.tolerance,
    residual: exact.residual,
    symmetryError: exact.symmetryError,
    precision: objective.device.floatType === "float64" ? "float64" : "float32",
  };
}

function matrixTensor({ rows, columns, data }: Dense): Tensor {
  return fromData(data, [rows, columns], "float64", cpu);
}
