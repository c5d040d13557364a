/** Reading images of [N, C, H, W] at places that differ from image to image. */
import type { Tensor } from "../../tensor";
import { positions } from "./images";

/**
 * The pixels at int32 `rows` and `columns`, which broadcast to [N, 1, H′, W′] and must lie inside: [N, C, H′, W′].
 * One gather over the flattened images, so that the places are found inside of its kernel.
 */
export function pixelsAt(images: Tensor, rows: Tensor, columns: Tensor): Tensor {
  const [n, channels, height, width] = images.shape;
  const planes = positions(n * channels, images)
    .mul(height * width)
    .reshape([n, channels, 1, 1]);
  const within = rows.mul(width).add(columns);
  return images.reshape([images.size]).take(planes.add(within), 0);
}

/** How a value between pixels is found. */
export type Interpolation = "bilinear" | "nearest";

/**
 * The values at float coordinates `x` (column) and `y` (row), in pixels from the centre of the first; outside is 0
 * (torch's `grid_sample` with zero padding).
 */
export function sampleAt(images: Tensor, x: Tensor, y: Tensor, interpolation: Interpolation): Tensor {
  if (interpolation === "nearest") return pixelOrZero(images, x.round(), y.round());
  const [left, top] = [x.floor(), y.floor()];
  const [right, bottom] = [left.add(1), top.add(1)];
  const [fx, fy] = [x.sub(left), y.sub(top)];
  const [gx, gy] = [fx.neg().add(1), fy.neg().add(1)];
  return pixelOrZero(images, left, top)
    .mul(gx.mul(gy))
    .add(pixelOrZero(images, right, top).mul(fx.mul(gy)))
    .add(pixelOrZero(images, left, bottom).mul(gx.mul(fy)))
    .add(pixelOrZero(images, right, bottom).mul(fx.mul(fy)));
}

function pixelOrZero(images: Tensor, column: Tensor, row: Tensor): Tensor {
  const [height, width] = images.shape.slice(2);
  const inside = column
    .greaterEqual(0)
    .logicalAnd(column.less(width))
    .logicalAnd(row.greaterEqual(0))
    .logicalAnd(row.less(height));
  const rows = row.clip(0, height - 1).astype("int32");
  const columns = column.clip(0, width - 1).astype("int32");
  return pixelsAt(images, rows, columns).mul(inside.astype(images.dtype));
}
