/** Tones: maps of each value by a curve, and sharpness. Values are in [0, 1]. */
import { where as choose, type Tensor, type TensorLike } from "../../tensor";
import {
  asColour,
  flattened,
  perImage,
  positions,
  sizeOfImages,
  unflattened,
  type Parameter,
} from "./images";
import { pixelsAt } from "./sample";

/** The nearest byte of each value, as a float. */
function bytes(x: Tensor): Tensor {
  return x.clip(0, 1).mul(255).round();
}

/** Only the upper `bits` of each byte (torchvision's `posterize`). */
export function posterize(x: TensorLike, bits: Parameter): Tensor {
  const images = asColour("posterize", x, bits);
  const step = perImage("posterize", "bits", bits, images).neg().add(8).mul(Math.LN2).exp().round();
  const levels = bytes(flattened(images)).add(0.5).div(step).floor().mul(step);
  return unflattened(levels.div(255), images);
}

/** Values of at least `threshold` inverted. */
export function solarize(x: TensorLike, threshold: Parameter): Tensor {
  const images = asColour("solarize", x, threshold);
  const flat = flattened(images);
  const bright = flat.greaterEqual(perImage("solarize", "threshold", threshold, images));
  return unflattened(choose(bright, flat.neg().add(1), flat), images);
}

/** Each channel stretched to [0, 1]; one of a single value stays. */
export function autocontrast(x: TensorLike): Tensor {
  const images = asColour("autocontrast", x);
  const [least, greatest] = [
    images.min([-2, -1], { keepdims: true }),
    images.max([-2, -1], { keepdims: true }),
  ];
  const isFlat = least.equal(greatest);
  const stretched = images.sub(least).div(choose(isFlat, 1, greatest.sub(least)));
  return choose(isFlat, images, stretched).clip(0, 1);
}

/** Each channel's bytes spread evenly over all bytes by their rank (PIL's and torchvision's `equalize`). */
export function equalize(x: TensorLike): Tensor {
  const images = asColour("equalize", x);
  const flat = flattened(images);
  const [n, channels, height, width] = flat.shape;
  const values = bytes(flat);
  const rows = values.reshape([n, channels, 1, height * width]);
  const below = rows
    .less(positions(256, images).reshape([256, 1]))
    .sum(-1)
    .reshape([n, channels, 1, 256]);
  const highest = rows
    .equal(rows.max(-1, { keepdims: true }))
    .sum(-1)
    .reshape([n, channels, 1, 1]);
  const step = highest
    .neg()
    .add(height * width)
    .div(255)
    .floor();
  // Half a unit keeps quotients of whole numbers on the right side of the floor, however they are rounded.
  const table = below.add(step.div(2).floor()).add(0.5).div(step.maximum(1)).floor().clip(0, 255).div(255);
  const mapped = pixelsAt(table, positions(1, images), values.astype("int32"));
  return unflattened(choose(step.equal(0), flat, mapped), images);
}

/** Away from (above 1) or towards (below 1) a smoothed image; the outermost pixels stay. */
export function adjustSharpness(x: TensorLike, factor: Parameter): Tensor {
  const images = asColour("adjustSharpness", x, factor);
  const amount = perImage("adjustSharpness", "factor", factor, images);
  const [height, width] = sizeOfImages(images);
  if (height <= 2 || width <= 2) return images;
  const flat = flattened(images);
  const around = shifted(flat).reduce((sum, neighbour) => sum.add(neighbour));
  const inner = flat.slice([0, 0, 1, 1], [flat.shape[0], flat.shape[1], height - 1, width - 1]);
  const smooth = around.add(inner.mul(4)).div(13);
  // What is added to the image is nothing at its border.
  const detail = smooth.sub(inner).pad([[0, 0], [0, 0], [1, 1], [1, 1]]); // prettier-ignore
  return unflattened(flat.add(detail.mul(amount.neg().add(1))).clip(0, 1), images);
}

/** The 3 × 3 neighbours of each inner pixel, itself among them. */
function shifted(flat: Tensor): Tensor[] {
  const [n, channels, height, width] = flat.shape;
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return flat.slice([0, 0, row, column], [n, channels, row + height - 2, column + width - 2]);
  });
}
