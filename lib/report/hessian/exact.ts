import { verdictOf, wholeSpectrum } from "../../curvature/verdict";
import { conditionOf } from "../../curvature/condition";
import { hessianSpectrum, symmetrised } from "../../curvature/exact";
import { evaluationsOf, pointOf, type Objective } from "../../curvature/objective";
import { norm, type Vector } from "../../linalg/vectors";
import { Matrix, symmetricEigenvalues } from "../../ops/decompose";
import { countSigns } from "./counts";
import {
  blockNames,
  blockRanges,
  type BlockNumbers,
  type Directions,
  type GgnNumbers,
  type HessianNumbers,
} from "./numbers";

/** Up to this many parameters the Hessian itself is shown. */
const mostShown = 64;

export interface Start {
  readonly loss: number;
  readonly gradient: Vector;
  /** ‖g‖ up to which a point with these eigenvalues is critical. */
  readonly critical: (eigenvalues: readonly number[]) => number;
}

/** All of a Hessian that is small enough to be formed. */
export async function measureExactly(
  objective: Objective,
  { loss, gradient, critical }: Start,
): Promise<{ numbers: HessianNumbers; directions: Directions }> {
  const spectrum = await hessianSpectrum(objective);
  const { values, vectors, matrix, tolerance, symmetryError, residual } = spectrum;
  const gradNorm = norm(gradient);
  const condition = conditionOf(values, tolerance);
  const { kind, index, reason } = verdictOf(wholeSpectrum(values), tolerance, gradNorm, critical(values));
  const n = values.length;
  const numbers: HessianNumbers = {
    n,
    loss,
    gradNorm,
    kind,
    reason,
    index,
    ...condition,
    kappaAtLeast: condition.kappa,
    effectiveKappa: condition.effective,
    effectiveAtLeast: condition.effective,
    ...countSigns({ values, perEnd: n, converged: true }, undefined, n, tolerance),
    trace: matrix.trace(),
    traceStandardError: 0,
    frobenius: matrix.norm("frobenius"),
    ...learningRates(condition.lambdaMax, condition.lambdaMin, tolerance),
    eigenvalues: values,
    residuals: [residual],
    blocks: blocksOf(objective, matrix),
    ggn: objective.parts.split && (await ggnOf(objective, matrix)),
    density: undefined,
    symmetryError,
    converged: true,
    matvecs: n,
    seed: 0,
    samples: 0,
    exact: true,
    precision: objective.device.floatType === "float64" ? "float64" : "float32",
  };
  const column = (i: number): Vector => Float64Array.from(vectors.getColumn(i));
  const rows = n <= mostShown ? matrix.to2DArray() : undefined;
  return {
    numbers,
    directions: { gradient, vMax: column(n - 1), vMin: n > 1 ? column(0) : undefined, rows },
  };
}

type LearningRates = Pick<HessianNumbers, "maxLearningRate" | "bestLearningRate" | "rate">;

export const unknownRates: LearningRates = { maxLearningRate: NaN, bestLearningRate: NaN, rate: NaN };

/** What gradient descent is told by the ends of the spectrum; the rate holds where it is convex. */
export function learningRates(lambdaMax: number, lambdaMin: number, tolerance: number): LearningRates {
  const isConvex = lambdaMin > tolerance;
  return {
    maxLearningRate: lambdaMax > 0 ? 2 / lambdaMax : Infinity,
    bestLearningRate: isConvex ? 2 / (lambdaMax + lambdaMin) : NaN,
    rate: isConvex ? (lambdaMax - lambdaMin) / (lambdaMax + lambdaMin) : NaN,
  };
}

function blocksOf({ paths, shapes, leaves }: Objective, matrix: Matrix): BlockNumbers[] {
  if (shapes.length < 2) return [];
  const blocks = blockRanges(
    blockNames(paths),
    leaves.map((t) => t.size),
  );
  return blocks.map(({ name, size, ranges }) => {
    const indices = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
    const block = matrix.selection(indices, indices);
    return { name, size, lambdaMax: symmetricEigenvalues(block)[size - 1], trace: block.trace() };
  });
}

async function ggnOf(objective: Objective, hessian: Matrix): Promise<GgnNumbers> {
  const rows = await evaluationsOf(objective).gaussNewton(await pointOf(objective));
  const { matrix } = symmetrised(rows);
  const values = symmetricEigenvalues(matrix);
  const whole = hessian.norm("frobenius");
  return {
    lambdaMax: values[values.length - 1],
    trace: matrix.trace(),
    share: matrix.norm("frobenius") / whole,
    rest: Matrix.sub(hessian, matrix).norm("frobenius") / whole,
  };
}
