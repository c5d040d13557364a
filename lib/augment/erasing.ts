import { random, tensor, withDevice, arange, where as choose, type Tensor } from "../tensor";
import { checkOptions, describe, refuse } from "../util/errors";
import {
  below,
  between,
  checkProbability,
  checkRange,
  firstValid,
  largestPart,
  logBetween,
  nearestIn,
  overPixels,
  type Draws,
  type Range,
} from "./draws";
import { checkLength } from "./functional/images";
import { batchShape, frameOf, type Params, type Transform } from "./transform";

/** A rectangle in pixels, an entry an image; of no height where nothing is erased. */
export type ErasingParams = Params & Readonly<Record<"top" | "left" | "height" | "width", Tensor>>;

export interface RandomErasingOptions {
  /** The probability, for each image; 0.5 unless given. */
  readonly p?: number;
  /** The rectangle's part of the area; [0.02, 0.33] unless given. */
  readonly scale?: Range;
  /** Its height by its width; [0.3, 3.3] unless given. */
  readonly ratio?: Range;
  /** What takes its place; 0 unless given. */
  readonly value?: number;
}

const tries = 10;

/** A random rectangle erased (Zhong et al. 2017; torchvision's RandomErasing). Parameters: the rectangle, int32. */
export function randomErasing(options: RandomErasingOptions = {}): Transform<ErasingParams> {
  const name = "randomErasing";
  checkOptions(name, options, ["p", "scale", "ratio", "value"]);
  const { value = 0 } = options;
  const p = checkProbability(name, options.p ?? 0.5);
  const scale = checkRange(name, "scale", options.scale ?? [0.02, 0.33], Number.MIN_VALUE);
  const ratio = checkRange(name, "ratio", options.ratio ?? [0.3, 3.3], Number.MIN_VALUE);
  return {
    name,
    sample(key, shape) {
      const batch = batchShape(name, shape);
      const [h, w] = frameOf(shape);
      const keys = random.split(key, 5);
      const area = between(keys[0], [tries, ...batch], scale).mul(h * w);
      const proportion = logBetween(keys[1], [tries, ...batch], ratio);
      const { height, width } = rectangleSize(area, proportion);
      const valid = height.less(h).logicalAnd(width.less(w));
      const chosen = firstValid(valid, { height, width }, { height: 0, width: 0 });
      const erased = random.bernoulli(keys[2], batch, { p }).astype(chosen.height.dtype);
      return {
        top: below(keys[3], chosen.height.neg().add(h + 1)),
        left: below(keys[4], chosen.width.neg().add(w + 1)),
        height: chosen.height.mul(erased).astype("int32"),
        width: chosen.width.mul(erased).astype("int32"),
      };
    },
    apply: (params, images) => choose(insideOf(params, images), value, images),
    draws: (shape) => erasingDraws(frameOf(shape), { p, scale, ratio }),
  };
}

/** In pixels, of an area in pixels and `ratio` times as high as wide. */
function rectangleSize(area: Tensor, ratio: Tensor): Record<"height" | "width", Tensor> {
  return { height: area.mul(ratio).sqrt().round(), width: area.div(ratio).sqrt().round() };
}

/** Central rectangles, as near to the frame's proportions as any that is drawn; only one that leaves an edge is. */
function erasingDraws(
  [h, w]: readonly [number, number],
  ranges: { readonly p: number } & Readonly<Record<"scale" | "ratio", readonly [number, number]>>,
): Draws<ErasingParams> {
  const ratio = nearestIn(ranges.ratio, h / w);
  const [least, most] = ranges.scale;
  const greatest = Math.min(most, largestPart(ratio, [h - 1, w - 1], [h, w]));
  const isDrawn = ranges.p > 0 && least <= greatest;
  return {
    numbers: isDrawn ? { area: { range: [least, greatest], rest: ranges.p < 1 ? 0 : least } } : {},
    params({ area = 0 }) {
      const { height, width } = rectangleSize(tensor(area * h * w), tensor(ratio));
      return centred([h, w], height, width);
    },
  };
}

/** The rectangle of a height and width in the middle of the frame, in whole pixels. */
export function centred([h, w]: readonly [number, number], height: Tensor, width: Tensor): ErasingParams {
  const start = (room: Tensor): Tensor => room.div(2).floor().astype("int32");
  return {
    top: start(height.neg().add(h)),
    left: start(width.neg().add(w)),
    height: height.astype("int32"),
    width: width.astype("int32"),
  };
}

/** A square of `size` pixels about a random point erased, cut at the border (DeVries & Taylor 2017). */
export function cutout(size: number, options: { readonly value?: number } = {}): Transform<ErasingParams> {
  const name = "cutout";
  checkOptions(name, options, ["value"]);
  const { value = 0 } = options;
  checkLength(name, "size", size);
  if (!Number.isFinite(value)) refuse(name, `value must be a number, got ${describe(value)}`);
  return {
    name,
    sample(key, shape) {
      const batch = batchShape(name, shape);
      const [first, second] = random.split(key);
      const [h, w] = frameOf(shape);
      return rectangleAbout(
        random.randint(first, batch, { maxval: h }),
        random.randint(second, batch, { maxval: w }),
        [size, size],
        [h, w],
      );
    },
    apply: (params, images) => choose(insideOf(params, images), value, images),
    draws(shape) {
      const [h, w] = frameOf(shape);
      const centre = (length: number): Tensor => tensor(Math.floor(length / 2), { dtype: "int32" });
      return { numbers: {}, params: () => rectangleAbout(centre(h), centre(w), [size, size], [h, w]) };
    },
  };
}

/** The rectangle of a size (numbers, or int32 an image) about a point, cut at the frame. */
export function rectangleAbout(
  y: Tensor,
  x: Tensor,
  [height, width]: readonly [number | Tensor, number | Tensor],
  [h, w]: readonly [number, number],
): ErasingParams {
  const [top, bottom] = span(y, height, h);
  const [left, right] = span(x, width, w);
  return { top, left, height: bottom.sub(top), width: right.sub(left) };
}

function span(centre: Tensor, size: number | Tensor, length: number): [Tensor, Tensor] {
  const before = typeof size === "number" ? Math.floor(size / 2) : size.div(2).floor().astype("int32");
  const start = centre.sub(before);
  return [start.clip(0, length), start.add(size).clip(0, length)];
}

/** [..., 1, H, W], true inside of each image's rectangle. */
export function insideOf({ top, left, height, width }: ErasingParams, images: Tensor): Tensor {
  const [h, w] = frameOf(images.shape);
  const inside = (length: number, start: Tensor, size: Tensor): Tensor => {
    const from = withDevice(images.device, () => arange(length)).sub(start.expandDims(-1));
    return from.greaterEqual(0).logicalAnd(from.less(size.expandDims(-1)));
  };
  const rows = overPixels(inside(h, top, height), 1).expandDims(-3);
  const columns = inside(w, left, width).expandDims(-2).expandDims(-3);
  return rows.logicalAnd(columns);
}
