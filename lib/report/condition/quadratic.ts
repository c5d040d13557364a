import type { MinimizeMethod, MinimizeOptions } from "../../optim";
import { minimizeProblem } from "../../optim/minimize";
import type { Problem } from "../../optim/problem";
import { dot, norm, type Vector } from "../../linalg/vectors";

/** The steps of gradient descent, heavy ball and Nesterov's method that are best on a convex quadratic (Polyak 1964). */
export function tuned(
  method: MinimizeMethod,
  lambdaMax: number,
  lambdaMin: number,
): Pick<MinimizeOptions, "learningRate" | "momentum"> {
  const [most, least] = [Math.sqrt(lambdaMax), Math.sqrt(lambdaMin)];
  if (method === "gd") return { learningRate: 2 / (lambdaMax + lambdaMin) };
  if (method === "momentum") {
    return { learningRate: 4 / (most + least) ** 2, momentum: ((most - least) / (most + least)) ** 2 };
  }
  if (method === "nesterov")
    return { learningRate: 1 / lambdaMax, momentum: (most - least) / (most + least) };
  return {};
}

/** The part of the error that a step leaves on a quadratic of condition κ with the best steps; undefined where none is known. */
export function theoreticalRate(method: MinimizeMethod, kappa: number): number | undefined {
  const root = Math.sqrt(kappa);
  if (method === "gd") return (kappa - 1) / (kappa + 1);
  if (method === "momentum") return (root - 1) / (root + 1);
  return method === "nesterov" ? 1 - 1 / root : undefined;
}

/** ½ Σ λ x², by hand: no device is needed to count steps on it. */
function quadraticProblem(eigenvalues: readonly number[]): Problem {
  let evaluations = 0;
  const product = (v: Vector): Vector => v.map((x, i) => eigenvalues[i] * x);
  const rows = eigenvalues.map((value, i) => Float64Array.from(eigenvalues, (_, j) => (i === j ? value : 0)));
  return {
    size: eigenvalues.length,
    isSplit: true,
    at: (x) => {
      evaluations++;
      const gradient = product(x);
      return Promise.resolve({ x, gradient, value: dot(gradient, x) / 2 });
    },
    product: (_, v) => Promise.resolve(product(v)),
    hessian: () => Promise.resolve(rows),
    gaussNewtonProduct: (_, v) => Promise.resolve(product(v)),
    gaussNewton: () => Promise.resolve(rows),
    evaluations: () => evaluations,
  };
}

/** Relative error that a sweep goes to, and steps after which it gives up. */
export const [sweepTolerance, mostSweepSteps] = [1e-6, 200_000];

/** Steps until the error on a quadratic with the eigenvalues 1 and κ is 1e-6 of what it was; NaN where that takes too many. */
export async function stepsToTolerance(method: MinimizeMethod, kappa: number): Promise<number> {
  const start = Float64Array.of(1, 1);
  const target = sweepTolerance * norm(start);
  const { steps } = await minimizeProblem(quadraticProblem([1, kappa]), start, {
    method,
    steps: mostSweepSteps,
    tol: 0,
    ...tuned(method, kappa, 1),
    callback: ({ x }) => Math.hypot(...x) > target,
  });
  return steps < mostSweepSteps ? steps : NaN;
}
