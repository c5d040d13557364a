import { div, random, tensor, where as choose, type Tensor } from "../tensor";
import { checkOptions, describe, refuse } from "../util/errors";
import { roundHalfEven } from "../util/rounding";
import type { Shape } from "../util/shapes";
import { boxesWithin, edgesOf, ofBoxes } from "./boxes";
import {
  below,
  between,
  checkRange,
  drawnFrom,
  firstValid,
  largestPart,
  logBetween,
  nearestIn,
  nothingDrawn,
  type Draws,
  type Range,
} from "./draws";
import { centred } from "./erasing";
import { centerCrop as cropCentre, centreCorner } from "./functional/crop";
import { checkSize, type Size } from "./functional/images";
import {
  nearestInWindow,
  resize as resizeImages,
  resizeWindow,
  targetSize,
  type ResizeOptions,
  type CropWindow,
} from "./functional/resize";
import type { Surroundings } from "./functional/resample";
import { batchShape, frameOf, type Params, type Transform } from "./transform";

export interface RandomResizedCropOptions extends ResizeOptions {
  /** The window's part of the image's area; [0.08, 1] unless given. */
  readonly scale?: Range;
  /** Its width by its height, drawn uniformly in the logarithm; [3/4, 4/3] unless given. */
  readonly ratio?: Range;
}

type WindowTensors = Readonly<Record<keyof CropWindow, Tensor>>;
export type WindowParams = Params & WindowTensors;

const tries = 10;

/**
 * A window of random area and proportions, resized to `size` (Inception's augmentation, Szegedy et al. 2014;
 * torchvision's RandomResizedCrop). Parameters: `top`, `left`, `height`, `width`, int32, in pixels of the original.
 */
export function randomResizedCrop(
  size: Size,
  options: RandomResizedCropOptions = {},
): Transform<WindowParams> {
  const name = "randomResizedCrop";
  checkOptions(name, options, ["scale", "ratio", "antialias"]);
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], ...rest } = options;
  const ranges = {
    scale: checkRange(name, "scale", scale, Number.MIN_VALUE),
    ratio: checkRange(name, "ratio", ratio, Number.MIN_VALUE),
  };
  return {
    ...windowedBy<WindowParams>(name, checkSize(name, size), rest, "alone", (params) => params),
    sample: (key, shape) => sampleWindow(name, key, shape, ranges),
    draws: (shape) => windowDraws(frameOf(shape), ranges),
  };
}

interface WindowRanges {
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
}

function sampleWindow(name: string, key: Tensor, shape: Shape, ranges: WindowRanges): WindowParams {
  const batch = batchShape(name, shape);
  const [h, w] = frameOf(shape);
  const keys = random.split(key, 4);
  const area = between(keys[0], [tries, ...batch], ranges.scale).mul(h * w);
  const ratio = logBetween(keys[1], [tries, ...batch], ranges.ratio);
  const { height, width } = windowSize(area, ratio);
  const fits = width.greater(0).logicalAnd(width.lessEqual(w));
  const valid = fits.logicalAnd(height.greater(0)).logicalAnd(height.lessEqual(h));
  const chosen = firstValid(valid, { height, width }, centralWindow([h, w], ranges.ratio));
  const found = valid.any(0);
  const offset = (k: Tensor, room: Tensor): Tensor =>
    choose(found, below(k, room.add(1)), room.div(2).floor().astype("int32"));
  return {
    top: offset(keys[2], chosen.height.neg().add(h)),
    left: offset(keys[3], chosen.width.neg().add(w)),
    height: chosen.height.astype("int32"),
    width: chosen.width.astype("int32"),
  };
}

/** In pixels, of an area in pixels and `ratio` times as wide as high. */
function windowSize(area: Tensor, ratio: Tensor): Record<"height" | "width", Tensor> {
  return { height: area.div(ratio).sqrt().round(), width: area.mul(ratio).sqrt().round() };
}

/** Central windows. Only what fits into the frame is ever drawn, so only that is in the ranges. */
function windowDraws([h, w]: readonly [number, number], ranges: WindowRanges): Draws<WindowParams> {
  const [least, most] = ranges.scale;
  const fitting = (ratio: number): number => largestPart(1 / ratio, [h, w]);
  const ratio = [
    Math.max(ranges.ratio[0], (least * w) / h),
    Math.min(ranges.ratio[1], w / (least * h)),
  ] as const;
  const greatest = Math.min(most, fitting(nearestIn(ratio, w / h)));
  if (ratio[0] > ratio[1] || least > greatest) {
    const { height, width } = centralWindow([h, w], ranges.ratio);
    return { numbers: {}, params: () => centred([h, w], tensor(height), tensor(width)) };
  }
  return {
    numbers: {
      area: drawnFrom([least, greatest], greatest),
      ratio: drawnFrom(ratio, w / h, { spacing: "log" }),
    },
    params(values) {
      const area = Math.min(values["area"], fitting(values["ratio"]));
      const { height, width } = windowSize(tensor(area * h * w), tensor(values["ratio"]));
      return centred([h, w], height, width);
    },
  };
}

/** What torchvision takes when no try fits: the largest central window whose proportions are allowed. */
function centralWindow(
  [h, w]: readonly [number, number],
  [narrowest, widest]: readonly [number, number],
): Record<"height" | "width", number> {
  if (w / h < narrowest) return { width: w, height: roundHalfEven(w / narrowest) };
  if (w / h > widest) return { width: roundHalfEven(h * widest), height: h };
  return { width: w, height: h };
}

