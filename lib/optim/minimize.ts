import type { Argument } from "../transform/trees";
import {
  isSplit,
  leavesOf,
  objectiveOf,
  onDevice,
  pointOf,
  type DataOptions,
  type ScalarFunction,
  type SplitFunction,
} from "../curvature/objective";
import { place } from "../curvature/place";
import type { Vector } from "../linalg/vectors";
import { checkAtLeastZero, checkPositive, checkWhole } from "../util/checks";
import { checkOptions, describe, nearest, refuse } from "../util/errors";
import { unflatten } from "../util/trees";
import { sixDigits } from "../viz/values";
import { checkDecay } from "./check";
import {
  bfgs,
  conjugateGradient,
  gradientDescent,
  heavyBall,
  lbfgs,
  nesterov,
  type Method,
  type MethodOptions,
} from "./descent";
import { gaussNewton, newton, saddleFreeNewton } from "./newton";
import { gradNorm, isFinitePoint, problemOf, type Point, type Problem } from "./problem";

export type MinimizeMethod =
  "gd" | "momentum" | "nesterov" | "newton" | "saddle-free-newton" | "gauss-newton" | "cg" | "bfgs" | "lbfgs";

interface MethodEntry {
  readonly run: Method;
  /** Options of its own, and what the step's length is unless given. */
  readonly options: readonly string[];
  readonly learningRate: number;
}

const methods: Readonly<Record<MinimizeMethod, MethodEntry>> = {
  gd: { run: gradientDescent, options: [], learningRate: 0.01 },
  momentum: { run: heavyBall, options: ["momentum"], learningRate: 0.01 },
  nesterov: { run: nesterov, options: ["momentum"], learningRate: 0.01 },
  newton: { run: newton, options: ["damping", "indefinite"], learningRate: 1 },
  "saddle-free-newton": { run: saddleFreeNewton, options: ["damping"], learningRate: 1 },
  "gauss-newton": { run: gaussNewton, options: ["damping"], learningRate: 1 },
  cg: { run: conjugateGradient, options: [], learningRate: 1 },
  bfgs: { run: bfgs, options: [], learningRate: 1 },
  lbfgs: { run: lbfgs, options: ["history"], learningRate: 1 },
};

export const minimizeMethods = Object.keys(methods) as readonly MinimizeMethod[];

export interface MinimizeState {
  /** Steps taken; 0 at x₀. */
  readonly step: number;
  /** The point, flat: the leaves of x in order. */
  readonly x: number[];
  readonly value: number;
  readonly gradNorm: number;
}

export interface MinimizeOptions extends DataOptions {
  /** lbfgs unless given. */
  readonly method?: MinimizeMethod;
  /** Steps at most; 1000 unless given. */
  readonly steps?: number;
  /**
   * The factor of each step: of gd, momentum and nesterov 0.01 unless given, of the Newton methods 1. Of cg, bfgs and
   * lbfgs, which search along each direction, that of the step they try first; 1 unless given.
   */
  readonly learningRate?: number;
  /** ‖g‖ to reach; 1e-6 unless given. */
  readonly tol?: number;
  /** α of momentum and nesterov, in [0, 1); 0.9 unless given. */
  readonly momentum?: number;
  /**
   * α added to the eigenvalues by the Newton methods; 0 unless given. Where eigenvalues are small or zero, as those of
   * most networks are, saddle-free-newton and gauss-newton need it: their steps are g/(λ + α).
   */
  readonly damping?: number;
  /** Steps that lbfgs remembers; 100 unless given. */
  readonly history?: number;
  /** What newton does where the Hessian is indefinite: end and say so (stop, the default), or step, maybe toward a saddle. */
  readonly indefinite?: "stop" | "step";
  /** Called at x₀ and after each step; returning false ends the minimisation. */
  readonly callback?: (state: MinimizeState) => unknown;
}

export interface Minimization<X> {
  /** The last point, like x₀. */
  readonly x: X;
  readonly value: number;
  /** All points from x₀ on, flat; only the first and the last where they would hold more than 20 million numbers. */
  readonly path: number[][];
  /** f at each point. */
  readonly values: number[];
  readonly gradNorms: number[];
  /** Whether ‖g‖ ≤ tol was reached. */
  readonly converged: boolean;
  /** Why it ended. */
  readonly message: string;
  readonly steps: number;
  /** The factor of each step that was used, or of each first trial of cg, bfgs and lbfgs. */
  readonly learningRate: number;
  /** How many times f and its gradient were computed. */
  readonly evaluations: number;
}

const commonOptions = ["method", "steps", "learningRate", "tol", "callback", "data"];
const mostRecorded = 2e7;

/**
 * Minimises a scalar `f` from `x0`, a tensor or a tree, and records the path. Methods: gradient descent (gd), momentum,
 * nesterov, newton, saddle-free-newton, gauss-newton (for f in two parts, {outputs, loss}), nonlinear conjugate gradients
 * (cg), bfgs, lbfgs. It computes on `cpu` in float64 where that takes seconds, else on the device of x0.
 */
