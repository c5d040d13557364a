import type { Tensor, TensorLike } from "../../tensor";
import { checkOptions, describe, refuse } from "../../util/errors";
import {
  asImages,
  asPlanes,
  checkSize,
  flattened,
  perImage,
  positions,
  sizeOfImages,
  unflattened,
  type Parameter,
  type Size,
} from "./images";
import { blurMatrix, separable } from "./products";
import { resample, type Resizing, type Surroundings } from "./resample";
import { pixelsAt } from "./sample";

export interface ResizeOptions {
  /** Widen the filter where the image shrinks, so that nothing is skipped; true unless given. */
  readonly antialias?: boolean;
}

/**
 * Images […, C, H, W] in another size, bilinearly (torchvision's `resize`): `size` is [height, width], or the shorter
 * side, the longer then being ⌊size · long / short⌋. Differentiable.
 */
export function resize(x: TensorLike, size: Size, options: ResizeOptions = {}): Tensor {
  checkOptions("resize", options, ["antialias"]);
  const images = asImages("resize", x);
  const [height, width] = sizeOfImages(images);
  const [newHeight, newWidth] = targetSize("resize", size, [height, width]);
  if (newHeight === height && newWidth === width) return images;
  const flat = flattened(images);
  const { antialias = true } = options;
  const axis = (from: number, to: number): Resizing => ({
    from,
    to,
    span: { start: 0, length: from },
    antialias,
    surroundings: "alone",
  });
  return unflattened(resample(flat, axis(height, newHeight), axis(width, newWidth)), images);
}

/** The size that `resize` gives images of `from`. */
export function targetSize(where: string, size: Size, from: readonly [number, number]): [number, number] {
  if (typeof size !== "number") return checkSize(where, size);
  const [short] = checkSize(where, size);
  const [height, width] = from;
  if (height <= width) return [short, Math.floor((short * width) / height)];
  return [Math.floor((short * height) / width), short];
}

export interface CropWindow {
  /** In pixels, as are the others: numbers, or an entry an image. */
  readonly top: Parameter;
  readonly left: Parameter;
  readonly height: Parameter;
  readonly width: Parameter;
}

/**
 * A window of each image […, C, H, W], resized to `size` (torchvision's `resized_crop`). The windows may differ and lie
 * between pixels; what they have outside of the image does not count, and they must be no longer than it. Differentiable
 * in images and windows.
 */
export function resizedCrop(
  x: TensorLike,
  window: CropWindow,
  size: Size,
  options: ResizeOptions = {},
): Tensor {
  checkOptions("resizedCrop", options, ["antialias"]);
  return resizeWindow("resizedCrop", x, window, size, { ...options, surroundings: "alone" });
}

/** `resizedCrop`; with `surroundings: "inPlace"`, what a crop of the resized image shows. */
export function resizeWindow(
  where: string,
  x: TensorLike,
  window: CropWindow,
  size: Size,
  { antialias = true, surroundings }: ResizeOptions & { readonly surroundings: Surroundings },
): Tensor {
  checkOptions(where, window, ["top", "left", "height", "width"]);
  const images = asImages(where, x, window.top, window.left, window.height, window.width);
  const [height, width] = sizeOfImages(images);
  const [newHeight, newWidth] = checkSize(where, size);
  const part = (name: keyof CropWindow): Tensor => perImage(where, name, window[name], images);
  const flat = flattened(images);
  const settings = { antialias, surroundings };
  const down = {
    from: height,
    to: newHeight,
    span: { start: part("top"), length: part("height") },
    ...settings,
  };
  const across = {
    from: width,
    to: newWidth,
    span: { start: part("left"), length: part("width") },
    ...settings,
  };
  return unflattened(resample(flat, down, across), images);
}

/** The pixels nearest to what `resizedCrop` looks at, for masks: of any dtype, none mixed. */
export function nearestInWindow(x: TensorLike, window: CropWindow, size: Size): Tensor {
  const where = "resizedCrop";
  const images = asPlanes(where, x, window.top, window.left, window.height, window.width);
  const [newHeight, newWidth] = checkSize(where, size);
  const part = (name: keyof CropWindow): Tensor => perImage(where, name, window[name], images);
  const nearest = (output: Tensor, to: number, start: Tensor, length: Tensor, last: number): Tensor =>
    output.add(0.5).mul(length.div(to)).add(start).floor().clip(0, last).astype("int32");
  const [height, width] = sizeOfImages(images);
  const down = positions(newHeight, images).reshape([newHeight, 1]);
  const rows = nearest(down, newHeight, part("top"), part("height"), height - 1);
  const columns = nearest(positions(newWidth, images), newWidth, part("left"), part("width"), width - 1);
  return unflattened(pixelsAt(flattened(images), rows, columns), images);
}

export interface BlurOptions {
  /** The standard deviation in pixels; 0.3 ((kernelSize − 1) / 2 − 1) + 0.8 unless given. */
  readonly sigma?: Parameter;
}

/**
 * Images […, C, H, W] convolved with a Gaussian of `kernelSize` taps (odd; or [height, width]), their borders mirrored
 * (torchvision's `gaussian_blur`). Differentiable in the images and in sigma.
 */
export function gaussianBlur(x: TensorLike, kernelSize: Size, options: BlurOptions = {}): Tensor {
  checkOptions("gaussianBlur", options, ["sigma"]);
  const images = asImages("gaussianBlur", x, options.sigma);
  const lengths = sizeOfImages(images);
  const flat = flattened(images);
  const [rows, columns] = checkSize("gaussianBlur", kernelSize).map((taps, axis) => {
    checkTaps(taps, lengths[axis]);
    const { sigma = 0.3 * ((taps - 1) / 2 - 1) + 0.8 } = options;
    if (typeof sigma === "number" && !(sigma > 0)) {
      refuse("gaussianBlur", `sigma must be positive, got ${describe(sigma)}`);
    }
    return blurMatrix(lengths[axis], taps, perImage("gaussianBlur", "sigma", sigma, images));
  });
  return unflattened(separable(flat, rows, columns), images);
}

function checkTaps(taps: number, length: number): void {
  if (taps % 2 === 0) refuse("gaussianBlur", `kernelSize must be odd, got ${taps}`);
  if ((taps - 1) / 2 >= length) {
    refuse(
      "gaussianBlur",
      `kernelSize ${taps} reaches beyond the mirror image of a side of ${length} pixels`,
    );
  }
}
