import { dot, type Vector } from "../linalg/vectors";
import { moved, type Point, type Problem } from "./problem";

export interface WolfeOptions {
  /** The step to try first. */
  readonly first: number;
  /** Sufficient decrease. */
  readonly c1?: number;
  /** Curvature: |slope| is to fall to this part of what it was. */
  readonly c2?: number;
}

/** A trial along the line: its step, the point there, and f's slope along the direction. */
interface Trial {
  readonly step: number;
  readonly point: Point;
  readonly slope: number;
}

const mostTrials = 30;
/** f's own rounding, relative; decreases below it cannot be seen. */
const rounding = 1e-15;

/**
 * A step along a descent `direction` that fulfils the strong Wolfe conditions (Nocedal and Wright 2006, algorithms 3.5 and
 * 3.6, with cubic interpolation), or undefined where none is found.
 */
export async function strongWolfe(
  problem: Problem,
  start: Point,
  direction: Vector,
  { first, c1 = 1e-4, c2 = 0.9 }: WolfeOptions,
): Promise<Point | undefined> {
  const slope = dot(start.gradient, direction);
  if (!(slope < 0)) return undefined;
  const origin: Trial = { step: 0, point: start, slope };
  const at = async (step: number): Promise<Trial> => {
    const point = await problem.at(moved(start.x, step, direction));
    return { step, point, slope: dot(point.gradient, direction) };
  };
  const slack = rounding * Math.abs(start.value);
  const isHigh = (t: Trial): boolean => !(t.point.value <= start.value + c1 * t.step * slope + slack);
  const isFlat = (t: Trial): boolean => Math.abs(t.slope) <= -c2 * slope;

  let before = origin;
  let trial = await at(first);
  for (let i = 0; i < mostTrials; i++) {
    if (isHigh(trial) || (i > 0 && trial.point.value >= before.point.value)) {
      return zoom(at, before, trial, isHigh, isFlat);
    }
    if (isFlat(trial)) return trial.point;
    if (trial.slope >= 0) return zoom(at, trial, before, isHigh, isFlat);
    [before, trial] = [trial, await at(2 * trial.step)];
  }
  return before.step > 0 ? before.point : undefined;
}

/** Narrows the interval between `low`, the best step that decreases enough, and `high`. */
async function zoom(
  at: (step: number) => Promise<Trial>,
  low: Trial,
  high: Trial,
  isHigh: (t: Trial) => boolean,
  isFlat: (t: Trial) => boolean,
): Promise<Point | undefined> {
  for (let i = 0; i < mostTrials; i++) {
    const trial = await at(interpolated(low, high));
    if (isHigh(trial) || trial.point.value >= low.point.value) high = trial;
    else {
      if (isFlat(trial)) return trial.point;
      if (trial.slope * (high.step - low.step) >= 0) high = low;
      low = trial;
    }
  }
  return low.step > 0 ? low.point : undefined;
}

/** The minimum of the cubic through two trials, kept inside the interval; the middle where that is none. */
function interpolated(a: Trial, b: Trial): number {
  const [fa, fb] = [a.point.value, b.point.value];
  const d1 = a.slope + b.slope - (3 * (fa - fb)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  const step = b.step - (b.step - a.step) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
  const [from, to] = [Math.min(a.step, b.step), Math.max(a.step, b.step)];
  const edge = 0.05 * (to - from);
  return step > from + edge && step < to - edge ? step : (from + to) / 2;
}
