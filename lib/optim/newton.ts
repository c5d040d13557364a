/** Methods that solve with a matrix of second derivatives: formed where that is small, else by its products. */
import { exactLimit } from "../curvature/place";
import { productsOf, type HostOperator } from "../linalg/operator";
import { conjugateGradients } from "../linalg/cg";
import { tridiagonalize } from "../linalg/lanczos";
import { minimalResidual } from "../linalg/minres";
import { combine } from "../linalg/krylov";
import { addScaled, dot, norm, type Vector } from "../linalg/vectors";
import { fromRows, later, rowOf, symmetricEigen, type Eigen } from "../ops/decompose";
import { sixDigits } from "../viz/values";
import type { Method, MethodOptions } from "./descent";
import { moved, type Point, type Problem } from "./problem";

/** Of a matrix-free solve: relative residual, and products at most. */
const solveTolerance = 1e-6;
const mostProducts = 200;
/** Dimensions of the Krylov space in which a large Hessian's absolute value is taken (Dauphin et al. 2014, §6). */
const krylovSteps = 50;

/** x ← x − ε(H + αI)⁻¹g. It ends where H + αI is not positive definite, for there its step may climb. */
export async function* newton(problem: Problem, point: Point, options: MethodOptions): ReturnType<Method> {
  for (let step = 0; ; step++) {
    const found = await (problem.size <= exactLimit ? denseNewton : productNewton)(problem, point, options);
    if (typeof found === "string") return `at step ${step} ${found}`;
    yield (point = await problem.at(moved(point.x, -options.learningRate, found)));
  }
}

const advice =
  "a Newton step would be attracted by saddles and maxima; use saddle-free-newton or more damping";

/** (H + αI)⁻¹g, or why there is none. */
async function denseNewton(
  problem: Problem,
  { x, gradient }: Point,
  options: MethodOptions,
): Promise<Vector | string> {
  const eigen = await eigenOf(await problem.hessian(x));
  const [least] = eigen.values;
  const shifted = least + options.damping;
  const isSingular = eigen.values.some((v) => Math.abs(v + options.damping) <= resolution(eigen));
  if (isSingular) return `the Hessian is singular (λmin = ${sixDigits(least)}); give it damping`;
  if (shifted < 0 && options.indefinite === "stop")
    return `the Hessian is indefinite (λmin = ${sixDigits(least)}): ${advice}`;
  return mapped(eigen, gradient, (value) => 1 / (value + options.damping));
}

async function productNewton(
  problem: Problem,
  { x, gradient }: Point,
  options: MethodOptions,
): Promise<Vector | string> {
  const op = productsOf(
    "minimize",
    damped(problem.size, gradient, (v) => problem.product(x, v), options.damping),
  );
  const target = solveTolerance * norm(gradient);
  if (options.indefinite === "step") return minimalResidual(op, gradient, target, mostProducts);
  const solution = op.zeros();
  const { message } = await conjugateGradients(op, solution, gradient.slice(), target, mostProducts);
  return message.includes("not positive definite") ? `the Hessian is indefinite: ${advice}` : solution;
}

function damped(
  n: number,
  like: Vector,
  product: (v: Vector) => Promise<Vector>,
  damping: number,
): HostOperator {
  return {
    shape: [n, n],
    dtype: like instanceof Float64Array ? "float64" : "float32",
    matvec: (v) => v,
    multiply: async (v) => {
      const out = await product(v);
      addScaled(out, damping, v);
      return out;
    },
  };
}

/**
 * x ← x − ε(|H| + αI)⁻¹g: away from saddles as fast as toward minima (Dauphin et al. 2014). Undamped, it does not move
 * along eigenvectors whose eigenvalues are zero to rounding.
 */