export async function minimize<X>(
  f: ScalarFunction<X> | SplitFunction<X>,
  x0: Argument<X>,
  options: MinimizeOptions = {},
): Promise<Minimization<X>> {
  const entry = checkMethod(options.method ?? "lbfgs");
  checkOptions("minimize", options, [...commonOptions, ...entry.options]);
  if (entry.run === gaussNewton && !isSplit(f)) {
    refuse("minimize", "gauss-newton needs f in two parts, {outputs: x => …, loss: outputs => scalar}");
  }
  const given = objectiveOf("minimize", f, x0, options);
  const objective = await place(given, 10 * checkSteps(options));
  const { last, ...run } = await minimizeProblem(problemOf(objective), await pointOf(objective), options);
  const x = unflatten(given.structure, leavesOf(given, onDevice(given, last.x))) as X;
  return { x, value: last.value, ...run };
}

/** As `minimize`, for a problem that is given by vectors. */
export async function minimizeProblem(
  problem: Problem,
  x0: Vector,
  options: MinimizeOptions,
): Promise<Omit<Minimization<unknown>, "x" | "value"> & { readonly last: Point }> {
  const entry = checkMethod(options.method ?? "lbfgs");
  const [steps, tol] = [checkSteps(options), checkAtLeastZero("minimize", "tol", options.tol ?? 1e-6)];
  const settings = readSettings(options, entry);
  const start = await problem.at(x0);
  const recorder = recordFrom(problem.size * (steps + 1) <= mostRecorded);
  const points = entry.run(problem, start, settings);
  const message = await follow(points, start, { steps, tol, callback: options.callback }, recorder.add);
  const recorded = recorder.finish();
  const converged = gradNorm(recorded.last) <= tol;
  return {
    ...recorded,
    converged,
    message: converged ? message : message + adviceOnDamping(entry, settings, start, recorded.last),
    learningRate: settings.learningRate,
    evaluations: problem.evaluations(),
  };
}

/** What a method that solves with small eigenvalues needs where it has climbed: their steps leave the quadratic's reach. */
function adviceOnDamping(
  { options }: MethodEntry,
  { damping }: MethodOptions,
  start: Point,
  { value }: Point,
): string {
  if (!options.includes("damping") || value <= start.value) return "";
  const climb = `f went from ${sixDigits(start.value)} to ${sixDigits(value)}`;
  const cure = damping === 0 ? "damping, from a thousandth of the greatest eigenvalue on" : "more damping";
  return `; ${climb}: steps along small eigenvalues are longer than the quadratic model reaches, so give it ${cure}`;
}

function checkSteps({ steps }: MinimizeOptions): number {
  return checkWhole("minimize", "steps", steps ?? 1000, 0);
}

function checkMethod(method: MinimizeMethod): MethodEntry {
  if (Object.hasOwn(methods, method)) return methods[method];
  const near = typeof method !== "string" ? undefined : nearest(method, minimizeMethods);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return refuse(
    "minimize",
    `method must be one of ${minimizeMethods.join(", ")}, got ${describe(method)}${hint}`,
  );
}

function readSettings(options: MinimizeOptions, entry: MethodEntry): MethodOptions {
  const { indefinite = "stop" } = options;
  if (indefinite !== "stop" && indefinite !== "step") {
    refuse("minimize", `indefinite must be "stop" or "step", got ${describe(indefinite)}`);
  }
  return {
    learningRate: checkPositive("minimize", "learningRate", options.learningRate ?? entry.learningRate),
    momentum: checkDecay("minimize", "momentum", options.momentum ?? 0.9),
    damping: checkAtLeastZero("minimize", "damping", options.damping ?? 0),
    history: checkWhole("minimize", "history", options.history ?? 100, 1),
    indefinite,
  };
}

interface Limits {
  readonly steps: number;
  readonly tol: number;
  readonly callback?: MinimizeOptions["callback"];
}

/** Goes along the method's points until one ends it; returns why. */
async function follow(
  points: ReturnType<Method>,
  start: Point,
  { steps, tol, callback }: Limits,
  record: (point: Point) => void,
): Promise<string> {
  let point = start;
  for (let step = 0; ; step++) {
    record(point);
    const size = gradNorm(point);
    if (!isFinitePoint(point)) return `f or its gradient is not finite at step ${step}: f = ${point.value}`;
    if (callback?.({ step, x: Array.from(point.x), value: point.value, gradNorm: size }) === false) {
      return `stopped by the callback at step ${step}`;
    }
    if (size <= tol) return `‖g‖ = ${sixDigits(size)} after ${step} steps`;
    if (step === steps) return `‖g‖ = ${sixDigits(size)} after all ${steps} steps`;
    const { value, done } = await points.next();
    if (done === true) return value;
    point = value;
  }
}

interface Recorded {
  readonly path: number[][];
  readonly values: number[];
  readonly gradNorms: number[];
  readonly steps: number;
  readonly last: Point;
}

function recordFrom(whole: boolean): { add: (point: Point) => void; finish: () => Recorded } {
  const path: number[][] = [];
  const values: number[] = [];
  const gradNorms: number[] = [];
  let last: Point | undefined;
  const flat = (x: Vector): number[] => Array.from(x);
  return {
    add: (point) => {
      if (whole || last === undefined) path.push(flat(point.x));
      values.push(point.value);
      gradNorms.push(gradNorm(point));
      last = point;
    },
    finish: () => {
      if (!whole && values.length > 1) path.push(flat(last!.x));
      return { path, values, gradNorms, steps: values.length - 1, last: last! };
    },
  };
}
