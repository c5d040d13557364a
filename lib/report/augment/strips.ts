/** What each transform changes as a number that it draws grows, over the range that it draws it from. */
import type { Transform } from "../../augment";
import { paramsAt, type Drawn } from "../../augment/draws";
import { random, withDevice, type Tensor } from "../../tensor";
import { roundHalfEven } from "../../util/rounding";

/** Pictures of one image, all else than one number as it changes least. */
export interface Strip {
  /** The transform's, as its parameters are called in a composition. */
  readonly name: string;
  readonly parameter: string;
  readonly unit?: string;
  /** The image as it reaches the transform, [C, H, W]. */
  readonly before: Tensor;
  readonly pictures: readonly { readonly value: number; readonly image: Tensor }[];
}

/** The strips of `transform`, or of all parts of a composition, for an image [C, H, W]. */
export function stripsOf(transform: Transform, image: Tensor): Strip[] {
  return withDevice(image.device, () => follow(transform.name ?? "transform", transform, image.expandDims(0)))
    .strips;
}

interface Followed {
  readonly strips: Strip[];
  /** What comes out where as little as possible was changed. */
  readonly images: Tensor;
}

function follow(name: string, transform: Transform, images: Tensor): Followed {
  const { parts } = transform;
  if (parts === undefined) return followOne(name, transform, images);
  return parts.reduce<Followed>(
    (so, [own, part]) => {
      const next = follow(own, part, so.images);
      return { strips: [...so.strips, ...next.strips], images: next.images };
    },
    { strips: [], images },
  );
}

function followOne(name: string, transform: Transform, images: Tensor): Followed {
  const draws = transform.draws?.(images.shape);
  if (draws === undefined) {
    return { strips: [], images: transform.apply(transform.sample(random.key(0), images.shape), images) };
  }
  const pictureAt = (parameter: string, value: number): Tensor =>
    transform.apply(paramsAt(draws, { [parameter]: value }), images).squeeze(0);
  const strips = Object.entries(draws.numbers).map(([parameter, drawn]) => ({
    name,
    parameter,
    unit: drawn.unit,
    before: images.squeeze(0),
    pictures: valuesOf(drawn).map((value) => ({ value, image: pictureAt(parameter, value) })),
  }));
  const varied = strips.filter(({ pictures }) => pictures.length > 1);
  return { strips: varied, images: transform.apply(paramsAt(draws), images) };
}

const tilesOfStrip = 5; // both ends, the middle and what lies halfway

/** From one end of the range to the other, at even distances as it is drawn; those between in three digits. */
function valuesOf({ range: [from, to], spacing }: Drawn): number[] {
  const last = tilesOfStrip - 1;
  const values = Array.from({ length: tilesOfStrip }, (_, i) => {
    if (i === 0) return from;
    if (i === last) return to;
    const part = i / last;
    const value = spacing === "log" ? from * (to / from) ** part : from + part * (to - from);
    return Number(value.toPrecision(3));
  });
  return [...new Set(spacing === "whole" ? values.map(roundHalfEven) : values)].map(withoutZerosSign);
}

function withoutZerosSign(value: number): number {
  return value + 0;
}
