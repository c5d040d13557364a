import type { Argument } from "../transform/trees";
import { norm, type Vector } from "../linalg/vectors";
import { checkPositive } from "../util/checks";
import { checkOptions } from "../util/errors";
import { sixDigits } from "../viz/values";
import { topEigenpairs } from "./eigenpairs";
import { hessianSpectrum } from "./exact";
import {
  evaluationsOf,
  objectiveOf,
  pointOf,
  type DataOptions,
  type Objective,
  type ScalarFunction,
  type SplitFunction,
  hessianProduct,
} from "./objective";
import { operatorOf } from "./operators";
import { exactLimit, place } from "./place";

export type CriticalPoint = "minimum" | "maximum" | "saddle" | "degenerate" | "not critical";

export interface Verdict {
  readonly kind: CriticalPoint;
  /** How many eigenvalues are below −tolerance. */
  readonly index: number;
  /** Why, in a sentence. */
  readonly reason: string;
}

export interface ClassifyOptions extends DataOptions {
  /** ‖g‖ up to this is critical; by default 1e-6, or what rounding x to its dtype makes, if that is more. */
  readonly gradTol?: number;
  /** |λ| up to this counts as zero; by default what rounding leaves undecided. */
  readonly tolerance?: number;
  /** Of the iterative method for large n; 0 unless given. */
  readonly seed?: number;
}

export interface Classification extends Verdict {
  /** Ascending: all of them, or above 1000 parameters five from each end. */
  readonly eigenvalues: number[];
  readonly gradNorm: number;
  readonly tolerance: number;
  readonly value: number;
  /** False where only the ends of the spectrum are known; `index` is then a lower bound. */
  readonly exact: boolean;
}

/** ‖g‖ that a critical point may have: `gradTol`, or what rounding x to its dtype alone makes, if that is more. */
export function criticalNorm(
  gradTol: number,
  roundoff: number,
  x: Vector,
  eigenvalues: readonly number[],
): number {
  return Math.max(gradTol, 2 * roundoff * norm(x) * Math.max(...eigenvalues.map(Math.abs)));
}

/** The roundoff of the dtype in which a user gave x. */
export function roundoffOf({ device }: Objective): number {
  return device.floatType === "float64" ? 2 ** -53 : 2 ** -24;
}

/** The kind of a point of gradient norm `gradNorm` whose Hessian has the eigenvalues `values`, all of them or the extreme ones. */
export function verdictOf(
  values: readonly number[],
  tolerance: number,
  gradNorm: number,
  gradTol: number,
): Verdict {
  const negative = values.filter((v) => v < -tolerance).length;
  const positive = values.filter((v) => v > tolerance).length;
  const zero = values.length - negative - positive;
  if (!(gradNorm <= gradTol)) {
    const reason = `‖g‖ = ${sixDigits(gradNorm)} is above ${sixDigits(gradTol)}: f falls along −g`;
    return { kind: "not critical", index: negative, reason };
  }
  if (negative > 0 && positive > 0) {
    return {
      kind: "saddle",
      index: negative,
      reason: `f falls along ${negative} and rises along ${positive} directions`,
    };
  }
  if (zero > 0) {
    const flat = `${zero} of ${values.length} eigenvalues are zero within ${sixDigits(tolerance)}`;
    return { kind: "degenerate", index: negative, reason: `${flat}: the second derivative does not decide` };
  }
  return positive > 0
    ? { kind: "minimum", index: 0, reason: "all eigenvalues are positive" }
    : { kind: "maximum", index: negative, reason: "all eigenvalues are negative" };
}

export const defaultGradTol = 1e-6;

const classifyNames = ["data", "gradTol", "tolerance", "seed"];

/** What kind of point `x` is of a scalar `f`: by its gradient and the signs of its Hessian's eigenvalues. */
export async function classify<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options: ClassifyOptions = {},
): Promise<Classification> {
  checkOptions("classify", options, classifyNames);
  const { gradTol } = options;
  if (gradTol !== undefined) checkPositive("classify", "gradTol", gradTol);
  const given = objectiveOf("classify", f, x, options);
  const isExact = given.size <= exactLimit;
  const objective = await place(given, isExact ? given.size : Infinity);
  const x0 = await pointOf(objective);
  const { value, gradient } = await evaluationsOf(objective).valueAndGradient(x0);
  const gradNorm = norm(gradient);
  const { values, tolerance: resolution } = isExact
    ? await hessianSpectrum(objective)
    : await endsOf(operatorOf(objective, hessianProduct(objective)), options.seed ?? 0);
  const tolerance = options.tolerance ?? resolution;
  const critical = gradTol ?? criticalNorm(defaultGradTol, roundoffOf(given), x0, values);
  const verdict = verdictOf(values, tolerance, gradNorm, critical);
  return { ...verdict, eigenvalues: [...values], gradNorm, tolerance, value, exact: isExact };
}

async function endsOf(
  op: ReturnType<typeof operatorOf>,
  seed: number,
): Promise<{ values: number[]; tolerance: number }> {
  const { eigenvalues, residuals } = await topEigenpairs(op, { k: 5, which: "BE", seed });
  return { values: eigenvalues.sort((a, b) => a - b), tolerance: Math.max(...residuals) };
}

export interface Sharpness {
  /** The greatest eigenvalue of the Hessian. */
  readonly sharpness: number;
  /** 2/λmax: gradient descent with a greater step leaves the local quadratic; ∞ where λmax ≤ 0. */
  readonly maxLearningRate: number;
  readonly residual: number;
  readonly matvecs: number;
  readonly converged: boolean;
}

/** The greatest eigenvalue of the Hessian of `f` at `x` (Cohen et al. 2021), by Hessian-vector products. */
export async function sharpness<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options: DataOptions & { readonly tol?: number; readonly seed?: number } = {},
): Promise<Sharpness> {
  checkOptions("sharpness", options, ["data", "tol", "seed"]);
  const { tol, seed } = options;
  const objective = await place(objectiveOf("sharpness", f, x, options), 100);
  const found = await topEigenpairs(operatorOf(objective, hessianProduct(objective)), {
    k: 1,
    which: "LA",
    tol,
    seed,
  });
  const [value] = found.eigenvalues;
  return {
    sharpness: value,
    maxLearningRate: value > 0 ? 2 / value : Infinity,
    residual: found.residuals[0],
    matvecs: found.matvecs,
    converged: found.converged,
  };
}
