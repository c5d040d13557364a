import type { Argument } from "../transform/trees";
import { norm, type Vector } from "../linalg/vectors";
import { productsOf } from "../linalg/operator";
import { checkAtLeastZero, checkPositive, checkSeed } from "../util/checks";
import { checkOptions } from "../util/errors";
import { topEigenpairs } from "./eigenpairs";
import { ascending, endsOf, knownSpectrum } from "./ends";
import { evaluated, ifFinite } from "./evaluated";
import { hessianSpectrum } from "./exact";
import {
  objectiveOf,
  type DataOptions,
  type Objective,
  type ScalarFunction,
  type SplitFunction,
  hessianProduct,
} from "./objective";
import { operatorOf } from "./operators";
import { isFormedInSeconds, place } from "./place";
import { unknownBecause, verdictOf, wholeSpectrum, type KnownSpectrum, type Verdict } from "./verdict";

export interface ClassifyOptions extends DataOptions {
  /** ‖g‖ up to this is critical; by default 1e-6, or what rounding x to its dtype makes, if that is more. */
  readonly gradTol?: number;
  /** |λ| up to this counts as zero; by default what rounding leaves undecided. */
  readonly tolerance?: number;
  /** Of the iterative method for large n; 0 unless given. */
  readonly seed?: number;
}

export interface Classification extends Verdict {
  /** Ascending: all of them, or five from each end where there are too many. */
  readonly eigenvalues: number[];
  /** ‖Hv − λv‖ of each, or the greatest of them where all are known. */
  readonly residuals: number[];
  readonly gradNorm: number;
  readonly tolerance: number;
  readonly value: number;
  /** False where only the ends of the spectrum are known; `index` is then a lower bound. */
  readonly exact: boolean;
  readonly matvecs: number;
  /** Whether all of the eigenvalues have converged. The kind may be known before they have. */
  readonly converged: boolean;
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

export const defaultGradTol = 1e-6;

const classifyNames = ["data", "gradTol", "tolerance", "seed"];

/**
 * What kind of point `x` is of a scalar `f`: by its gradient and the signs of its Hessian's eigenvalues. Up to 1000
 * parameters, and up to 4096 where it takes seconds, these are all known. Above, signs that Lanczos' method finds are
 * there, and that there are no others follows from converged ends or from an enclosure of the spectrum, which fails for
 * one seed in a million; where neither tells, or f is not finite at `x`, the kind is "unknown" and `reason` says why.
 */
export async function classify<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options: ClassifyOptions = {},
): Promise<Classification> {
  checkOptions("classify", options, classifyNames);
  const { gradTol, tolerance, seed } = options;
  if (gradTol !== undefined) checkPositive("classify", "gradTol", gradTol);
  if (tolerance !== undefined) checkAtLeastZero("classify", "tolerance", tolerance);
  checkSeed("classify", seed ?? 0);
  const given = objectiveOf("classify", f, x, options);
  const isExact = await isFormedInSeconds(given);
  const objective = await place(given, isExact ? given.size : Infinity);
  const at = await evaluated(objective);
  const { value } = at;
  const gradNorm = norm(at.gradient);
  const unknown = (reason: string): Classification => ({
    ...unknownBecause(reason),
    ...{ eigenvalues: [], residuals: [], gradNorm, tolerance: NaN, value },
    ...{ exact: false, matvecs: 0, converged: false },
  });
  const judged = async (): Promise<Classification> => {
    const known = isExact ? await wholeOf(objective, tolerance) : await endsAt(objective, options);
    const { eigenvalues, spectrum, ...rest } = known;
    const critical = gradTol ?? criticalNorm(defaultGradTol, roundoffOf(given), at.x, eigenvalues);
    const verdict = verdictOf(spectrum, known.tolerance, gradNorm, critical);
    return { ...verdict, ...rest, eigenvalues, gradNorm, value, exact: isExact };
  };
  return ifFinite(at, judged, unknown);
}

type Known = Pick<Classification, "eigenvalues" | "residuals" | "tolerance" | "matvecs" | "converged"> & {
  readonly spectrum: KnownSpectrum;
};

async function wholeOf(objective: Objective, given: number | undefined): Promise<Known> {
  const { values, tolerance, residual } = await hessianSpectrum(objective);
  return {
    eigenvalues: [...values],
    residuals: [residual],
    tolerance: given ?? tolerance,
    matvecs: objective.size,
    converged: true,
    spectrum: wholeSpectrum(values),
  };
}

async function endsAt(objective: Objective, { tolerance, seed = 0 }: ClassifyOptions): Promise<Known> {
  const op = productsOf("classify", operatorOf(objective, hessianProduct(objective)));
  const ends = await endsOf(op, { k: 5, tolerance, seed, maxMatvecs: mostProducts });
  const order = ascending(ends);
  return {
    eigenvalues: order.map((i) => ends.eigenvalues[i]),
    residuals: order.map((i) => ends.residuals[i]),
    tolerance: ends.tolerance,
    matvecs: op.count,
    converged: ends.converged,
    spectrum: knownSpectrum(ends, op.size),
  };
}

/** For the eigenpairs at both ends. */
const mostProducts = 1500;

export interface Sharpness {
  /** The greatest eigenvalue of the Hessian; NaN where it is not known, for it has not converged or f is not finite. */
  readonly sharpness: number;
  /** 2/λmax: gradient descent with a greater step leaves the local quadratic; ∞ where λmax ≤ 0. */
  readonly maxLearningRate: number;
  /** ‖Hv − λv‖. */
  readonly residual: number;
  readonly matvecs: number;
  readonly converged: boolean;
}

const unknownSharpness: Sharpness = {
  sharpness: NaN,
  maxLearningRate: NaN,
  residual: NaN,
  matvecs: 0,
  converged: false,
};

/** The greatest eigenvalue of the Hessian of `f` at `x` (Cohen et al. 2021), by Hessian-vector products. */
export async function sharpness<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x: Argument<X>,
  options: DataOptions & { readonly tol?: number; readonly seed?: number } = {},
): Promise<Sharpness> {
  checkOptions("sharpness", options, ["data", "tol", "seed"]);
  const { tol, seed } = options;
  const objective = await place(objectiveOf("sharpness", f, x, options), 100);
  const measured = async (): Promise<Sharpness> => {
    const operator = operatorOf(objective, hessianProduct(objective));
    const found = await topEigenpairs(operator, { k: 1, which: "LA", tol, seed });
    const { residuals, matvecs, converged } = found;
    const [residual] = residuals;
    if (!converged) return { ...unknownSharpness, residual, matvecs };
    const [value] = found.eigenvalues;
    const maxLearningRate = value > 0 ? 2 / value : Infinity;
    return { sharpness: value, maxLearningRate, residual, matvecs, converged };
  };
  return ifFinite(await evaluated(objective), measured, () => unknownSharpness);
}
