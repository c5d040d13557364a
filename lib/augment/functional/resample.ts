/** Resizing, by reading the few pixels that make an output or by matrix products. */
import type { Tensor } from "../../tensor";
import { customVjp, vjp } from "../../transform";
import { positions } from "./images";
import { separable } from "./products";
import { pixelsAt } from "./sample";

/** Part of an axis, in pixels: `start` and `length` broadcast to [N, 1, 1, 1]. */
export interface Span {
  readonly start: number | Tensor;
  readonly length: number | Tensor;
}

/** `alone`: as if nothing were around the span; `inPlace`: the filter also reads what is around it. */
export type Surroundings = "alone" | "inPlace";

/** How a span of each axis of length `from` becomes one of length `to`. */
export interface Resizing {
  readonly from: number;
  readonly to: number;
  readonly span: Span;
  readonly antialias: boolean;
  readonly surroundings: Surroundings;
}

/** The weights of pixels, given by their places, in each output: a column of outputs against any number of pixels. */
interface Filter {
  /** Where each output looks, in pixels from the start of the axis: [to, 1] or [N, 1, to, 1]. */
  readonly centre: Tensor;
  /** Half the filter's width in pixels. */
  readonly reach: number | Tensor;
  readonly weightsAt: (pixels: Tensor) => Tensor;
}

/**
 * A triangle about the place that an output looks at, as wide as the step between outputs if `antialias` and that is
 * more than a pixel (PIL's and torch's bilinear filter); not yet normalised.
 */
function filterOf({ from, to, span, antialias, surroundings }: Resizing, like: Tensor): Filter {
  const step = over(span.length, to);
  const centre = positions(to, like).add(0.5).reshape([to, 1]).mul(step).add(span.start);
  const reach = antialias ? atLeastOne(step) : 1;
  const seen = surroundings === "alone" ? span : { start: 0, length: from };
  return {
    centre,
    reach,
    weightsAt(pixels) {
      const middle = pixels.add(0.5);
      const weights = middle.sub(centre).abs().div(reach).neg().add(1).relu();
      return weights.mul(within(middle, seen).astype(weights.dtype));
    },
  };
}

/** The matrix [to, from] of a resizing. */
export function resizeMatrix(resizing: Resizing, like: Tensor): Tensor {
  const weights = filterOf(resizing, like).weightsAt(positions(resizing.from, like));
  return weights.div(weights.sum(-1, { keepdims: true }));
}

/** Beyond so many pixels an output, the matrix product is no more work than reading them one by one. */
const mostTaps = 8;

/** The greatest number of pixels that one output mixes, where spans are no longer than the axis. */
function tapsOf({ from, to, span, antialias }: Resizing): number {
  const step = (typeof span.length === "number" ? span.length : from) / to;
  return Math.ceil(2 * (antialias ? Math.max(1, step) : 1));
}

/** The pixels that each output mixes, and their weights: [to, 1] or [N, 1, to, 1] each. */
function tapsFor(resizing: Resizing, like: Tensor): { readonly pixel: Tensor; readonly weight: Tensor }[] {
  const { centre, reach, weightsAt } = filterOf(resizing, like);
  const first = centre.sub(reach).sub(0.5).floor().add(1);
  const taps = Array.from({ length: tapsOf(resizing) }, (_, k) => {
    const pixel = first.add(k);
    return { pixel, weight: weightsAt(pixel) };
  });
  const total = taps.map(({ weight }) => weight).reduce((a, b) => a.add(b));
  return taps.map(({ pixel, weight }) => ({
    pixel: pixel.clip(0, resizing.from - 1).astype("int32"),
    weight: weight.div(total),
  }));
}

/** Planes [N, C, H, W] resized along both axes. */
export function resample(images: Tensor, down: Resizing, across: Resizing): Tensor {
  if (Math.max(tapsOf(down), tapsOf(across)) > mostTaps) return resampleByProducts(images, down, across);
  return resampleByTaps(images, down, across);
}

function resampleByProducts(images: Tensor, down: Resizing, across: Resizing): Tensor {
  return separable(images, resizeMatrix(down, images), resizeMatrix(across, images));
}

/** Few pixels make an output, so they are read; backwards, where many outputs share a pixel, products are better. */
function resampleByTaps(images: Tensor, down: Resizing, across: Resizing): Tensor {
  const withSpans = (y: Span, x: Span): [Resizing, Resizing] => [
    { ...down, span: y },
    { ...across, span: x },
  ];
  type Inputs = readonly [x: Tensor, spans: readonly [Span, Span]];
  const read = (...[x, spans]: Inputs): Tensor => {
    const [y, z] = withSpans(...spans);
    const rows = weighted(tapsFor(y, x), (pixel) => pixelsAt(x, pixel, positions(x.shape[3], x)));
    return weighted(tapsFor(z, x).map(alongColumns), (pixel) =>
      pixelsAt(rows, positions(down.to, x).reshape([down.to, 1]), pixel),
    );
  };
  const multiply = (...[x, spans]: Inputs): Tensor => resampleByProducts(x, ...withSpans(...spans));
  const rule = customVjp(
    read,
    (...inputs: Inputs) => [read(...inputs), inputs] as const,
    (inputs, cotangent) => vjp(multiply, ...inputs)[1](cotangent) as never,
  );
  return rule(images, [down.span, across.span]);
}

function alongColumns({ pixel, weight }: { pixel: Tensor; weight: Tensor }): {
  pixel: Tensor;
  weight: Tensor;
} {
  return { pixel: pixel.swapaxes(-1, -2), weight: weight.swapaxes(-1, -2) };
}

function weighted(
  taps: readonly { readonly pixel: Tensor; readonly weight: Tensor }[],
  read: (pixel: Tensor) => Tensor,
): Tensor {
  return taps.map(({ pixel, weight }) => read(pixel).mul(weight)).reduce((a, b) => a.add(b));
}

function over(length: number | Tensor, count: number): number | Tensor {
  return typeof length === "number" ? length / count : length.div(count);
}

function atLeastOne(step: number | Tensor): number | Tensor {
  return typeof step === "number" ? Math.max(1, step) : step.maximum(1);
}

function within(pixel: Tensor, { start, length }: Span): Tensor {
  const from = pixel.sub(start);
  return from.greater(0).logicalAnd(from.less(length));
}
