/** Linear maps along rows and columns, as two small matrix products. */
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
