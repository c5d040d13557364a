import { verdictOf, wholeSpectrum } from "../../curvature/verdict";
import { conditionOf } from "../../curvature/condition";
import { finiteMatrix, hessianSpectrum } from "../../curvature/exact";
import { evaluationsOf, pointOf, type Objective } from "../../curvature/objective";
import { addScaled, norm, type Vector } from "../../linalg/vectors";
import { later, rowOf, symmetricEigenvalues, symmetricPart, type Dense } from "../../ops/decompose";
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
    trace: traceOf(matrix),
    traceStandardError: 0,
    frobenius: norm(matrix.data),
    ...learningRates(condition.lambdaMax, condition.lambdaMin, tolerance),
    eigenvalues: values,
    residuals: [residual],
    blocks: await blocksOf(objective, matrix),
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
  const rows = n <= mostShown ? values.map((_, i) => Array.from(rowOf(matrix, i))) : undefined;
  return {
    numbers,
    directions: { gradient, vMax: rowOf(vectors, n - 1), vMin: n > 1 ? rowOf(vectors, 0) : undefined, rows },
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

async function blocksOf({ paths, shapes, leaves }: Objective, matrix: Dense): Promise<BlockNumbers[]> {
  if (shapes.length < 2) return [];
  const blocks = blockRanges(
    blockNames(paths),
    leaves.map((t) => t.size),
  );
  const found: BlockNumbers[] = [];
  for (const { name, size, ranges } of blocks) {
    const block = blockOf(matrix, ranges);
    const values = await later(symmetricEigenvalues(block));
    found.push({ name, size, lambdaMax: values[size - 1], trace: traceOf(block) });
  }
  return found;
}

/** The rows and columns of a matrix that lie in `ranges`. */
function blockOf(matrix: Dense, ranges: readonly (readonly [number, number])[]): Dense {
  const indices = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
  const data = new Float64Array(indices.length ** 2);
  indices.forEach((row, i) => {
    const values = rowOf(matrix, row);
    indices.forEach((column, j) => (data[i * indices.length + j] = values[column]));
  });
  return { rows: indices.length, columns: indices.length, data };
}

function traceOf({ rows, data }: Dense): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * (rows + 1)];
  return sum;
}

async function ggnOf(objective: Objective, hessian: Dense): Promise<GgnNumbers> {
  const rows = await evaluationsOf(objective).gaussNewton(await pointOf(objective));
  const matrix = symmetricPart(finiteMatrix(rows));
  const values = await later(symmetricEigenvalues(matrix));
  const whole = norm(hessian.data);
  const rest = hessian.data.slice();
  addScaled(rest, -1, matrix.data);
  return {
    lambdaMax: values[values.length - 1],
    trace: traceOf(matrix),
    share: norm(matrix.data) / whole,
    rest: norm(rest) / whole,
  };
}
