/** Prediction from many crops of an image. */
import { stack, Tensor, type TensorLike } from "../tensor";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import { crop, hflip, tenCrop } from "./functional/crop";
import { asImages, checkLength, sizeOfImages } from "./functional/images";
import { resize } from "./functional/resize";
import { isListOf } from "../util/checks";

export interface MultiScaleOptions {
  /** Lengths of the shorter side; {224, 256, 384, 480, 640} unless given. */
  readonly scales?: readonly number[];
  /** The crops' side; 224 unless given. */
  readonly size?: number;
}

/**
 * Images […, C, H, W] resized to each scale and ten-cropped there (He et al. 2015): for five scales 50 crops of
 * […, C, size, size], in the order of `functional.tenCrop` within each scale.
 */
export function multiScaleCrops(image: TensorLike, options: MultiScaleOptions = {}): Tensor[] {
  checkOptions("multiScaleCrops", options, ["scales", "size"]);
  const { scales = [224, 256, 384, 480, 640], size = 224 } = options;
  const images = asImages("multiScaleCrops", image);
  checkLength("multiScaleCrops", "size", size);
  checkScales("multiScaleCrops", scales, size);
  return scales.flatMap((scale) => tenCrop(resize(images, scale), size));
}

function checkScales(where: string, scales: readonly number[], size: number): void {
  const isScale = (scale: unknown): boolean => Number.isInteger(scale) && (scale as number) >= size;
  if (!isListOf(scales, isScale) || scales.length === 0) {
    refuse(
      where,
      `scales must be whole numbers of at least the crops' size ${size}, got ${describe(scales)}`,
    );
  }
}

/**
 * The 144 crops of Szegedy et al. 2014: at four scales the three squares along the longer side; of each the corners
 * and the centre, and the square itself resized; and all of it mirrored.
 */
export function inceptionCrops(image: TensorLike, options: MultiScaleOptions = {}): Tensor[] {
  checkOptions("inceptionCrops", options, ["scales", "size"]);
  const { scales = [256, 288, 320, 352], size = 224 } = options;
  const images = asImages("inceptionCrops", image);
  checkScales("inceptionCrops", scales, size);
  return scales.flatMap((scale) =>
    squaresOf(resize(images, scale)).flatMap((square) => {
      const [five, whole] = [tenCrop(square, size), resize(square, size)];
      return [...five.slice(0, 5), whole, ...five.slice(5), hflip(whole)];
    }),
  );
}

/** The squares at the start, the middle and the end of the longer side. */
function squaresOf(images: Tensor): Tensor[] {
  const [height, width] = sizeOfImages(images);
  const [side, room] = [Math.min(height, width), Math.abs(height - width)];
  const offsets = [0, Math.floor(room / 2), room];
  return offsets.map((offset) =>
    height > width ? crop(images, offset, 0, side, side) : crop(images, 0, offset, side, side),
  );
}

/** Logits [N, K] of images [N, C, H, W]. */
export type Classifier = (images: Tensor) => Tensor;

export interface TtaOptions {
  /** The crops, or what makes them; `multiScaleCrops` unless given. */
  readonly crops?: readonly Tensor[] | ((image: Tensor) => readonly Tensor[]);
}

const cropsAtOnce = 10;

/**
 * The class probabilities of an image [C, H, W], averaged over its crops: [K]; of a batch [N, C, H, W], [N, K].
 * `model` gives logits.
 */
export function predictTta(model: Classifier, image: TensorLike, options: TtaOptions = {}): Tensor {
  return cropProbabilities(model, image, options).mean(0);
}

/** The class probabilities of each crop: [crops, K], of a batch [crops, N, K]. */
export function cropProbabilities(model: Classifier, image: TensorLike, options: TtaOptions = {}): Tensor {
  const where = "predictTta";
  checkOptions(where, options, ["crops"]);
  if (typeof model !== "function")
    refuse(where, `model must be a function of images, got ${describe(model)}`);
  const images = asImages(where, image);
  if (images.ndim > 4)
    refuse(where, `image must be [C, H, W] or [N, C, H, W], got ${formatShape(images.shape)}`);
  const { crops: given = multiScaleCrops } = options;
  const crops = typeof given === "function" ? given(images) : given;
  checkCrops(where, crops);
  const count = images.ndim === 3 ? [] : [images.shape[0]];
  const parts = [];
  for (let first = 0; first < crops.length; first += cropsAtOnce) {
    const some = crops.slice(first, first + cropsAtOnce);
    const logits = model(stack(some).reshape([-1, ...some[0].shape.slice(-3)]));
    checkLogits(where, logits, some.length * (count[0] ?? 1));
    parts.push(
      ...logits
        .softmax(-1)
        .reshape([some.length, ...count, -1])
        .split(some.length, 0),
    );
  }
  return stack(parts.map((part) => part.squeeze(0)));
}

function checkCrops(where: string, crops: readonly Tensor[]): void {
  if (!Array.isArray(crops) || crops.length === 0) {
    refuse(where, `crops must be an array of at least one tensor, got ${describe(crops)}`);
  }
  const [first] = crops as readonly Tensor[];
  const other = (crops as readonly unknown[]).find(
    (c) => !(c instanceof Tensor && sameShape(c.shape, first.shape)),
  );
  if (other !== undefined) refuse(where, "crops must be tensors of one shape");
}

function checkLogits(where: string, logits: unknown, count: number): asserts logits is Tensor {
  if (logits instanceof Tensor && logits.ndim === 2 && logits.shape[0] === count) return;
  const got = logits instanceof Tensor ? formatShape(logits.shape) : describe(logits);
  refuse(where, `model must give logits [${count}, K] of ${count} images, got ${got}`);
}
