import { hessianSpectrum } from "../../curvature/exact";
import { evaluationsOf, leavesOf, onDevice, pointOf, type Objective } from "../../curvature/objective";
import { addScaled, dot, norm, type Vector } from "../../linalg/vectors";
import { rowOf } from "../../ops/decompose";
import type { MinimizeMethod, MinimizeOptions } from "../../optim";
import { minimizeProblem } from "../../optim/minimize";
import { problemOf } from "../../optim/problem";
import { contour, line, type Figure, type Series } from "../../viz";
import { extent, linspace } from "../../viz/values";
import { theoreticalRate, tuned } from "./quadratic";

export interface MethodRun {
  readonly method: MinimizeMethod;
  readonly path: readonly (readonly number[])[];
  /** ‖x − x*‖ / ‖x₀ − x*‖ at each step. */
  readonly errors: readonly number[];
  /** By which the error fell a step, over the second half of the steps above rounding; NaN for fewer than four. */
  readonly measuredRate: number;
  /** On a quadratic of that condition number with the best steps; NaN where none is known. */
  readonly theoreticalRate: number;
  /** NaN where the method finds its own. */
  readonly learningRate: number;
  readonly momentum: number;
  readonly message: string;
}

/** A minimum near a point, and the Hessian's spectrum there. */
export interface Minimum {
  readonly x: Vector;
  readonly value: number;
  readonly lambdaMax: number;
  readonly lambdaMin: number;
  readonly vMax: Vector;
  readonly vMin: Vector;
}

/** The minimum that L-BFGS finds from the objective's point; undefined where its Hessian is not positive definite. */
export async function minimumNear(objective: Objective): Promise<Minimum | undefined> {
  const start = await pointOf(objective);
  const { last } = await minimizeProblem(problemOf(objective), start, {
    method: "lbfgs",
    steps: 500,
    tol: 1e-9,
  });
  if (!last.x.every(Number.isFinite)) return undefined;
  const { values, vectors, tolerance } = await hessianSpectrum(movedTo(objective, last.x));
  const n = values.length;
  if (!(values[0] > tolerance) || norm(last.gradient) > 1e-4 * Math.max(1, values[n - 1])) return undefined;
  return {
    x: last.x,
    value: last.value,
    lambdaMax: values[n - 1],
    lambdaMin: values[0],
    vMax: rowOf(vectors, n - 1),
    vMin: rowOf(vectors, 0),
  };
}

export function movedTo(objective: Objective, x: Vector): Objective {
  return { ...objective, leaves: leavesOf(objective, onDevice(objective, x)) };
}

/** Where paths begin: at x, or beside the minimum, more along the valley than across it, where x is that minimum. */
export async function startOf(
  objective: Objective,
  { x, vMax, vMin, lambdaMax, lambdaMin }: Minimum,
): Promise<Vector> {
  const given = await pointOf(objective);
  const apart = given.slice();
  addScaled(apart, -1, x);
  const size = 1 + norm(x) / Math.sqrt(x.length);
  if (norm(apart) > 1e-2 * size) return given;
  const start = x.slice();
  addScaled(start, size, vMin);
  addScaled(start, size * Math.sqrt(lambdaMin / lambdaMax), vMax);
  return start;
}

/** Above this a run has left the picture. */
const farthest = 1e6;

/** A run of each method from `start`, with the steps that are best for the greatest curvature at its two ends. */
export async function runMethods(
  objective: Objective,
  minimum: Minimum,
  start: Vector,
  methods: readonly MinimizeMethod[],
  steps: number,
): Promise<MethodRun[]> {
  const problem = problemOf(objective);
  const { values } = await hessianSpectrum(movedTo(objective, start));
  const lambdaMax = Math.max(minimum.lambdaMax, values[values.length - 1]);
  const runs: MethodRun[] = [];
  for (const method of methods) {
    const settings = tuned(method, lambdaMax, minimum.lambdaMin);
    const distance = (x: readonly number[]): number => Math.hypot(...x.map((v, i) => v - minimum.x[i]));
    const first = distance(Array.from(start));
    const isWorthwhile = (x: readonly number[]): boolean => {
      const error = distance(x) / first;
      return error > smallestError && error < farthest;
    };
    const options: MinimizeOptions = {
      method,
      steps,
      tol: 0,
      ...settings,
      callback: ({ x }) => isWorthwhile(x),
    };
    const { path, message } = await minimizeProblem(problem, start, options);
    const errors = path.map((x) => distance(x) / first);
    runs.push({
      method,
      path,
      errors,
      measuredRate: rateOf(errors),
      theoreticalRate: theoreticalRate(method, minimum.lambdaMax / minimum.lambdaMin) ?? NaN,
      learningRate: settings.learningRate ?? NaN,
      momentum: settings.momentum ?? NaN,
      message: reasonOf(errors, message),
    });
  }
  return runs;
}

/** Where errors are rounding. */
const smallestError = 1e-10;

function reasonOf(errors: readonly number[], message: string): string {
  const last = errors[errors.length - 1];
  if (last <= smallestError) return "reached";
  return last >= farthest || Number.isNaN(last) ? "diverged" : message;
}

function rateOf(errors: readonly number[]): number {
  const half = Math.floor(errors.length / 2);
  const count = errors.length - 1 - half;
  const last = errors[errors.length - 1];
  return count < 2 || last === 0 ? NaN : (last / errors[half]) ** (1 / count);
}

