import { extent } from "../values";
import { placeOf, type Axis } from "./axis";
import type { Frame } from "./svg";

/** Where a trace is drawn. */
export interface Plane {
  readonly frame: Frame;
  readonly x: Axis;
  readonly y: Axis;
  /** A trace's colour where it names none. */
  readonly colour: string;
}

type Range = Axis["range"];

/** The pixel, from the left of the picture, of a place in the units of an axis across. */
export function pixelAcross({ left, width }: Frame, [from, to]: Range, place: number): number {
  return left + (width * (place - from)) / (to - from);
}

/** The pixel, from the top of the picture, of a place in the units of an axis upwards. */
export function pixelDown({ top, height }: Frame, [from, to]: Range, place: number): number {
  return top + (height * (to - place)) / (to - from);
}

/** From a value on an axis to a pixel across, or down; nothing where it has no place. */
export function across({ frame, x }: Plane): (value: unknown) => number | undefined {
  return (value) => {
    const place = placeOf(x, value);
    return place === undefined ? undefined : pixelAcross(frame, x.range, place);
  };
}

export function down({ frame, y }: Plane): (value: unknown) => number | undefined {
  return (value) => {
    const place = placeOf(y, value);
    return place === undefined ? undefined : pixelDown(frame, y.range, place);
  };
}

/** The frame of what lies between two places on each axis. */
export function frameOf(
  { frame, x, y }: Plane,
  [left, right]: [number, number],
  [low, high]: [number, number],
): Frame {
  const share = ([from, to]: readonly [number, number], place: number): number =>
    (place - from) / (to - from);
  const xs = extent([share(x.range, left), share(x.range, right)]);
  const ys = extent([1 - share(y.range, low), 1 - share(y.range, high)]);
  return {
    left: frame.left + xs[0] * frame.width,
    width: (xs[1] - xs[0]) * frame.width,
    top: frame.top + ys[0] * frame.height,
    height: (ys[1] - ys[0]) * frame.height,
  };
}
