import { evaluationsOf, pointOf, type Objective } from "../../curvature/objective";
import { addScaled, dot, norm, scale, type Vector } from "../../linalg/vectors";
import { contour, density, heatmap, line, panels, spectrum, type Figure } from "../../viz";
import { linspace, sixDigits } from "../../viz/values";
import type { Directions, HessianNumbers } from "./numbers";

/** A loss along lines and planes through a point. */
interface Landscape {
  readonly at: (direction: Vector, t: number, other?: Vector, s?: number) => Promise<number>;
  readonly numbers: HessianNumbers;
  /** ‖x‖ / √n: how far a step is, measured in parameters. */
  readonly scale: number;
}

/** All figures of a report; those that look at f itself cost some hundred values of it. */
export async function hessianFigures(
  objective: Objective,
  numbers: HessianNumbers,
  directions: Directions,
  signal: AbortSignal,
): Promise<Figure[]> {
  const shown = [spectrumFigure(numbers), ...heatmapFigure(directions, objective)];
  if (signal.aborted) return shown;
  const landscape = await landscapeOf(objective, numbers);
  shown.push(await linesFigure(landscape, directions));
  const plane = await planeFigure(landscape, directions, signal);
  const escape = await escapeFigure(objective, numbers, directions, signal);
  return [...shown, ...plane, ...escape];
}

function spectrumFigure({ density: curve, eigenvalues, tolerance }: HessianNumbers): Figure {
  if (curve === undefined) return spectrum(eigenvalues, { title: "Eigenvalues of the Hessian", tolerance });
  return density(curve, { title: "Spectral density of the Hessian", marks: eigenvalues });
}

function heatmapFigure({ rows }: Directions, { paths, shapes }: Objective): Figure[] {
  if (rows === undefined || rows.length < 2) return [];
  const magnitudes = rows.map((row) => row.map(Math.abs));
  const names = shapes.length > 1 ? `, parameters in the order ${paths.join(", ")}` : "";
  return [
    heatmap(magnitudes, { title: `|H|${names}`, zLabel: "|H|", xLabel: "parameter", yLabel: "parameter" }),
  ];
}

async function landscapeOf(objective: Objective, numbers: HessianNumbers): Promise<Landscape> {
  const { value } = evaluationsOf(objective);
  const x = await pointOf(objective);
  return {
    numbers,
    scale: norm(x) / Math.sqrt(x.length),
    at: (direction, t, other, s) => {
      const moved = x.slice();
      addScaled(moved, t, direction);
      if (other !== undefined) addScaled(moved, s!, other);
      return value(moved);
    },
  };
}

/** How far to look along a direction of curvature `lambda`: where the quadratic has changed by half the loss, or by ½. */
function reachOf({ numbers, scale }: Landscape, lambda: number): number {
  const rise = Math.max(Math.abs(numbers.loss), 1) / 2;
  const furthest = 10 * (1 + scale);
  return Math.min(furthest, Math.sqrt((2 * rise) / Math.max(Math.abs(lambda), Number.MIN_VALUE)));
}

/** Loss along v_max, v_min and −g, with its quadratic model on top. */
async function linesFigure(landscape: Landscape, { gradient, vMax, vMin }: Directions): Promise<Figure> {
  const { numbers } = landscape;
  const slope = norm(gradient);
  const downhill = slope > 0 ? scale(gradient.slice(), -1 / slope) : undefined;
  const wanted: { name: string; direction: Vector | undefined; curvature?: number; from: number }[] = [
    { name: "along v_max", direction: vMax, curvature: numbers.lambdaMax, from: -1 },
    { name: "along v_min", direction: vMin, curvature: numbers.lambdaMin, from: -1 },
    { name: "along −g", direction: numbers.kind === "not critical" ? downhill : undefined, from: -0.25 },
  ];
  const shown: Figure[] = [];
  const count = numbers.exact ? 61 : 15;
  for (const { name, direction, curvature, from } of wanted) {
    if (direction === undefined) continue;
    const lambda = curvature ?? (await curvatureAlong(landscape, direction, slope));
    const reach = curvature === undefined && lambda > 0 ? (2.5 * slope) / lambda : reachOf(landscape, lambda);
    const t = linspace(from * reach, reach, count);
    const loss: number[] = [];
    for (const step of t) loss.push(await landscape.at(direction, step));
    const first = dot(gradient, direction);
    const model = t.map((step) => numbers.loss + first * step + (lambda * step * step) / 2);
    const title = `${name}, curvature ${sixDigits(lambda)}`;
    const options = { title, xLabel: "distance", yLabel: "loss" };
    shown.push(dashed(line({ loss: { x: t, y: loss }, "quadratic model": { x: t, y: model } }, options)));
  }
  return panels(shown, { title: "The loss and its quadratic model" });
}