export async function* saddleFreeNewton(
  problem: Problem,
  point: Point,
  options: MethodOptions,
): ReturnType<Method> {
  const { damping, learningRate } = options;
  const inverse = pseudoInverse(Math.abs, damping);
  for (let step = 0; ; step++) {
    const { x, gradient } = point;
    const direction =
      problem.size <= exactLimit
        ? mappedBy(await eigenOf(await problem.hessian(x)), gradient, inverse)
        : await krylovDirection(problem, point, inverse);
    if (norm(direction) === 0) return flatAlong("Hessian", step);
    yield (point = await problem.at(moved(x, -learningRate, direction)));
  }
}

/** 1/(size(λ) + damping) of an eigenvalue; 0 of one that is zero to rounding, unless damping lifts it from there. */
type InverseOf = (resolved: number) => (value: number) => number;

function pseudoInverse(size: (value: number) => number, damping: number): InverseOf {
  return (resolved) => (value) =>
    damping === 0 && Math.abs(value) <= resolved ? 0 : 1 / (size(value) + damping);
}

/** Why a method ends that has no step to take. */
function flatAlong(matrix: string, step: number): string {
  return `at step ${step} the ${matrix} is zero along the gradient, to rounding, and gives no step: give it damping`;
}

/** |H|⁻¹g in the Krylov space of the gradient. */
async function krylovDirection(
  problem: Problem,
  { x, gradient }: Point,
  inverse: InverseOf,
): Promise<Vector> {
  const op = productsOf(
    "minimize",
    damped(problem.size, gradient, (v) => problem.product(x, v), 0),
  );
  const { space, ritz } = await tridiagonalize(op, gradient.slice(), krylovSteps);
  const all = [...ritz.values.keys()];
  const vectors = combine(space.basis, ritz.vectors, all);
  const inverseOf = inverse(1e-6 * ritz.scale);
  const direction = op.zeros();
  vectors.forEach((v, i) => addScaled(direction, dot(v, gradient) * inverseOf(ritz.values[i]), v));
  return direction;
}

/** x ← x − ε(G + αI)⁻¹g with the Gauss–Newton matrix G; in directions that G does not see it does not move. */
export async function* gaussNewton(
  problem: Problem,
  point: Point,
  options: MethodOptions,
): ReturnType<Method> {
  if (!problem.isSplit)
    return "gauss-newton needs f in two parts, {outputs: x => …, loss: outputs => scalar}";
  const inverse = pseudoInverse((value) => value, options.damping);
  for (let step = 0; ; step++) {
    const { x, gradient } = point;
    const direction =
      problem.size <= exactLimit
        ? mappedBy(await eigenOf(await problem.gaussNewton(x)), gradient, inverse)
        : await productGaussNewton(problem, point, options);
    if (norm(direction) === 0) return flatAlong("Gauss–Newton matrix", step);
    yield (point = await problem.at(moved(x, -options.learningRate, direction)));
  }
}

async function productGaussNewton(
  problem: Problem,
  { x, gradient }: Point,
  { damping }: MethodOptions,
): Promise<Vector> {
  const op = productsOf(
    "minimize",
    damped(problem.size, gradient, (v) => problem.gaussNewtonProduct(x, v), damping),
  );
  const solution = op.zeros();
  await conjugateGradients(op, solution, gradient.slice(), solveTolerance * norm(gradient), mostProducts);
  return solution;
}

function eigenOf(rows: readonly Vector[]): Promise<Eigen> {
  return later(symmetricEigen(fromRows(rows)));
}

function resolution({ values }: Eigen): number {
  return values.length * 2 ** -52 * Math.max(...values.map(Math.abs));
}

function mappedBy(eigen: Eigen, gradient: Vector, inverse: InverseOf): Vector {
  return mapped(eigen, gradient, inverse(resolution(eigen)));
}

/** V f(λ) Vᵀ g. */
function mapped({ values, vectors }: Eigen, gradient: Vector, f: (value: number) => number): Vector {
  const out = gradient.slice().fill(0);
  values.forEach((value, i) => {
    const v = rowOf(vectors, i);
    addScaled(out, dot(v, gradient) * f(value), v);
  });
  return out;
}
