import type { Argument } from "../transform/trees";
import { lanczos } from "../linalg/lanczos";
import { productsOf, type LinearOperator } from "../linalg/operator";
import { Tensor } from "../tensor/tensor";
import { checkOptions } from "../util/errors";
import { topEigenpairs } from "./eigenpairs";
import { exactSpectrum, hessianSpectrum } from "./exact";
import {
  isSplit,
  objectiveOf,
  type DataOptions,
  type ScalarFunction,
  type SplitFunction,
  hessianProduct,
} from "./objective";
import { operatorOf } from "./operators";
import { exactLimit, place } from "./place";
import type { Vector } from "../linalg/vectors";

export interface ConditionOptions extends DataOptions {
  /** |λ| up to this counts as zero; by default what rounding leaves undecided. */
  readonly tolerance?: number;
  /** Of the iterative methods for large n; 0 unless given. */
  readonly seed?: number;
}

export interface ConditionNumber {
  /** max |λ| / min |λ|; ∞ where an eigenvalue is indistinguishable from zero. */
  readonly kappa: number;
  /** The same over those |λ| above the tolerance; NaN where there is none. */
  readonly effective: number;
  readonly lambdaMax: number;
  readonly lambdaMin: number;
  readonly tolerance: number;
  /** False where n is too large to know all eigenvalues: of an indefinite matrix kappa is then a lower bound. */
  readonly exact: boolean;
  /** The greatest ‖Av − λv‖ of the eigenpairs it rests on. */
  readonly residual: number;
  readonly matvecs: number;
  readonly converged: boolean;
}

/** From all eigenvalues, or from the extreme ones and a smallest magnitude. */
export function conditionOf(
  values: readonly number[],
  tolerance: number,
): Pick<ConditionNumber, "kappa" | "effective" | "lambdaMax" | "lambdaMin" | "tolerance"> {
  const magnitudes = values.map(Math.abs).sort((a, b) => a - b);
  const greatest = magnitudes[magnitudes.length - 1];
  const least = magnitudes[0];
  const resolved = magnitudes.find((m) => m > tolerance);
  return {
    kappa: least > tolerance ? greatest / least : Infinity,
    effective: resolved === undefined ? NaN : greatest / resolved,
    lambdaMax: Math.max(...values),
    lambdaMin: Math.min(...values),
    tolerance,
  };
}

/**
 * The condition number of a symmetric operator or matrix, or of the Hessian of a scalar `f` at `x`. Up to 1000 dimensions it
 * is exact; above, the ends of the spectrum come from Lanczos' method.
 */
export async function conditionNumber<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options?: ConditionOptions,
): Promise<ConditionNumber>;
export async function conditionNumber(
  op: LinearOperator | Tensor,
  options?: ConditionOptions,
): Promise<ConditionNumber>;
export async function conditionNumber(
  subject: ScalarFunction<unknown> | SplitFunction<unknown> | LinearOperator | Tensor,
  second: unknown = {},
  third: ConditionOptions = {},
): Promise<ConditionNumber> {
  if (!isFunction(subject)) {
    const options = second as ConditionOptions;
    checkOptions("conditionNumber", options, ["tolerance", "seed"]);
    return ofOperator(subject, options);
  }
  checkOptions("conditionNumber", third, ["data", "tolerance", "seed"]);
  const given = objectiveOf("conditionNumber", subject, second, third);
  if (given.size > exactLimit) return ofOperator(operatorOf(given, hessianProduct(given)), third);
  const exact = await hessianSpectrum(await place(given, given.size));
  const { residual, values } = exact;
  const numbers = conditionOf(values, third.tolerance ?? exact.tolerance);
  return { ...numbers, exact: true, residual, matvecs: given.size, converged: true };
}

function isFunction(
  subject: ScalarFunction<unknown> | SplitFunction<unknown> | LinearOperator | Tensor,
): subject is ScalarFunction<unknown> | SplitFunction<unknown> {
  return (
    typeof subject === "function" ||
    (!(subject instanceof Tensor) && isSplit(subject as SplitFunction<unknown>))
  );
}

async function ofOperator(op: LinearOperator | Tensor, options: ConditionOptions): Promise<ConditionNumber> {
  const products = productsOf("conditionNumber", op);
  const { size, epsilon } = products;
  if (size <= exactLimit) {
    const rows: Vector[] = [];
    for (let i = 0; i < size; i++) {
      const unit = products.zeros();
      unit[i] = 1;
      rows.push(await products.multiply(unit));
    }
    const { values, tolerance, residual } = exactSpectrum(rows, epsilon < 1e-10);
    const numbers = conditionOf(values, options.tolerance ?? tolerance);
    return { ...numbers, exact: true, residual, matvecs: products.count, converged: true };
  }
  const { seed = 0 } = options;
  const ends = await topEigenpairs(op, { k: 1, which: "BE", seed });
  const [lambdaMax, lambdaMin] = ends.eigenvalues;
  const inner = lambdaMin < 0 && lambdaMax > 0 ? await lanczos(op, { seed, steps: 100 }) : undefined;
  const values = [...ends.eigenvalues, ...(inner?.ritzValues ?? [])];
  const tolerance = options.tolerance ?? 2 * size * epsilon * Math.max(...values.map(Math.abs));
  return {
    ...conditionOf(values, tolerance),
    lambdaMax,
    lambdaMin,
    exact: false,
    residual: Math.max(...ends.residuals),
    matvecs: ends.matvecs + (inner?.matvecs ?? 0),
    converged: ends.converged,
  };
}
