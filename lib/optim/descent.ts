/** Methods that use gradients alone. Each yields its points, the first after x₀, and may end with a reason. */
import { addCombination, addScaled, dot, norm, type Vector } from "../linalg/vectors";
import { strongWolfe } from "./lineSearch";
import { moved, negative, type Point, type Problem } from "./problem";

export interface MethodOptions {
  readonly learningRate: number;
  readonly momentum: number;
  readonly damping: number;
  readonly history: number;
  readonly indefinite: "stop" | "step";
}

export type Method = (
  problem: Problem,
  start: Point,
  options: MethodOptions,
) => AsyncGenerator<Point, string>;

const noStep =
  "no step along the direction decreases f enough: its rounding is reached, or its gradient is wrong";

/** x ← x − εg. */
export async function* gradientDescent(
  problem: Problem,
  point: Point,
  { learningRate }: MethodOptions,
): ReturnType<Method> {
  for (;;) yield (point = await problem.at(moved(point.x, -learningRate, point.gradient)));
}

/** v ← αv − εg, x ← x + v (Polyak 1964). */
export async function* heavyBall(problem: Problem, point: Point, options: MethodOptions): ReturnType<Method> {
  const velocity = point.x.slice().fill(0);
  for (;;) {
    accelerate(velocity, point.gradient, options);
    yield (point = await problem.at(moved(point.x, 1, velocity)));
  }
}

/** As `heavyBall`, with the gradient taken at x + αv (Nesterov 1983). */
export async function* nesterov(problem: Problem, point: Point, options: MethodOptions): ReturnType<Method> {
  const velocity = point.x.slice().fill(0);
  for (;;) {
    const ahead = await problem.at(moved(point.x, options.momentum, velocity));
    accelerate(velocity, ahead.gradient, options);
    yield (point = await problem.at(moved(point.x, 1, velocity)));
  }
}

function accelerate(velocity: Vector, gradient: Vector, { momentum, learningRate }: MethodOptions): void {
  for (let i = 0; i < velocity.length; i++) velocity[i] = momentum * velocity[i] - learningRate * gradient[i];
}

/**
 * Nonlinear conjugate gradients (Polak and Ribière 1969, β not below 0) with strong Wolfe steps. The first step tried is
 * that of the local quadratic, from a Hessian-vector product, so that a quadratic of n parameters takes n steps.
 */
export async function* conjugateGradient(
  problem: Problem,
  point: Point,
  { learningRate }: MethodOptions,
): ReturnType<Method> {
  let direction = negative(point.gradient);
  for (;;) {
    if (dot(direction, point.gradient) >= 0) direction = negative(point.gradient);
    const curvature = dot(direction, await problem.product(point.x, direction));
    const slope = dot(direction, point.gradient);
    const first = learningRate * (curvature > 0 ? -slope / curvature : 1 / norm(direction));
    const next = await strongWolfe(problem, point, direction, { first, c2: 0.1 });
    if (next === undefined) return noStep;
    const change = moved(next.gradient, -1, point.gradient);
    const beta = Math.max(0, dot(next.gradient, change) / dot(point.gradient, point.gradient));
    direction = moved(negative(next.gradient), beta, direction);
    yield (point = next);
  }
}

/** BFGS with its approximation of the inverse Hessian in full (Nocedal and Wright 2006, algorithm 6.1). */
export async function* bfgs(
  problem: Problem,
  point: Point,
  { learningRate }: MethodOptions,
): ReturnType<Method> {
  const n = problem.size;
  const inverse = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_unused, j) => Number(i === j)),
  );
  for (let step = 0; ; step++) {
    const direction = point.x.map((_, i) => -dot(inverse[i], point.gradient));
    const first = learningRate * (step === 0 ? firstStep(point) : 1);
    const next = await strongWolfe(problem, point, direction, { first });
    if (next === undefined) return noStep;
    const s = moved(next.x, -1, point.x);
    const y = moved(next.gradient, -1, point.gradient);
    updateInverse(inverse, s, y, step === 0);
    yield (point = next);
  }
}

/** Before anything is known of the scale, no further than 1. */
function firstStep(point: Point): number {
  return Math.min(1, 1 / norm(point.gradient));
}

function updateInverse(inverse: Float64Array[], s: Vector, y: Vector, isFirst: boolean): void {
  const sy = dot(s, y);
  if (!(sy > 0)) return;
  if (isFirst) inverse.forEach((row, i) => (row[i] = sy / dot(y, y)));
  const hy = Float64Array.from(inverse, (row) => dot(row, y));
  const factor = (1 + dot(y, hy) / sy) / sy;
  inverse.forEach((row, i) => {
    for (let j = 0; j < row.length; j++) row[j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
  });
}

/** BFGS from its last `history` steps (Liu and Nocedal 1989). */
export async function* lbfgs(
  problem: Problem,
  point: Point,
  { history, learningRate }: MethodOptions,
): ReturnType<Method> {
  const pairs: { s: Vector; y: Vector; sy: number }[] = [];
  for (let step = 0; ; step++) {
    const direction = twoLoops(pairs, point.gradient);
    const first = learningRate * (step === 0 ? firstStep(point) : 1);
    const next = await strongWolfe(problem, point, direction, { first });
    if (next === undefined) return noStep;
    const s = moved(next.x, -1, point.x);
    const y = moved(next.gradient, -1, point.gradient);
    const sy = dot(s, y);
    if (sy > 0) pairs.push({ s, y, sy });
    if (pairs.length > history) pairs.shift();
    yield (point = next);
  }
}

/** −H⁻¹g by the two-loop recursion. */
function twoLoops(pairs: readonly { s: Vector; y: Vector; sy: number }[], gradient: Vector): Vector {
  const direction = negative(gradient);
  const alphas = new Array<number>(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    alphas[i] = dot(pairs[i].s, direction) / pairs[i].sy;
    addScaled(direction, -alphas[i], pairs[i].y);
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    const gamma = last.sy / dot(last.y, last.y);
    for (let i = 0; i < direction.length; i++) direction[i] *= gamma;
  }
  pairs.forEach(({ s, y, sy }, i) => addCombination(direction, [alphas[i] - dot(y, direction) / sy], [s]));
  return direction;
}