export interface ScaleJitterOptions extends ResizeOptions {
  /** The shorter side's length L, drawn from [from, to], both included; [256, 480] unless given. */
  readonly range?: Range;
}

export type JitterParams = Params & Readonly<Record<"side" | "top" | "left", Tensor>>;

/**
 * Images resized so that their shorter side is a random L, then a random window of `size` (VGG, Simonyan & Zisserman
 * 2014; ResNet, He et al. 2015). The window is computed at once: nothing beyond it is resized. Parameters: `side` (L),
 * `top`, `left`, int32, in pixels of the resized image.
 */
export function randomScaleJitter(size: Size, options: ScaleJitterOptions = {}): Transform<JitterParams> {
  const name = "randomScaleJitter";
  checkOptions(name, options, ["range", "antialias"]);
  const { range = [256, 480], ...rest } = options;
  const [from, to] = checkRange(name, "range", range, 1);
  const crop = checkSize(name, size);
  if (![from, to].every(Number.isInteger)) refuse(name, `range must be whole pixels, got ${describe(range)}`);
  const windowOf = ({ side, top, left }: JitterParams, shape: Shape): WindowTensors => {
    const [h, w] = frameOf(shape);
    const [stepY, stepX] = resizedSides(side, [h, w]).map((length, i) => div([h, w][i], length));
    return {
      top: top.mul(stepY),
      left: left.mul(stepX),
      height: stepY.mul(crop[0]),
      width: stepX.mul(crop[1]),
    };
  };
  const base = windowedBy(name, crop, rest, "inPlace", windowOf);
  return {
    ...base,
    sample(key, shape) {
      const frame = frameOf(shape);
      const smallest = targetSize(name, from, frame);
      if (smallest[0] < crop[0] || smallest[1] < crop[1]) {
        refuse(name, `a crop of ${crop[0]} × ${crop[1]} does not fit into a shorter side of ${from}`);
      }
      const keys = random.split(key, 3);
      const side = random.randint(keys[0], batchShape(name, shape), { minval: from, maxval: to + 1 });
      const [height, width] = resizedSides(side, frame);
      return {
        side,
        top: below(keys[1], height.sub(crop[0] - 1)),
        left: below(keys[2], width.sub(crop[1] - 1)),
      };
    },
    draws(shape) {
      const frame = frameOf(shape);
      return {
        numbers: { side: drawnFrom([from, to], Math.min(...frame), { unit: " px", spacing: "whole" }) },
        params(values) {
          const corner = centreCorner(targetSize(name, values["side"], frame), crop);
          const [top, left] = corner.map((offset) => tensor(offset));
          return { side: tensor(values["side"]), top, left };
        },
      };
    },
  };
}

/** Height and width as `resize` gives them for a shorter side that differs from image to image. */
function resizedSides(side: Tensor, [h, w]: readonly [number, number]): [Tensor, Tensor] {
  const short = Math.min(h, w);
  // Half a unit more keeps the quotient of whole numbers on the right side of the floor, however it is rounded.
  const along = (length: number): Tensor => side.mul(length).add(0.5).div(short).floor();
  return [along(h), along(w)];
}

function windowedBy<P extends Params>(
  name: string,
  size: readonly [number, number],
  options: ResizeOptions,
  surroundings: Surroundings,
  windowOf: (params: P, shape: Shape) => WindowTensors,
): Omit<Transform<P>, "sample"> {
  return {
    name,
    apply: (params, x) =>
      resizeWindow(name, x, windowOf(params, x.shape), size, { ...options, surroundings }),
    masks: (params, x) => nearestInWindow(x, windowOf(params, x.shape), size),
    boxes(params, boxes, shape) {
      const { top, left, height, width } = windowOf(params, shape);
      const edges = edgesOf(name, boxes);
      const down = (y: Tensor): Tensor => y.sub(ofBoxes(top)).mul(size[0]).div(ofBoxes(height));
      const across = (x: Tensor): Tensor => x.sub(ofBoxes(left)).mul(size[1]).div(ofBoxes(width));
      return boxesWithin(size, {
        left: across(edges.left),
        top: down(edges.top),
        right: across(edges.right),
        bottom: down(edges.bottom),
      });
    },
  };
}

/** Images resized as by `functional.resize`; nothing is drawn. */
export function resize(size: Size, options: ResizeOptions = {}): Transform {
  checkOptions("resize", options, ["antialias"]);
  const target = (shape: Shape): [number, number] => targetSize("resize", size, frameOf(shape));
  return {
    name: "resize",
    sample: () => ({}),
    draws: nothingDrawn,
    apply: (_, images) => resizeImages(images, size, options),
    masks(_, masks) {
      const [height, width] = frameOf(masks.shape);
      return nearestInWindow(masks, { top: 0, left: 0, height, width }, target(masks.shape));
    },
    boxes(_, boxes, shape) {
      const [down, across] = frameOf(shape).map((length, i) => target(shape)[i] / length);
      return boxes.mul([across, down, across, down]);
    },
  };
}

/** The middle `size` of images, as by `functional.centerCrop`; nothing is drawn. */
export function centerCrop(size: Size): Transform {
  const target = checkSize("centerCrop", size);
  return {
    name: "centerCrop",
    sample: () => ({}),
    draws: nothingDrawn,
    apply: (_, images) => cropCentre(images, size),
    masks: (_, masks) => cropCentre(masks, size),
    boxes(_, boxes, shape) {
      const [top, left] = centreCorner(frameOf(shape), target);
      return boxesWithin(target, edgesOf("centerCrop", boxes.sub([left, top, left, top])));
    },
  };
}
