/** Parts of images, pixel for pixel. */
import type { Tensor, TensorLike } from "../../tensor";
import { describe, refuse } from "../../util/errors";
import { roundHalfEven } from "../../util/rounding";
import {
  asPlanes,
  checkLength,
  checkSize,
  flattened,
  perImage,
  positions,
  sizeOfImages,
  unflattened,
  type Parameter,
  type Size,
} from "./images";
import { windowsAt } from "./sample";

/** Images […, H, W] mirrored left to right. */
export function hflip(x: TensorLike): Tensor {
  return asPlanes("hflip", x).flip(-1);
}

/** Images […, H, W] mirrored top to bottom. */
export function vflip(x: TensorLike): Tensor {
  return asPlanes("vflip", x).flip(-2);
}

/**
 * The window of `height` × `width` pixels whose upper left corner is at (`top`, `left`): […, height, width]. With
 * numbers, what lies outside of the image is 0, as torchvision pads it. With tensors, an entry an image, each image has
 * a window of its own, and one that does not fit inside is moved to the nearest that does.
 */
export function crop(x: TensorLike, top: Parameter, left: Parameter, height: number, width: number): Tensor {
  const images = asPlanes("crop", x, top, left);
  checkLength("crop", "height", height);
  checkLength("crop", "width", width);
  if (typeof top === "number" && typeof left === "number") return cropAll(images, top, left, height, width);
  return cropEach(images, top, left, height, width);
}

function cropAll(images: Tensor, top: number, left: number, height: number, width: number): Tensor {
  for (const [name, value] of Object.entries({ top, left })) {
    if (!Number.isInteger(value)) refuse("crop", `${name} must be a whole number, got ${describe(value)}`);
  }
  const [h, w] = sizeOfImages(images);
  const outer = images.shape.slice(0, -2).map(() => [0, 0] as const);
  const margins = [marginsOf(top, height, h), marginsOf(left, width, w)];
  const padded = margins.flat().some((n) => n > 0) ? images.pad([...outer, ...margins]) : images;
  const start = [top + margins[0][0], left + margins[1][0]];
  return padded.slice(
    [...outer.map(() => 0), ...start],
    [...images.shape.slice(0, -2), start[0] + height, start[1] + width],
  );
}

/** How much of a window lies before and after an axis of `length`. */
function marginsOf(start: number, size: number, length: number): [number, number] {
  return [Math.max(0, -start), Math.max(0, start + size - length)];
}

function cropEach(images: Tensor, top: Parameter, left: Parameter, height: number, width: number): Tensor {
  const [h, w] = sizeOfImages(images);
  if (height > h || width > w) {
    refuse("crop", `windows of ${height} × ${width} do not fit into images of ${h} × ${w}`);
  }
  const corner = (name: string, value: Parameter, room: number): Tensor =>
    perImage("crop", name, value, images).astype("int32").clip(0, room);
  const rows = corner("top", top, h - height).add(positions(height, images).reshape([height, 1]));
  const columns = corner("left", left, w - width).add(positions(width, images));
  return unflattened(windowsAt(flattened(images), rows, columns), images);
}

/** The middle `size` of images […, H, W]; what reaches beyond them is 0. */
export function centerCrop(x: TensorLike, size: Size): Tensor {
  const images = asPlanes("centerCrop", x);
  const [height, width] = checkSize("centerCrop", size);
  const [top, left] = centreCorner(sizeOfImages(images), [height, width]);
  return cropAll(images, top, left, height, width);
}

/** [top, left] of a central window, as torchvision places it. */
export function centreCorner(
  frame: readonly [number, number],
  window: readonly [number, number],
): [number, number] {
  return [centreStart(frame[0], window[0]), centreStart(frame[1], window[1])];
}

/** What is cut off is halved by Python's `round`, what is added by its `//`: the odd pixel comes last. */
function centreStart(length: number, size: number): number {
  return size > length ? -Math.floor((size - length) / 2) : roundHalfEven((length - size) / 2);
}

/** Crops of `size`: top left, top right, bottom left, bottom right, centre. */
export function fiveCrop(x: TensorLike, size: Size): Tensor[] {
  const images = asPlanes("fiveCrop", x);
  const [height, width] = checkSize("fiveCrop", size);
  const [h, w] = sizeOfImages(images);
  if (height > h || width > w) {
    refuse("fiveCrop", `crops of ${height} × ${width} do not fit into images of ${h} × ${w}`);
  }
  const corners = [
    [0, 0],
    [0, w - width],
    [h - height, 0],
    [h - height, w - width],
  ];
  return [
    ...corners.map(([top, left]) => cropAll(images, top, left, height, width)),
    centerCrop(images, [height, width]),
  ];
}

/** `fiveCrop` of the images, then of their mirror images. */
export function tenCrop(x: TensorLike, size: Size): Tensor[] {
  const images = asPlanes("tenCrop", x);
  return [...fiveCrop(images, size), ...fiveCrop(hflip(images), size)];
}
