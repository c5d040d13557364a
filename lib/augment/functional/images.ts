/** What the functions here share: which tensors are images, and how parameters apply to each of a batch. */
import { arange, withDevice, type Tensor, type TensorLike } from "../../tensor";
import { asTensor, deviceOf } from "../../tensor/lift";
import { isFloat } from "../../util/dtypes";
import { describe, refuse } from "../../util/errors";
import { broadcastShapes, formatShape, sameShape, sizeOf, type Shape } from "../../util/shapes";

/** A number for all images, or a tensor with the images' leading axes, a number an image. */
export type Parameter = TensorLike;

/** A side in pixels, or [height, width]. */
export type Size = number | readonly [number, number] | readonly number[];

/** `x` with at least a height and a width; an array goes to the device of the tensors among `beside`. */
export function asPlanes(where: string, x: TensorLike, ...beside: readonly unknown[]): Tensor {
  const images = asTensor(where, "images", x, deviceOf([x, ...beside]));
  if (images.ndim < 2) {
    refuse(where, `images must have shape […, H, W], got ${formatShape(images.shape)}`);
  }
  return images;
}

/** Float images with channels: […, C, H, W]. */
export function asImages(where: string, x: TensorLike, ...beside: readonly unknown[]): Tensor {
  const images = asTensor(where, "images", x, deviceOf([x, ...beside]));
  if (images.ndim < 3) {
    refuse(where, `images must have shape […, C, H, W], got ${formatShape(images.shape)}`);
  }
  if (!isFloat(images.dtype)) {
    refuse(where, `images must be floats in [0, 1], got ${images.dtype}; divide bytes by 255`);
  }
  return images;
}

/** Float images of one or three channels. */
export function asColour(where: string, x: TensorLike, ...beside: readonly unknown[]): Tensor {
  const images = asImages(where, x, ...beside);
  const channels = images.shape[images.ndim - 3];
  if (channels !== 1 && channels !== 3) {
    refuse(where, `images must have 1 or 3 channels, got ${channels} in shape ${formatShape(images.shape)}`);
  }
  return images;
}

/** Height and width. */
export function sizeOfImages(images: Tensor): readonly [number, number] {
  return [images.shape[images.ndim - 2], images.shape[images.ndim - 1]];
}

/** The axes before channel, height and width; none of a tensor that has fewer axes. */
export function batchOf(images: Tensor): Shape {
  return images.shape.slice(0, -3);
}

/** `images` as [N, C, H, W], whatever they have in front. */
export function flattened(images: Tensor): Tensor {
  const [height, width] = sizeOfImages(images);
  const channels = images.ndim > 2 ? images.shape[images.ndim - 3] : 1;
  return images.reshape([sizeOf(batchOf(images)), channels, height, width]);
}

/** The inverse of `flattened`, for planes that may have another size. */
export function unflattened(flat: Tensor, like: Tensor): Tensor {
  return flat.reshape([...like.shape.slice(0, -2), ...flat.shape.slice(2)]);
}

/**
 * A parameter as a tensor that broadcasts against images of [N, C, H, W]: [] or [N, 1, 1, 1]. Refuses a tensor that
 * has neither one number nor one an image, and numbers that are not finite.
 */
export function perImage(where: string, name: string, value: Parameter, images: Tensor): Tensor {
  if (typeof value === "number" && !Number.isFinite(value)) {
    refuse(where, `${name} must be finite, got ${describe(value)}`);
  }
  const given = asTensor(where, name, value, images.device);
  if (given.size === 1) return given.reshape([]);
  const batch = batchOf(images);
  const common = broadcastShapes(given.shape, batch);
  if (common === undefined || !sameShape(common, batch)) {
    refuse(
      where,
      `${name} must be a number or have the batch's shape ${formatShape(batch)}, got ${formatShape(given.shape)}`,
    );
  }
  return given.broadcastTo(batch).reshape([sizeOf(batch), 1, 1, 1]);
}

/** Two numbers for all images, or a tensor of […batch, 2]: each as `perImage`. */
export function pairPerImage(
  where: string,
  name: string,
  value: TensorLike,
  images: Tensor,
): [Tensor, Tensor] {
  const given = asTensor(where, name, value, images.device);
  if (given.ndim === 0 || given.shape[given.ndim - 1] !== 2) {
    refuse(where, `${name} must be a pair [x, y] or have a last axis of 2, got ${formatShape(given.shape)}`);
  }
  const part = (i: number): Tensor => perImage(where, `${name}[${i}]`, given.take(i, -1), images);
  return [part(0), part(1)];
}

/** 0, 1, 2, … on the device of `like`. */
export function positions(count: number, like: Tensor): Tensor {
  return withDevice(like.device, () => arange(count));
}

export function checkLength(where: string, name: string, value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 1) {
    refuse(where, `${name} must be a whole number of pixels, at least 1, got ${describe(value)}`);
  }
  return value as number;
}

/** [height, width] of `size`, one number standing for a square. */
export function checkSize(where: string, size: Size): [number, number] {
  if (typeof size === "number") {
    const side = checkLength(where, "size", size);
    return [side, side];
  }
  if (!Array.isArray(size) || size.length !== 2) {
    refuse(where, `size must be a number or [height, width], got ${describe(size)}`);
  }
  return [checkLength(where, "height", size[0]), checkLength(where, "width", size[1])];
}
