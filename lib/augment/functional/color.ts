/** Colours, in [0, 1], as torchvision changes them. A factor is a number, or a tensor with an entry an image. */
import { concatenate, where as choose, type Tensor, type TensorLike } from "../../tensor";
import { asTensor } from "../../tensor/lift";
import { describe, refuse } from "../../util/errors";
import { formatShape } from "../../util/shapes";
import { asColour, asImages, flattened, perImage, unflattened, type Parameter } from "./images";

/** Weights of red, green and blue in what looks grey (ITU-R 601, rounded as torchvision has them). */
const greyWeights = [0.2989, 0.587, 0.114];

function channelsOf(images: Tensor): Tensor[] {
  return images.split(images.shape[1], 1);
}

/** [N, 1, H, W] of images of [N, C, H, W]. */
function grey(images: Tensor): Tensor {
  if (images.shape[1] === 1) return images;
  const [r, g, b] = channelsOf(images).map((channel, i) => channel.mul(greyWeights[i]));
  return r.add(g).add(b);
}

function checkFactor(where: string, factor: Parameter, images: Tensor): Tensor {
  if (typeof factor === "number" && factor < 0) refuse(where, `factor must not be negative, got ${factor}`);
  return perImage(where, "factor", factor, images);
}

/** factor · image + (1 − factor) · other, within [0, 1]. */
function blend(images: Tensor, other: Tensor, factor: Tensor): Tensor {
  return images
    .mul(factor)
    .add(other.mul(factor.neg().add(1)))
    .clip(0, 1);
}

/** Images times `factor`: 0 black, 1 as they are. */
export function adjustBrightness(x: TensorLike, factor: Parameter): Tensor {
  const images = asColour("adjustBrightness", x, factor);
  return unflattened(
    flattened(images)
      .mul(checkFactor("adjustBrightness", factor, images))
      .clip(0, 1),
    images,
  );
}

/** Away from (above 1) or towards (below 1) the image's mean grey. */
export function adjustContrast(x: TensorLike, factor: Parameter): Tensor {
  const images = asColour("adjustContrast", x, factor);
  const flat = flattened(images);
  const mean = grey(flat).mean([1, 2, 3], { keepdims: true });
  return unflattened(blend(flat, mean, checkFactor("adjustContrast", factor, images)), images);
}

/** Away from (above 1) or towards (below 1) each pixel's grey. Grey images stay as they are. */
export function adjustSaturation(x: TensorLike, factor: Parameter): Tensor {
  const images = asColour("adjustSaturation", x, factor);
  const amount = checkFactor("adjustSaturation", factor, images);
  const flat = flattened(images);
  if (flat.shape[1] === 1) return images;
  return unflattened(blend(flat, grey(flat), amount), images);
}

/** The hue moved around the colour circle by `factor` in [−0.5, 0.5]; ±0.5 is the opposite. Grey images stay. */
export function adjustHue(x: TensorLike, factor: Parameter): Tensor {
  const images = asColour("adjustHue", x, factor);
  if (typeof factor === "number" && !(Math.abs(factor) <= 0.5)) {
    refuse("adjustHue", `factor must lie in [-0.5, 0.5], got ${factor}`);
  }
  const turn = perImage("adjustHue", "factor", factor, images);
  const flat = flattened(images);
  if (flat.shape[1] === 1) return images;
  const { hue, saturation, value } = hsv(flat);
  return unflattened(rgb({ hue: hue.add(turn), saturation, value }), images);
}

/** Each [N, 1, H, W]; hue in turns. */
type Hsv = Readonly<Record<"hue" | "saturation" | "value", Tensor>>;

function hsv(images: Tensor): Hsv {
  const [r, g, b] = channelsOf(images);
  const [value, least] = [r.maximum(g).maximum(b), r.minimum(g).minimum(b)];
  const chroma = value.sub(least);
  const isGrey = chroma.equal(0);
  const divisor = choose(isGrey, 1, chroma);
  const sector = (from: Tensor, to: Tensor, offset: number): Tensor => to.sub(from).div(divisor).add(offset);
  const fromRed = sector(b, g, 0);
  const fromGreen = sector(r, b, 2);
  const fromBlue = sector(g, r, 4);
  const hue = choose(value.equal(r), fromRed, choose(value.equal(g), fromGreen, fromBlue)).div(6);
  return { hue, saturation: chroma.div(choose(isGrey, 1, value)), value };
}

/** Red, green and blue are one function of the hue, a third of a turn apart (Smith 1978, in closed form). */
function rgb({ hue, saturation, value }: Hsv): Tensor {
  const channels = [5, 3, 1].map((offset) => {
    const turned = hue.mul(6).add(offset).div(6);
    const k = turned.sub(turned.floor()).mul(6);
    const away = k.minimum(k.neg().add(4)).clip(0, 1);
    return value.sub(value.mul(saturation).mul(away));
  });
  return concatenate(channels, 1);
}

/** (x − mean) / std, a number for all channels or one for each. */
export function normalize(x: TensorLike, mean: TensorLike, std: TensorLike): Tensor {
  const images = asImages("normalize", x, mean, std);
  const [centre, spread] = [perChannel("mean", mean, images), perChannel("std", std, images)];
  if ([std].flat().includes(0)) refuse("normalize", `std must not be 0, got ${describe(std)}`);
  return images.sub(centre).div(spread);
}

function perChannel(name: string, value: TensorLike, images: Tensor): Tensor {
  const given = asTensor("normalize", name, value, images.device);
  const channels = images.shape[images.ndim - 3];
  if (given.ndim > 1 || (given.size !== 1 && given.size !== channels)) {
    refuse(
      "normalize",
      `${name} must be a number or have one for each of ${channels} channels, got shape ${formatShape(given.shape)}`,
    );
  }
  return given.to(images.device).reshape([given.size, 1, 1]);
}
