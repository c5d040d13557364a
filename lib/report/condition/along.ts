import { conditionOf } from "../../curvature/condition";
import { hessianSpectrum } from "../../curvature/exact";
import { hessianProduct, type Objective } from "../../curvature/objective";
import { operatorOf } from "../../curvature/operators";
import { topEigenpairs } from "../../curvature/eigenpairs";
import { exactLimit } from "../../curvature/place";
import type { Vector } from "../../linalg/vectors";
import type { Tensor } from "../../tensor/tensor";
import { flattenTree } from "../../transform/trees";
import { NotFiniteError, refuse } from "../../util/errors";
import { line, panels, type Figure, type Series } from "../../viz";
import { movedTo } from "./paths";

/** The curvature at a point of a recorded run. */
export interface AlongNumbers {
  /** Position in the path. */
  readonly step: number;
  /** NaN where the end has not converged. */
  readonly lambdaMax: number;
  readonly lambdaMin: number;
  /** Over |λ| above what rounding decides; where there are many parameters, of definite Hessians alone, else NaN. */
  readonly kappa: number;
}

/** A recorded run: its points, flat or like x, and the step it was made with. `optim.minimize` gives one. */
export type RecordedRun =
  readonly unknown[] | { readonly path: readonly unknown[]; readonly learningRate?: number };

/** At most so many points of a path are looked at. */
const mostPoints = 40;

export function readRun(run: RecordedRun): { path: readonly unknown[]; learningRate: number | undefined } {
  if (Array.isArray(run)) return { path: run as readonly unknown[], learningRate: undefined };
  const { path, learningRate } = run as { path?: unknown; learningRate?: number };
  if (!Array.isArray(path) || path.length === 0) {
    return refuse(
      "report.condition",
      "along must be a list of points, or a run {path, learningRate} with one",
    );
  }
  return { path: path as unknown[], learningRate };
}

export async function measureAlong(
  objective: Objective,
  path: readonly unknown[],
  signal: AbortSignal,
): Promise<AlongNumbers[]> {
  const stride = Math.max(1, Math.ceil(path.length / mostPoints));
  const found: AlongNumbers[] = [];
  for (let step = 0; step < path.length && !signal.aborted; step += stride) {
    const point = await readPoint(objective, path[step], step);
    found.push({ step, ...(await curvatureAt(movedTo(objective, point)).catch(unknownIfNotFinite)) });
  }
  return found;
}

async function readPoint({ size }: Objective, given: unknown, step: number): Promise<Vector> {
  const { leaves } = flattenTree(given);
  const parts = await Promise.all(leaves.map((t: Tensor) => t.data()));
  const flat = Float64Array.from(parts.flatMap((part) => Array.from(part)));
  if (flat.length === size) return flat;
  return refuse("report.condition", `point ${step} of along has ${flat.length} numbers, x has ${size}`);
}

type Curvature = Omit<AlongNumbers, "step">;

const unknown: Curvature = { lambdaMax: NaN, lambdaMin: NaN, kappa: NaN };

/** A run that diverged has points where there is no curvature; the others are shown. */
function unknownIfNotFinite(error: unknown): Curvature {
  if (error instanceof NotFiniteError) return unknown;
  throw error;
}

async function curvatureAt(objective: Objective): Promise<Curvature> {
  if (objective.size <= exactLimit) {
    const { values, tolerance } = await hessianSpectrum(objective);
    const { effective, lambdaMax, lambdaMin } = conditionOf(values, tolerance);
    return { kappa: effective, lambdaMax, lambdaMin };
  }
  const found = await topEigenpairs(operatorOf(objective, hessianProduct(objective)), {
    k: 1,
    which: "BE",
    tol: 1e-2,
  });
  if (!found.converged) return unknown;
  const [lambdaMax, lambdaMin] = found.eigenvalues;
  const isDefinite = lambdaMin - found.residuals[1] > 0;
  return { lambdaMax, lambdaMin, kappa: isDefinite ? lambdaMax / lambdaMin : NaN };
}

/** λmax against 2/ε, above which gradient descent is at the edge of stability (Cohen et al. 2021), and κ. */
export function alongFigure(found: readonly AlongNumbers[], learningRate: number | undefined): Figure {
  const x = found.map(({ step }) => step);
  const edge: Record<string, Series> =
    learningRate === undefined ? {} : { "2/ε": { x, y: x.map(() => 2 / learningRate) } };
  const curves: Record<string, Series> = {
    λmax: { x, y: found.map((p) => p.lambdaMax) },
    λmin: { x, y: found.map((p) => p.lambdaMin) },
    ...edge,
  };
  const kappa = found.map((p) => p.kappa);
  return panels(
    [
      line(curves, { title: "curvature along the path", xLabel: "step", yLabel: "eigenvalue" }),
      line(
        { "κ over |λ| > τ": { x, y: kappa } },
        { title: "condition number along the path", xLabel: "step", logY: true },
      ),
    ],
    {
      title:
        learningRate === undefined ? "Along the path" : "Along the path: the edge of stability is at 2/ε",
    },
  );
}
