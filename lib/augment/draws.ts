/** Drawing parameters, and checking the ranges they are drawn from. */
import { random, tensor, withDevice, arange, type Tensor } from "../tensor";
import { describe, refuse } from "../util/errors";
import type { Shape } from "../util/shapes";
import { checkIn, isListOf } from "../util/checks";

/** Both ends of an interval. */
export type Range = readonly [number, number] | readonly number[];

export function checkRange(
  where: string,
  name: string,
  value: unknown,
  least = -Infinity,
): readonly [number, number] {
  const isPair = Array.isArray(value) && value.length === 2 && isListOf(value, Number.isFinite);
  if (!isPair || value[0] > value[1] || value[0] < least) {
    const bound = Number.isFinite(least) ? ` of at least ${least}` : "";
    refuse(where, `${name} must be [from, to] with from ≤ to${bound}, got ${describe(value)}`);
  }
  return [value[0] as number, value[1] as number];
}

/** A range, or a number n that stands for [−n, n]. */
export function checkSymmetric(
  where: string,
  name: string,
  value: number | Range,
): readonly [number, number] {
  if (typeof value !== "number") return checkRange(where, name, value);
  if (!(value >= 0))
    refuse(where, `${name} must be [from, to] or a number of at least 0, got ${describe(value)}`);
  return [-value, value];
}

export function checkProbability(where: string, p: number): number {
  return checkIn(where, "p", p, (x) => x >= 0 && x <= 1, "be a probability, from 0 to 1");
}

/** A number that a transform draws: what `sample` draws it from is what a strip of pictures shows. */
export interface Drawn {
  readonly range: readonly [number, number];
  /** The value that changes the image least. */
  readonly rest: number;
  readonly unit?: string;
  /** Whole numbers, or evenly in the logarithm; evenly unless given. */
  readonly spacing?: "whole" | "log";
}

/** What a transform draws for images of one shape. */
export interface Draws<P> {
  readonly numbers: Readonly<Record<string, Drawn>>;
  /** The parameters of an image for which these numbers were drawn. */
  readonly params: (values: Readonly<Record<string, number>>) => P;
}

/** The parameters of an image of which `drawn` are drawn so, and all else such that it changes least. */
export function paramsAt<P>({ numbers, params }: Draws<P>, drawn: Readonly<Record<string, number>> = {}): P {
  const rest = Object.entries(numbers).map(([name, number]) => [name, number.rest] as const);
  return params({ ...Object.fromEntries(rest), ...drawn });
}

/** Numbers that are themselves the parameters. */
export function plainDraws<P>(numbers: Readonly<Record<string, Drawn>>): Draws<P> {
  return {
    numbers,
    params: (values) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor(value)])) as P,
  };
}

/** Of a transform that is the same for every key. */
export const nothingDrawn = (): Draws<Readonly<Record<string, never>>> => ({
  numbers: {},
  params: () => ({}),
});

/** A number drawn from `range` that changes least at `rest`, or as near to it as the range comes. */
export function drawnFrom(
  range: readonly [number, number],
  rest: number,
  kind: Pick<Drawn, "unit" | "spacing"> = {},
): Drawn {
  return { range, rest: nearestIn(range, rest), ...kind };
}

export function nearestIn([from, to]: readonly [number, number], value: number): number {
  return Math.min(Math.max(value, from), to);
}

/** The part of an area of [h, w] that a rectangle `ratio` times as high as wide covers at most, within [height, width]. */
export function largestPart(
  ratio: number,
  [height, width]: readonly [number, number],
  [h, w]: readonly [number, number] = [height, width],
): number {
  return Math.min((height * height) / ratio, width * width * ratio) / (h * w);
}

/** Uniform in the range. */
export function between(key: Tensor, shape: Shape, [from, to]: readonly [number, number]): Tensor {
  return random
    .uniform(key, shape)
    .mul(to - from)
    .add(from);
}

/** Uniform in the logarithm. */
export function logBetween(key: Tensor, shape: Shape, [from, to]: readonly [number, number]): Tensor {
  return between(key, shape, [Math.log(from), Math.log(to)]).exp();
}

/** A whole number from 0 up to but not including `count`, which may differ from draw to draw: int32. */
export function below(key: Tensor, count: Tensor): Tensor {
  const drawn = random.uniform(key, count.shape).mul(count).floor();
  // A float product may round up to the count itself.
  return drawn.minimum(count.sub(1)).astype("int32");
}

/** Of tries along the first axis, each value of the first that is `valid`, else that of `otherwise`. */
export function firstValid<K extends string>(
  valid: Tensor,
  tries: Readonly<Record<K, Tensor>>,
  otherwise: Readonly<Record<K, number>>,
): Record<K, Tensor> {
  const count = valid.shape[0];
  const first = valid.astype("int32").argmax(0, { keepdims: true });
  const order = withDevice(valid.device, () => arange(count)).reshape([
    count,
    ...valid.shape.slice(1).map(() => 1),
  ]);
  const chosen = order.equal(first).logicalAnd(valid);
  const none = valid.any(0).logicalNot();
  const pick = (name: K): Tensor =>
    tries[name]
      .mul(chosen.astype(tries[name].dtype))
      .sum(0)
      .add(none.astype(tries[name].dtype).mul(otherwise[name]));
  return Object.fromEntries((Object.keys(tries) as K[]).map((name) => [name, pick(name)])) as Record<
    K,
    Tensor
  >;
}

/** A parameter of each image with axes for what it applies to: channel, height, width, or box and edge. */
export function overPixels(parameter: Tensor, axes = 3): Tensor {
  return parameter.reshape([...parameter.shape, ...new Array<number>(axes).fill(1)]);
}
