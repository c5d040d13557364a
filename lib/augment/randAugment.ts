import { random, where as choose, type Tensor } from "../tensor";
import { checkIn, checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { roundHalfEven } from "../util/rounding";
import { overPixels } from "./draws";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./functional/color";
import { perImage, sizeOfImages } from "./functional/images";
import { adjustSharpness, autocontrast, equalize, posterize, solarize } from "./functional/tones";
import type { Motion } from "./functional/warp";
import { warping } from "./geometric";
import { batchShape, compose, type Params, type Transform } from "./transform";

/** What `randAugment` chooses from, in the order of its parameter `operation` (torchvision's). */
export const randAugmentOperations = [
  "identity",
  "shearX",
  "shearY",
  "translateX",
  "translateY",
  "rotate",
  "brightness",
  "color",
  "contrast",
  "sharpness",
  "posterize",
  "solarize",
  "autocontrast",
  "equalize",
] as const;

type Operation = (typeof randAugmentOperations)[number];

export interface RandAugmentOptions {
  /** How many operations an image gets, one after the other; 2 unless given. */
  readonly operations?: number;
  /** Their strength, from 0 to bins − 1; 9 unless given. */
  readonly magnitude?: number;
  /** 31 unless given. */
  readonly bins?: number;
}

/**
 * Operations drawn for each image, all of one strength (Cubuk et al. 2019, as torchvision's RandAugment has it).
 * Parameters of each: `operation`, index into `randAugmentOperations`, and `sign` of what can go two ways.
 */
export function randAugment(options: RandAugmentOptions = {}): Transform {
  const name = "randAugment";
  checkOptions(name, options, ["operations", "magnitude", "bins"]);
  const { operations = 2, magnitude = 9, bins = 31 } = options;
  checkWhole(name, "operations", operations, 1);
  if (!Number.isInteger(bins) || bins < 2)
    refuse(name, `bins must be an integer of at least 2, got ${describe(bins)}`);
  checkIn(name, "magnitude", magnitude, (m) => m >= 0 && m < bins, `lie in [0, ${bins})`);
  const layer = randomOperation(magnitude / (bins - 1));
  return { ...compose(new Array<Transform>(operations).fill(layer)), name };
}

type OperationParams = Params & { readonly operation: Tensor; readonly sign: Tensor };

/** One drawn operation; `strength` is from 0 to 1. */
function randomOperation(strength: number): Transform<OperationParams> {
  const name = "operation";
  const geometry = warping<OperationParams>(
    name,
    {},
    (key, shape) => {
      const [first, second] = random.split(key);
      const batch = batchShape(name, shape);
      return {
        operation: random.randint(first, batch, { maxval: randAugmentOperations.length }),
        sign: random.randint(second, batch, { maxval: 2 }).mul(2).sub(1),
      };
    },
    (params, images) => motionOf(params, images, strength),
  );
  return {
    ...geometry,
    apply(params, images) {
      const isIn = (names: readonly Operation[]): Tensor =>
        names.map((operation) => isChosen(params, operation)).reduce((a, b) => a.logicalOr(b));
      const moved = choose(overPixels(isIn(moves)), geometry.apply(params, images), images);
      return Object.entries(tonesOf(params, images, strength)).reduce(
        (x, [operation, changed]) => choose(overPixels(isChosen(params, operation as Operation)), changed, x),
        moved,
      );
    },
  };
}

const moves: readonly Operation[] = ["shearX", "shearY", "translateX", "translateY", "rotate"];

function isChosen({ operation }: OperationParams, name: Operation): Tensor {
  return operation.equal(randAugmentOperations.indexOf(name));
}

/** The affine map of each image; that of an image whose operation does not move it is the identity. */
function motionOf(params: OperationParams, images: Tensor, strength: number): Motion {
  const [height, width] = sizeOfImages(images);
  /** ±1 where the operation is the one chosen, else 0. */
  const way = (name: Operation): Tensor => isChosen(params, name).astype("int32").mul(params.sign);
  const of = (value: Tensor): Tensor => perImage("randAugment", "sign", value, images);
  const shear = 0.3 * strength;
  const degrees = (Math.atan(shear) * 180) / Math.PI;
  const [x, y] = [way("shearX"), way("shearY")];
  // Shears keep the upper left corner, so the centre moves.
  return {
    angle: of(way("rotate").mul(-30 * strength)),
    shear: [of(x.mul(degrees)), of(y.mul(degrees))],
    translate: [
      of(
        way("translateX")
          .mul(wholeShift(width, strength))
          .sub(x.mul((shear * height) / 2)),
      ),
      of(
        way("translateY")
          .mul(wholeShift(height, strength))
          .sub(y.mul((shear * width) / 2)),
      ),
    ],
  };
}

/** Whole pixels, as torchvision moves by: it cuts off what its float32 has after the point. */
function wholeShift(length: number, strength: number): number {
  return Math.trunc(Math.fround((150 / 331) * length * strength));
}

/** The image as each operation on tones would leave it. */
function tonesOf(
  { sign }: OperationParams,
  images: Tensor,
  strength: number,
): Partial<Record<Operation, Tensor>> {
  const factor = sign.mul(0.9 * strength).add(1);
  return {
    brightness: adjustBrightness(images, factor),
    color: adjustSaturation(images, factor),
    contrast: adjustContrast(images, factor),
    sharpness: adjustSharpness(images, factor),
    posterize: posterize(images, 8 - roundHalfEven(4 * strength)),
    solarize: solarize(images, 1 - strength),
    autocontrast: autocontrast(images),
    equalize: equalize(images),
  };
}