/** The second difference of f along −g, which is no eigenvector. */
async function curvatureAlong(landscape: Landscape, direction: Vector, slope: number): Promise<number> {
  const { numbers } = landscape;
  const step = (numbers.precision === "float64" ? 1e-4 : 3e-2) * (1 + landscape.scale);
  const [ahead, behind] = [await landscape.at(direction, step), await landscape.at(direction, -step)];
  const lambda = (ahead - 2 * numbers.loss + behind) / (step * step);
  return Number.isFinite(lambda) ? lambda : slope;
}

function dashed(figure: Figure): Figure {
  const data = figure.data.map((trace) =>
    trace.name === "quadratic model"
      ? { ...trace, line: { width: 3, dash: "dash", color: "#D55E00" } }
      : { ...trace, line: { width: 4, color: "#0072B2" } },
  );
  return figure.withData(data);
}

/** A plane is looked at for about so long. */
const planeTime = 1000; // ms

/** Points along each side of a plane: as many as there is time for, 41 at most. */
async function resolutionOf({ at, numbers }: Landscape, direction: Vector): Promise<number> {
  if (!numbers.exact) return 11;
  const start = performance.now();
  const tries = 4;
  for (let i = 0; i < tries; i++) await at(direction, 0);
  const each = (performance.now() - start) / tries;
  return Math.min(41, Math.max(21, Math.floor(Math.sqrt(planeTime / each))));
}

/** The plane that v_max and v_min span. */
async function planeFigure(
  landscape: Landscape,
  { vMax, vMin }: Directions,
  signal: AbortSignal,
): Promise<Figure[]> {
  if (vMax === undefined || vMin === undefined) return [];
  const { numbers } = landscape;
  const count = await resolutionOf(landscape, vMin);
  const [across, along] = [reachOf(landscape, numbers.lambdaMax), reachOf(landscape, numbers.lambdaMin)];
  const x = linspace(-along, along, count);
  const y = linspace(-across, across, count);
  const z: number[][] = [];
  for (const s of y) {
    const row: number[] = [];
    for (const t of x) row.push(await landscape.at(vMin, t, vMax, s));
    z.push(row);
    if (signal.aborted) return [];
  }
  if (!z.flat().every(Number.isFinite)) return [];
  const paths = { x: [[0, 0]] };
  const options = {
    title: "The loss in the plane of v_min and v_max",
    xLabel: "v_min",
    yLabel: "v_max",
    zLabel: "loss",
  };
  return [contour(z, { ...options, x, y, paths })];
}

/** Gradient descent from a saddle, pushed off it a little along v_min, beside the growth that λmin foretells. */
async function escapeFigure(
  objective: Objective,
  numbers: HessianNumbers,
  { vMin }: Directions,
  signal: AbortSignal,
): Promise<Figure[]> {
  if (numbers.kind !== "saddle" || vMin === undefined) return [];
  const { valueAndGradient } = evaluationsOf(objective);
  const learningRate = 1 / Math.max(Math.abs(numbers.lambdaMax), Math.abs(numbers.lambdaMin));
  const growth = 1 - learningRate * numbers.lambdaMin;
  const push = 1e-3;
  const most = numbers.exact ? 400 : 40;
  const steps = Math.min(most, Math.ceil(Math.log(3 / push) / Math.log(growth)) * 2 + 10);
  const x = await pointOf(objective);
  addScaled(x, push, vMin);
  const loss: number[] = [];
  for (let step = 0; step <= steps && !signal.aborted; step++) {
    const { value, gradient } = await valueAndGradient(x);
    if (!Number.isFinite(value)) break;
    loss.push(value);
    addScaled(x, -learningRate, gradient);
  }
  const model = loss.map((_, step) => numbers.loss + (numbers.lambdaMin / 2) * (push * growth ** step) ** 2);
  const least = Math.min(...loss);
  const depth = Math.max(numbers.loss - least, Number.MIN_VALUE);
  const visible = model.filter((value) => value >= numbers.loss - 1.5 * depth);
  const title = `Escape from the saddle along v_min: gradient descent, ε = ${sixDigits(learningRate)}`;
  const options = { title, xLabel: "step", yLabel: "loss" };
  return [dashed(line({ loss, "quadratic model": visible }, options))];
}
