/** Reading images of [N, C, H, W] at places that differ from image to image. */
import { zerosLike, type Tensor } from "../../tensor";
import { customVjp, vjp } from "../../transform";
import { isFloat } from "../../util/dtypes";
import { positions } from "./images";
import { separable } from "./products";

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

/**
 * `pixelsAt` that is differentiable in large images: rows [N, 1, H′, 1] and columns [N, 1, 1, W′] select backwards by
 * products with one-hot matrices, where the transpose of a gather compares every pixel with every place.
 */
export function windowsAt(images: Tensor, rows: Tensor, columns: Tensor): Tensor {
  if (!isFloat(images.dtype)) return pixelsAt(images, rows, columns);
  const read = (x: Tensor): Tensor => pixelsAt(x, rows, columns);
  const rule = customVjp(
    read,
    (x: Tensor) => [read(x), [rows, columns]] as const,
    ([r, c], cotangent) => {
      const [height, width] = images.shape.slice(2);
      const select = (x: Tensor): Tensor =>
        separable(x, oneHotOf(r, height, x), oneHotOf(c.swapaxes(-1, -2), width, x));
      return vjp(select, zerosLike(images))[1](cotangent);
    },
  );
  return rule(images);
}

function oneHotOf(places: Tensor, length: number, like: Tensor): Tensor {
  return places.equal(positions(length, like)).astype(like.dtype);
}

/** How a value between pixels is found. */
export type Interpolation = "bilinear" | "nearest";

/**
 * The values at float coordinates `x` (column) and `y` (row), in pixels from the centre of the first, which broadcast to
 * [N, 1, H′, W′]; outside is 0 (torch's `grid_sample` with zero padding).
 */
export function sampleAt(images: Tensor, x: Tensor, y: Tensor, interpolation: Interpolation): Tensor {
  const read = (planes: Tensor, ...at: readonly [Tensor, Tensor]): Tensor =>
    interpolation === "nearest"
      ? pixelOrZero(planes, at[0].round(), at[1].round())
      : bilinearAt(planes, ...at);
  if (!isFloat(images.dtype)) return read(images, x, y);
  const rule = customVjp(
    read,
    (...inputs: readonly [Tensor, Tensor, Tensor]) => [read(...inputs), inputs] as const,
    ([planes, u, v], cotangent) => {
      const inPlanes = vjp((p: Tensor) => sampleByProducts(p, u, v, interpolation), planes)[1](cotangent);
      const inPlaces = vjp((...at: readonly [Tensor, Tensor]) => read(planes, ...at), u, v)[1](cotangent);
      return [inPlanes, inPlaces].flat() as never;
    },
  );
  return rule(images, x, y);
}

/** The same as sums over all rows and columns, whose transpose is a product too. */
function sampleByProducts(images: Tensor, x: Tensor, y: Tensor, interpolation: Interpolation): Tensor {
  const [n, channels, height, width] = images.shape;
  const frame = x.add(y).shape;
  const [newHeight, newWidth] = frame.slice(-2);
  const weights = (places: Tensor, length: number): Tensor => {
    const flat = places.broadcastTo([n, 1, newHeight, newWidth]).reshape([n, 1, newHeight * newWidth, 1]);
    const apart = positions(length, images);
    if (interpolation === "nearest") return flat.round().equal(apart).astype(images.dtype);
    return flat.sub(apart).abs().neg().add(1).relu();
  };
  const rows = weights(y, height).matmul(images);
  return rows.mul(weights(x, width)).sum(-1).reshape([n, channels, newHeight, newWidth]);
}

function bilinearAt(images: Tensor, x: Tensor, y: Tensor): Tensor {
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
