import { arange, random, where as choose, withDevice, type Tensor } from "../tensor";
import { checkPositive } from "../util/checks";
import { checkOptions, refuse } from "../util/errors";
import { isFloat } from "../util/dtypes";
import { formatShape } from "../util/shapes";
import { firstValid } from "./draws";
import { insideOf, rectangleAbout, type ErasingParams } from "./erasing";
import { batchShape, frameOf, type Params, type Transform } from "./transform";

export interface MixOptions {
  /** Both parameters of the Beta distribution that the share is drawn from; 1 (uniform) unless given. */
  readonly alpha?: number;
}

export type MixupParams = Params & { readonly share: Tensor; readonly partner: Tensor };

/**
 * Each image of a batch [N, C, H, W] mixed with another: share · x + (1 − share) · x[partner], and labels alike (Zhang
 * et al. 2017). Parameters: `share` from Beta(α, α), `partner`, int32.
 */
export function mixup(options: MixOptions = {}): Transform<MixupParams> {
  const name = "mixup";
  checkOptions(name, options, ["alpha"]);
  const alpha = checkPositive(name, "alpha", options.alpha ?? 1);
  const mix = ({ share, partner }: MixupParams, x: Tensor): Tensor => {
    const own = share.reshape([-1, ...x.shape.slice(1).map(() => 1)]);
    return x.mul(own).add(x.take(partner, 0).mul(own.neg().add(1)));
  };
  return {
    name,
    sample(key, shape) {
      const [shareKey, partnerKey] = random.split(key);
      const count = mixedCount(name, shape);
      return { share: betaOfEqual(shareKey, count, alpha), partner: partners(partnerKey, count) };
    },
    apply: mix,
    masks: () => refuse(name, "masks of mixed images have no meaning; cutmix keeps them apart"),
    boxes: () => refuse(name, "boxes of mixed images have no meaning"),
    labels: (params, labels) => mix(params, probabilities(name, labels)),
  };
}

export type CutmixParams = ErasingParams & { readonly share: Tensor; readonly partner: Tensor };

/**
 * A rectangle of each image of a batch [N, C, H, W] taken from another image, and labels mixed by area (Yun et al.
 * 2019). Parameters: the rectangle, `partner`, and `share`, the part of the area that is the image's own.
 */
export function cutmix(options: MixOptions = {}): Transform<CutmixParams> {
  const name = "cutmix";
  checkOptions(name, options, ["alpha"]);
  const alpha = checkPositive(name, "alpha", options.alpha ?? 1);
  const paste = (params: CutmixParams, x: Tensor): Tensor =>
    choose(insideOf(params, x), x.take(params.partner, 0), x);
  return {
    name,
    sample(key, shape) {
      const keys = random.split(key, 4);
      const count = mixedCount(name, shape);
      const [h, w] = frameOf(shape);
      const side = betaOfEqual(keys[0], count, alpha).neg().add(1).sqrt();
      const rectangle = rectangleAbout(
        random.randint(keys[1], [count], { maxval: h }),
        random.randint(keys[2], [count], { maxval: w }),
        [side.mul(h).floor().astype("int32"), side.mul(w).floor().astype("int32")],
        [h, w],
      );
      const foreign = rectangle.height.mul(rectangle.width).div(h * w);
      return { ...rectangle, share: foreign.neg().add(1), partner: partners(keys[3], count) };
    },
    apply: paste,
    masks: paste,
    boxes: () => refuse(name, "boxes cannot follow a rectangle that is pasted over them"),
    labels({ share, partner }, labels) {
      const given = probabilities(name, labels);
      const own = share.expandDims(-1);
      return given.mul(own).add(given.take(partner, 0).mul(own.neg().add(1)));
    },
  };
}

/** Another image for each: the batch turned by a random number of places. */
function partners(key: Tensor, count: number): Tensor {
  const place = withDevice(key.device, () => arange(count));
  if (count === 1) return place;
  const turned = place.add(random.randint(key, [1], { minval: 1, maxval: count }));
  return choose(turned.greaterEqual(count), turned.sub(count), turned);
}

function mixedCount(where: string, shape: readonly number[]): number {
  const batch = batchShape(where, shape);
  if (batch.length !== 1) refuse(where, `mixes a batch [N, C, H, W], got images of ${formatShape(shape)}`);
  return batch[0];
}

function probabilities(where: string, labels: Tensor): Tensor {
  if (labels.ndim === 2 && isFloat(labels.dtype)) return labels;
  return refuse(
    where,
    `labels must be probabilities [N, K], got ${labels.dtype} ${formatShape(labels.shape)}; nn.functional.oneHot(labels, K) makes them of classes`,
  );
}

/** Beta(α, α), as the share of the first of two Gamma(α) variables, through their logarithms: α may be small. */
function betaOfEqual(key: Tensor, count: number, alpha: number): Tensor {
  const [first, second] = random.split(key).map((k) => logGamma(k, count, alpha));
  return first.sub(second).sigmoid();
}

const tries = 8; // the chance that none is accepted is below 1e-10

/** The logarithm of Gamma(α) variables (Marsaglia & Tsang 2000, with their U^(1/α) for α < 1). */
function logGamma(key: Tensor, count: number, alpha: number): Tensor {
  const keys = random.split(key, 3);
  const shape = alpha < 1 ? alpha + 1 : alpha;
  const d = shape - 1 / 3;
  const z = random.normal(keys[0], [tries, count]);
  const root = z.mul(1 / Math.sqrt(9 * d)).add(1);
  const v = root.mul(root).mul(root);
  const logV = v.maximum(1e-30).log();
  const bound = z.square().mul(0.5).add(d).sub(v.mul(d)).add(logV.mul(d));
  const accepted = v.greater(0).logicalAnd(positiveUniform(keys[1], [tries, count]).log().less(bound));
  const log = firstValid(accepted, { logV }, { logV: 0 }).logV.add(Math.log(d));
  return alpha < 1 ? log.add(positiveUniform(keys[2], [count]).log().div(alpha)) : log;
}

function positiveUniform(key: Tensor, shape: readonly number[]): Tensor {
  return random.uniform(key, shape, { minval: 2 ** -25, maxval: 1 });
}
