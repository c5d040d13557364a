import type { Argument } from "../transform/trees";
import { findEigenpairs } from "../linalg/eigenpairs";
import { productsOf, symmetricProductsOf, type LinearOperator, type Products } from "../linalg/operator";
import { Tensor } from "../tensor/tensor";
import { checkAtLeastZero, checkSeed } from "../util/checks";
import { checkOptions } from "../util/errors";
import { defaultTolerance } from "./ends";
import { evaluated, ifFinite } from "./evaluated";
import { exactSpectrum, hessianSpectrum, type ExactSpectrum } from "./exact";
import {
  isSplit,
  objectiveOf,
  type DataOptions,
  type ScalarFunction,
  type SplitFunction,
  hessianProduct,
} from "./objective";
import { operatorOf } from "./operators";
import { exactLimit, isFormedInSeconds, place } from "./place";
import type { Vector } from "../linalg/vectors";

export interface ConditionOptions extends DataOptions {
  /** |λ| up to this counts as zero; by default what rounding leaves undecided. */
  readonly tolerance?: number;
  /** Of the iterative methods for large n; 0 unless given. */
  readonly seed?: number;
}

export interface ConditionNumber {
  /** max |λ| / min |λ|; ∞ where an eigenvalue is indistinguishable from zero, NaN where it is not known. */
  readonly kappa: number;
  /** The same over those |λ| above the tolerance; NaN where there is none, or it is not known. */
  readonly effective: number;
  /** What κ is at least, by the eigenvalues that are known: κ itself where that is. */
  readonly atLeast: number;
  readonly lambdaMax: number;
  readonly lambdaMin: number;
  readonly tolerance: number;
  /** False where n is too large to know all eigenvalues. */
  readonly exact: boolean;
  /** The greatest ‖Av − λv‖ of the eigenpairs it rests on. */
  readonly residual: number;
  readonly matvecs: number;
  /** Whether the ends of the spectrum are known; κ is not, though, of an indefinite matrix that is not `exact`. */
  readonly converged: boolean;
  /** Why κ is not known; empty where it is. */
  readonly reason: string;
}

/** Of a matrix all of whose eigenvalues are known. */
export function conditionOf(
  values: readonly number[],
  tolerance: number,
): Pick<ConditionNumber, "kappa" | "effective" | "atLeast" | "lambdaMax" | "lambdaMin" | "tolerance"> {
  const magnitudes = values.map(Math.abs).sort((a, b) => a - b);
  const greatest = magnitudes[magnitudes.length - 1];
  const least = magnitudes[0];
  const resolved = magnitudes.find((m) => m > tolerance);
  const kappa = least > tolerance ? greatest / least : Infinity;
  return {
    kappa,
    atLeast: kappa,
    effective: resolved === undefined ? NaN : greatest / resolved,
    lambdaMax: Math.max(...values),
    lambdaMin: Math.min(...values),
    tolerance,
  };
}

/**
 * The condition number of a symmetric operator or matrix, or of the Hessian of a scalar `f` at `x`. Up to 1000
 * dimensions, and of a Hessian up to 4096 where it takes seconds, it is exact. Above, the ends of the spectrum come from
 * Lanczos' method, to a thousandth of each; the condition of a definite matrix follows from them, of an indefinite one
 * no more than what it is at least.
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
    checkNumbers(options);
    return ofOperator(subject, options);
  }
  checkOptions("conditionNumber", third, ["data", "tolerance", "seed"]);
  checkNumbers(third);
  const given = objectiveOf("conditionNumber", subject, second, third);
  const isExact = await isFormedInSeconds(given);
  const objective = await place(given, isExact ? given.size : Infinity);
  const measured = async (): Promise<ConditionNumber> => {
    if (isExact) return ofAll(await hessianSpectrum(objective), third, given.size);
    const operator = operatorOf(objective, hessianProduct(objective));
    return ofEnds(productsOf("conditionNumber", operator), third);
  };
  return ifFinite(await evaluated(objective), measured, unknownCondition);
}

function ofAll(
  { values, residual, tolerance }: Pick<ExactSpectrum, "values" | "residual" | "tolerance">,
  options: ConditionOptions,
  matvecs: number,
): ConditionNumber {
  const numbers = conditionOf(values, options.tolerance ?? tolerance);
  return { ...numbers, exact: true, residual, matvecs, converged: true, reason: "" };
}

function unknownCondition(reason: string): ConditionNumber {
  return {
    kappa: NaN,
    effective: NaN,
    atLeast: 1,
    lambdaMax: NaN,
    lambdaMin: NaN,
    tolerance: NaN,
    exact: false,
    residual: NaN,
    matvecs: 0,
    converged: false,
    reason,
  };
}

function checkNumbers({ tolerance, seed }: ConditionOptions): void {
  if (tolerance !== undefined) checkAtLeastZero("conditionNumber", "tolerance", tolerance);
  if (seed !== undefined) checkSeed("conditionNumber", seed);
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
  const products = await symmetricProductsOf("conditionNumber", op);
  return products.size <= exactLimit ? ofRows(products, options) : ofEnds(products, options);
}

async function ofRows(op: Products, options: ConditionOptions): Promise<ConditionNumber> {
  const rows: Vector[] = [];
  for (let i = 0; i < op.size; i++) {
    const unit = op.zeros();
    unit[i] = 1;
    rows.push(await op.multiply(unit));
  }
  return ofAll(await exactSpectrum(rows, op.epsilon < 1e-10), options, op.count);
}

/** Of each end: its error relative to itself, and relative to ‖A‖ what products can tell from zero. */
const relativeError = 1e-3;
const resolution = (epsilon: number): number => (epsilon < 1e-10 ? 1e-10 : 1e-5);
const mostProducts = 4000;

async function ofEnds(op: Products, options: ConditionOptions): Promise<ConditionNumber> {
  const { seed = 0, tolerance: given } = options;
  const tol = defaultTolerance(op.epsilon);
  const zeroAt = (scale: number): number => given ?? resolution(op.epsilon) * scale;
  const { eigenvalues, residuals, converged, scale } = await findEigenpairs(op, {
    k: 1,
    which: "BE",
    allowed: (value, norm) =>
      Math.min(tol * norm, Math.max(relativeError * Math.abs(value), zeroAt(norm) / 2)),
    seed,
    maxMatvecs: mostProducts,
  });
  const ends = conditionOf(eigenvalues, zeroAt(scale));
  const isDefinite = ends.lambdaMin > ends.tolerance || ends.lambdaMax < -ends.tolerance;
  const isSingular = ends.kappa === Infinity;
  const isKnown = converged && (isDefinite || isSingular);
  // An eigenvalue lies within the residual of each value found.
  const smallest = Math.min(...eigenvalues.map((value, i) => Math.abs(value) + residuals[i]));
  return {
    ...ends,
    kappa: isKnown ? ends.kappa : NaN,
    effective: isKnown && isDefinite ? ends.kappa : NaN,
    atLeast: isKnown ? ends.kappa : Math.max(1, Math.max(...eigenvalues.map(Math.abs)) / smallest),
    exact: false,
    residual: Math.max(...residuals),
    matvecs: op.count,
    converged,
    reason: isKnown ? "" : reasonOf(converged, op.count),
  };
}

function reasonOf(converged: boolean, products: number): string {
  return converged
    ? "the matrix is indefinite, and its smallest |λ|, inside the spectrum, is not found by products"
    : `an end of the spectrum has not converged in ${products} products`;
}
