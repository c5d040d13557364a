import { random, tensor, where as choose, type Tensor } from "../tensor";
import { checkWhole, isListOf } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { aroundMoved, boxesWithin, edgesOf, mapEdges, ofBoxes, type Edges } from "./boxes";
import {
  between,
  checkProbability,
  checkRange,
  checkSymmetric,
  drawnFrom,
  overPixels,
  plainDraws,
  type Drawn,
  type Range,
} from "./draws";
import { centreCorner, crop, hflip, vflip } from "./functional/crop";
import { asImages, checkSize, flattened, perImage, type Size } from "./functional/images";
import type { Interpolation } from "./functional/sample";
import { movePoints, warp, type Motion, type WarpOptions } from "./functional/warp";
import { batchShape, frameOf, type Params, type Transform } from "./transform";

export interface ChanceOptions {
  /** The probability of the change, for each image; 0.5 unless given. */
  readonly p?: number;
}

export type FlipParams = Params & { readonly flip: Tensor };

/** Mirrors images left to right with probability `p`. Parameters: `flip`, bool. */
export function randomHorizontalFlip(options: ChanceOptions = {}): Transform<FlipParams> {
  return flipping("randomHorizontalFlip", options, hflip, (edges, [, width]) => ({
    ...edges,
    left: edges.right.neg().add(width),
    right: edges.left.neg().add(width),
  }));
}

/** Mirrors images top to bottom with probability `p`. Parameters: `flip`, bool. */
export function randomVerticalFlip(options: ChanceOptions = {}): Transform<FlipParams> {
  return flipping("randomVerticalFlip", options, vflip, (edges, [height]) => ({
    ...edges,
    top: edges.bottom.neg().add(height),
    bottom: edges.top.neg().add(height),
  }));
}

function flipping(
  name: string,
  options: ChanceOptions,
  flip: (x: Tensor) => Tensor,
  flipEdges: (edges: Edges, frame: readonly [number, number]) => Edges,
): Transform<FlipParams> {
  checkOptions(name, options, ["p"]);
  const p = checkProbability(name, options.p ?? 0.5);
  const apply = (params: FlipParams, x: Tensor): Tensor => choose(overPixels(params.flip), flip(x), x);
  return {
    name,
    sample: (key, shape) => ({ flip: random.bernoulli(key, batchShape(name, shape), { p }) }),
    apply,
    masks: apply,
    draws: () => ({ numbers: {}, params: () => ({ flip: tensor(p === 1) }) }),
    boxes(params, boxes, shape) {
      const frame = frameOf(shape);
      const flipped = boxesWithin(frame, flipEdges(edgesOf(name, boxes), frame));
      return choose(overPixels(params.flip, 2), flipped, boxes);
    },
  };
}

export interface RandomCropOptions {
  /** Pixels added on every side beforehand; 0 unless given. */
  readonly padding?: number;
  /** Their value; 0 unless given. */
  readonly fill?: number;
}

export type CropParams = Params & { readonly top: Tensor; readonly left: Tensor };

/** A window of `size` pixels, anywhere in the image. Parameters: `top`, `left`, int32, from the padded corner. */
export function randomCrop(size: Size, options: RandomCropOptions = {}): Transform<CropParams> {
  const name = "randomCrop";
  checkOptions(name, options, ["padding", "fill"]);
  const { padding = 0, fill = 0 } = options;
  checkWhole(name, "padding", padding, 0);
  const [height, width] = checkSize(name, size);
  const padded = (x: Tensor, value: number): Tensor =>
    x.pad(
      x.shape.map((_, axis) => (axis < x.ndim - 2 ? [0, 0] : [padding, padding])),
      value,
    );
  return {
    name,
    sample(key, shape) {
      const batch = batchShape(name, shape);
      const [h, w] = frameOf(shape).map((n) => n + 2 * padding);
      if (height > h || width > w) {
        refuse(name, `a crop of ${height} × ${width} does not fit into ${h} × ${w} (padding included)`);
      }
      const [first, second] = random.split(key);
      const offset = (k: Tensor, room: number): Tensor => random.randint(k, batch, { maxval: room + 1 });
      return { top: offset(first, h - height), left: offset(second, w - width) };
    },
    apply: ({ top, left }, x) => crop(padded(x, fill), top, left, height, width),
    masks: ({ top, left }, x) => crop(padded(x, 0), top, left, height, width),
    draws(shape) {
      const [h, w] = frameOf(shape).map((n) => n + 2 * padding);
      const [top, left] = centreCorner([h, w], [height, width]);
      return { numbers: {}, params: () => ({ top: tensor(top), left: tensor(left) }) };
    },
    boxes({ top, left }, boxes) {
      const edges = edgesOf(name, boxes);
      const [dx, dy] = [left, top].map((offset) => ofBoxes(offset).sub(padding));
      return boxesWithin([height, width], {
        left: edges.left.sub(dx),
        top: edges.top.sub(dy),
        right: edges.right.sub(dx),
        bottom: edges.bottom.sub(dy),
      });
    },
  };
}

export type RotationParams = Params & { readonly angle: Tensor };