/** Error against step, with the rates that theory gives for this κ on top. */
export function errorFigure(runs: readonly MethodRun[], kappa: number): Figure {
  const longest = Math.max(...runs.map(({ errors }) => errors.length));
  const measured = runs.map(({ method, errors }): [string, Series] => [method, aboveRounding(errors)]);
  const theory = runs.flatMap(({ method, theoreticalRate: rate }): [string, Series][] => {
    if (Number.isNaN(rate)) return [];
    const curve = Array.from({ length: longest }, (_, step) => rate ** step);
    return [[`${method}, theory`, aboveRounding(curve)]];
  });
  const title = `Error against step, κ = ${Number(kappa.toPrecision(6))}`;
  const options = { title, xLabel: "step", yLabel: "‖x − x*‖ / ‖x₀ − x*‖", logY: true };
  return matched(line(Object.fromEntries([...measured, ...theory]), options));
}

/** What is below rounding is no error to show. */
function aboveRounding(values: readonly number[]): Series {
  const steps = [...values.keys()].filter((step) => !(values[step] <= smallestError / 100));
  return { x: steps, y: steps.map((step) => values[step]) };
}

/** Theory is dotted, in the colour of its method. */
export function matched<Numbers extends object>(figure: Figure<Numbers>): Figure<Numbers> {
  const { data } = figure;
  const colours = ["#D55E00", "#009E73", "#CC79A7", "#0072B2", "#E69F00", "#56B4E9", "#8C8C8C"];
  const methods = data.map(({ name }) => String(name)).filter((name) => !name.endsWith(", theory"));
  const traces = data.map((trace) => {
    const name = String(trace.name);
    const color = colours[methods.indexOf(name.replace(", theory", "")) % colours.length];
    const isTheory = name.endsWith(", theory");
    return { ...trace, line: { color, width: isTheory ? 2 : 3.5, ...(isTheory && { dash: "dot" }) } };
  });
  return figure.withData(traces);
}

/** Contours with the paths: of f itself in two dimensions, else in the plane of v_min and v_max through the minimum. */
export async function pathFigure(
  objective: Objective,
  minimum: Minimum,
  start: Vector,
  runs: readonly MethodRun[],
): Promise<Figure> {
  const isPlane = objective.size === 2;
  const [right, up] = isPlane ? [Float64Array.of(1, 0), Float64Array.of(0, 1)] : [minimum.vMin, minimum.vMax];
  const origin = isPlane ? Float64Array.of(0, 0) : minimum.x;
  const project = (point: ArrayLike<number>): number[] => {
    const apart = Float64Array.from(point, (v, i) => v - origin[i]);
    const [x, y] = [dot(apart, right), dot(apart, up)];
    return isPlane ? [x, y] : [x, y, Math.sqrt(Math.max(0, dot(apart, apart) - x * x - y * y))];
  };
  const paths = Object.fromEntries(
    runs.map(({ method, path }) => [method, path.filter(allFinite).map(project)]),
  );
  const ends = [project(start), project(minimum.x)];
  const { x, y } = frameOf(ends, Object.values(paths).flat());
  const { value } = evaluationsOf(objective);
  const z: number[][] = [];
  for (const t of y) {
    const row: number[] = [];
    for (const s of x) {
      const point = minimum.x.slice().fill(0);
      addScaled(point, 1, origin);
      addScaled(point, s, right);
      addScaled(point, t, up);
      row.push(await value(point));
    }
    z.push(row);
  }
  const [least, greatest] = extent(z.flat());
  const isSteep = greatest - minimum.value > 100 * Math.max(1e-9, quantile(z.flat(), 0.1) - minimum.value);
  const shown = isSteep ? z.map((row) => row.map((v) => v - Math.min(least, minimum.value))) : z;
  return contour(shown, {
    title: isPlane ? "The paths of the methods" : "The paths of the methods, in the plane of v_min and v_max",
    xLabel: isPlane ? "x₀" : "v_min",
    yLabel: isPlane ? "x₁" : "v_max",
    zLabel: isSteep ? "log₁₀(f − f*)" : "f",
    logZ: isSteep,
    equalAxes: isPlane,
    animate: true,
    x,
    y,
    paths,
  });
}

function allFinite(point: readonly number[]): boolean {
  return point.every(Number.isFinite);
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))];
}

/** Places along both axes around `ends`, and around `others` as far as they do not lead away from these. */
function frameOf(
  ends: readonly (readonly number[])[],
  others: readonly (readonly number[])[],
): { x: number[]; y: number[] } {
  const count = 61;
  const ranges = [0, 1].map((axis) => extent(ends.map((p) => p[axis])));
  const widest = Math.max(...ranges.map(([from, to]) => to - from), 1e-6);
  const isNear = (p: readonly number[]): boolean =>
    ranges.every(([from, to], axis) => p[axis] > from - widest && p[axis] < to + widest);
  const shown = [...ends, ...others.filter(isNear)];
  const [x, y] = [0, 1].map((axis) => {
    const [from, to] = extent(shown.map((p) => p[axis]));
    const margin = Math.max(0.15 * widest, (0.7 * widest - (to - from)) / 2);
    return linspace(from - margin, to + margin, count);
  });
  return { x, y };
}
