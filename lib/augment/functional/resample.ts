/** Linear maps along rows and columns: resizing and blurring are two small matrix products. */
import type { Tensor } from "../../tensor";
import { positions } from "./images";

/**
 * rows · image · columnsᵀ for each plane of [N, C, H, W]: `rows` is [H′, H] or [N, 1, H′, H], `columns` [W′, W] or
 * [N, 1, W′, W]. The product that leaves less to do comes first.
 */
export function separable(images: Tensor, rows: Tensor, columns: Tensor): Tensor {
  const [height, width] = images.shape.slice(2);
  const [newHeight, newWidth] = [rows, columns].map((m) => m.shape[m.ndim - 2]);
  const across = (x: Tensor): Tensor => x.matmul(columns.swapaxes(-1, -2));
  const down = (x: Tensor): Tensor => rows.matmul(x);
  const rowsFirst = newHeight * width * (height + newWidth) < newWidth * height * (width + newHeight);
  return rowsFirst ? across(down(images)) : down(across(images));
}

/** Part of an axis, in pixels: `start` and `length` broadcast to [N, 1, 1, 1]. */
export interface Span {
  readonly start: number | Tensor;
  readonly length: number | Tensor;
}

/** `alone`: as if nothing were around the span; `inPlace`: the filter also reads what is around it. */
export type Surroundings = "alone" | "inPlace";

/**
 * The matrix [to, from] that resizes a span of an axis of length `from`: row i holds a triangle about the place that
 * output i looks at, normalised, as wide as the step between outputs if `antialias` and that is more than a pixel
 * (PIL's and torch's bilinear filter).
 */
export function resizeMatrix(
  from: number,
  to: number,
  span: Span,
  options: { readonly antialias: boolean; readonly surroundings?: Surroundings; readonly like: Tensor },
): Tensor {
  const { antialias, surroundings = "alone", like } = options;
  const step = over(span.length, to);
  const output = positions(to, like).add(0.5).reshape([to, 1]);
  const pixel = positions(from, like).add(0.5);
  const centre = output.mul(step).add(span.start);
  const reach = antialias ? atLeastOne(step) : 1;
  const weights = pixel.sub(centre).abs().div(reach).neg().add(1).relu();
  const kept = surroundings === "alone" ? weights.mul(within(pixel, span).astype(weights.dtype)) : weights;
  return kept.div(kept.sum(-1, { keepdims: true }));
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

/**
 * The matrix [length, length] of a Gaussian of `sigma` pixels ([] or [N, 1, 1, 1]) over `size` taps, with the axis
 * mirrored about its first and last pixel (torch's "reflect" padding).
 */
export function blurMatrix(length: number, size: number, sigma: Tensor): Tensor {
  const radius = (size - 1) / 2;
  const to = positions(length, sigma).reshape([length, 1]);
  const from = positions(length, sigma);
  const gaussian = (distance: Tensor): Tensor => distance.div(sigma).square().mul(-0.5).exp();
  const tap = (distance: Tensor, where: Tensor): Tensor =>
    gaussian(distance).mul(distance.abs().lessEqual(radius).logicalAnd(where).astype(sigma.dtype));
  const direct = tap(from.sub(to), from.greaterEqual(0));
  const beforeFirst = tap(from.add(to), from.greater(0));
  const afterLast = tap(from.add(to).sub(2 * (length - 1)), from.less(length - 1));
  const total = gaussian(positions(size, sigma).sub(radius)).sum(-1, { keepdims: true });
  return direct.add(beforeFirst).add(afterLast).div(total);
}