/** Turns images by up to `degrees` either way, or within [from, to], counter-clockwise. Parameters: `angle`. */
export function randomRotation(
  degrees: number | Range,
  options: WarpOptions = {},
): Transform<RotationParams> {
  const name = "randomRotation";
  checkOptions(name, options, ["interpolation", "fill"]);
  const range = checkSymmetric(name, "degrees", degrees);
  return warping(
    name,
    options,
    (key, shape) => ({ angle: between(key, batchShape(name, shape), range) }),
    ({ angle }, images) => ({ angle: perImage(name, "angle", angle, images).neg() }),
    () => ({ angle: drawnFrom(range, 0, { unit: "°" }) }),
  );
}

export interface RandomAffineOptions extends WarpOptions {
  /** Up to so many degrees either way, or within [from, to], clockwise; 0 unless given. */
  readonly degrees?: number | Range;
  /** `[x, y]`: up to these parts of width and height either way. */
  readonly translate?: Range;
  /** Within [from, to]. */
  readonly scale?: Range;
  /** Along x, up to so many degrees either way, or within [from, to]. */
  readonly shear?: number | Range;
}

export type AffineParams = Params & {
  readonly angle: Tensor;
  readonly translateX: Tensor;
  readonly translateY: Tensor;
  readonly scale: Tensor;
  readonly shear: Tensor;
};

/**
 * Turns, shears, scales and moves images (torchvision's RandomAffine). Parameters: `angle` and `shear` in degrees,
 * `translateX`, `translateY` in pixels, `scale`.
 */
export function randomAffine(options: RandomAffineOptions = {}): Transform<AffineParams> {
  const name = "randomAffine";
  checkOptions(name, options, ["degrees", "translate", "scale", "shear", "interpolation", "fill"]);
  const { degrees = 0, translate = [0, 0], scale = [1, 1], shear = 0, ...rest } = options;
  const [partX, partY] = checkParts(name, translate);
  const turning = {
    angle: drawnFrom(checkSymmetric(name, "degrees", degrees), 0, { unit: "°" }),
    scale: drawnFrom(checkRange(name, "scale", scale, Number.MIN_VALUE), 1),
    shear: drawnFrom(checkSymmetric(name, "shear", shear), 0, { unit: "°" }),
  };
  const drawn = (shape: readonly number[]): Record<keyof AffineParams & string, Drawn> => {
    const [height, width] = frameOf(shape);
    const pixels = { unit: " px", spacing: "whole" } as const;
    const moving = (reach: number): Drawn => drawnFrom([-reach, reach], 0, pixels);
    return { ...turning, translateX: moving(partX * width), translateY: moving(partY * height) };
  };
  return warping<AffineParams>(
    name,
    rest,
    (key, shape) => {
      const batch = batchShape(name, shape);
      const keys = random.split(key, 5);
      const { angle, translateX, translateY, scale, shear } = drawn(shape);
      return {
        angle: between(keys[0], batch, angle.range),
        translateX: between(keys[1], batch, translateX.range).round(),
        translateY: between(keys[2], batch, translateY.range).round(),
        scale: between(keys[3], batch, scale.range),
        shear: between(keys[4], batch, shear.range),
      };
    },
    ({ angle, translateX, translateY, scale, shear }, images) => {
      const of = (parameter: Tensor, what: string): Tensor => perImage(name, what, parameter, images);
      return {
        angle: of(angle, "angle"),
        translate: [of(translateX, "translateX"), of(translateY, "translateY")],
        scale: of(scale, "scale"),
        shear: [of(shear, "shear"), of(shear.mul(0), "shear")],
      };
    },
    drawn,
  );
}

function checkParts(where: string, translate: Range): Range {
  const isPart = (part: unknown): boolean => typeof part === "number" && part >= 0 && part <= 1;
  if (!isListOf(translate, isPart) || translate.length !== 2) {
    refuse(
      where,
      `translate must be [x, y], parts of width and height from 0 to 1, got ${describe(translate)}`,
    );
  }
  return translate;
}

/** A transform that is an affine map of the plane. */
export function warping<P extends Params>(
  name: string,
  options: WarpOptions,
  sample: (key: Tensor, shape: readonly number[]) => P,
  motionOf: (params: P, images: Tensor) => Motion,
  drawn?: (shape: readonly number[]) => Readonly<Record<string, Drawn>>,
): Transform<P> {
  const moved = (params: P, x: Tensor, how: WarpOptions): Tensor => warp(name, x, motionOf(params, x), how);
  const nearest: { interpolation: Interpolation } = { interpolation: "nearest" };
  return {
    name,
    sample,
    apply: (params, x) => moved(params, asImages(name, x), options),
    masks: (params, x) => moved(params, x, nearest),
    ...(drawn && { draws: (shape: readonly number[]) => plainDraws<P>(drawn(shape)) }),
    boxes(params, boxes, shape) {
      const planes = mapEdges(edgesOf(name, boxes), (edge) =>
        edge.reshape([...boxes.shape.slice(0, -2), 1, 1, boxes.shape[boxes.ndim - 2]]),
      );
      const motion = motionOf(params, planes.left);
      const moved = aroundMoved(mapEdges(planes, flattened), (x, y) =>
        movePoints(frameOf(shape), motion, x, y),
      );
      return boxesWithin(frameOf(shape), moved).reshape(boxes.shape);
    },
  };
}
