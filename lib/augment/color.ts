import { random, tensor, withDevice, zeros, type Tensor, type TensorLike } from "../tensor";
import { checkIn, checkPositive, isListOf } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape } from "../util/shapes";
import { between, checkRange, drawnFrom, nothingDrawn, overPixels, plainDraws, type Range } from "./draws";
import * as functional from "./functional/color";
import { asColour, checkSize, type Size } from "./functional/images";
import { gaussianBlur as blur } from "./functional/resize";
import { batchShape, type Params, type Transform } from "./transform";

export interface ColorJitterOptions {
  /** A number b draws factors from [max(0, 1 − b), 1 + b]; a range gives them itself. 0 unless given, as the others. */
  readonly brightness?: number | Range;
  readonly contrast?: number | Range;
  readonly saturation?: number | Range;
  /** A number h draws from [−h, h], in turns of the colour circle. */
  readonly hue?: number | Range;
}

export type JitteredColor = Params & Readonly<Partial<Record<keyof ColorJitterOptions, Tensor>>>;

/**
 * Random brightness, contrast, saturation and hue (torchvision's ColorJitter), in this order: in which they come is not
 * drawn, so that a batch is one expression. Parameters: the factor of each that is asked for.
 */
export function colorJitter(options: ColorJitterOptions = {}): Transform<JitteredColor> {
  const name = "colorJitter";
  checkOptions(name, options, ["brightness", "contrast", "saturation", "hue"]);
  const steps = [
    { factor: "brightness", adjust: functional.adjustBrightness, around: 1 },
    { factor: "contrast", adjust: functional.adjustContrast, around: 1 },
    { factor: "saturation", adjust: functional.adjustSaturation, around: 1 },
    { factor: "hue", adjust: functional.adjustHue, around: 0 },
  ] as const;
  const asked = steps.flatMap(({ factor, adjust, around }) => {
    const given = options[factor] ?? 0;
    if (given === 0) return [];
    return [{ factor, adjust, drawn: drawnFrom(factorRange(name, factor, given, around), around) }];
  });
  return {
    name,
    sample(key, shape) {
      const keys = random.split(key, steps.length);
      const batch = batchShape(name, shape);
      return Object.fromEntries(
        asked.map(({ factor, drawn }, i) => [factor, between(keys[i], batch, drawn.range)]),
      );
    },
    apply: (params, images) => asked.reduce((x, { factor, adjust }) => adjust(x, params[factor]!), images),
    draws: () => plainDraws(Object.fromEntries(asked.map(({ factor, drawn }) => [factor, drawn]))),
  };
}

function factorRange(
  where: string,
  name: string,
  given: number | Range,
  around: 0 | 1,
): readonly [number, number] {
  const least = around === 1 ? 0 : -0.5;
  if (typeof given !== "number")
    return checkFactors(where, name, checkRange(where, name, given, least), around);
  checkIn(where, name, given, (g) => g >= 0, "be at least 0");
  return checkFactors(where, name, [Math.max(least, around - given), around + given], around);
}

function checkFactors(
  where: string,
  name: string,
  range: readonly [number, number],
  around: 0 | 1,
): readonly [number, number] {
  if (around === 0 && range[1] > 0.5) refuse(where, `${name} must stay within ±0.5, got ${describe(range)}`);
  return range;
}

/** The principal components of ImageNet's colours (Krizhevsky et al. 2012; the numbers of Facebook's ResNet in Torch). */
export const imagenetColors = {
  eigenvalues: [0.2175, 0.0188, 0.0045],
  /** Rows are red, green and blue; columns the components. */
  eigenvectors: [
    [-0.5675, 0.7192, 0.4009],
    [-0.5808, -0.0045, -0.814],
    [-0.5836, -0.6948, 0.4203],
  ],
} as const;

export interface PcaColorOptions {
  /** The standard deviation of α; 0.1 unless given. */
  readonly std?: number;
  /** Of the colours' covariance, ImageNet's unless given. */
  readonly eigenvalues?: readonly number[];
  readonly eigenvectors?: readonly (readonly number[])[];
}

export type PcaColorParams = Params & { readonly alpha: Tensor };

/**
 * AlexNet's change of colour: P · (α ∘ λ) is added to every pixel, α normal, one draw an image (Krizhevsky et al.
 * 2012). Parameters: `alpha` […, 3].
 */
export function pcaColor(options: PcaColorOptions = {}): Transform<PcaColorParams> {
  const name = "pcaColor";
  checkOptions(name, options, ["std", "eigenvalues", "eigenvectors"]);
  const {
    std = 0.1,
    eigenvalues = imagenetColors.eigenvalues,
    eigenvectors = imagenetColors.eigenvectors,
  } = options;
  checkPositive(name, "std", std);
  checkComponents(name, eigenvalues, eigenvectors);
  const scaled = eigenvectors.map((row) => row.map((entry, i) => entry * eigenvalues[i]));
  return {
    name,
    sample: (key, shape) => ({ alpha: random.normal(key, [...batchShape(name, shape), 3], { std }) }),
    draws: () => ({ numbers: {}, params: () => ({ alpha: zeros([3]) }) }),
    apply({ alpha }, x) {
      const images = asColour(name, x);
      if (images.shape[images.ndim - 3] !== 3) {
        refuse(name, `images must have 3 channels, got shape ${formatShape(images.shape)}`);
      }
      const basis = withDevice(images.device, () => tensor(scaled));
      const shift = alpha.expandDims(-2).mul(basis).sum(-1);
      return images.add(overPixels(shift, 2));
    },
  };
}

function checkComponents(
  where: string,
  values: readonly number[],
  vectors: readonly (readonly number[])[],
): void {
  const isTriple = (row: unknown): boolean =>
    isListOf(row, Number.isFinite) && (row as readonly unknown[]).length === 3;
  if (!isTriple(values) || !isListOf(vectors, isTriple) || vectors.length !== 3) {
    refuse(where, "eigenvalues must be 3 numbers and eigenvectors 3 rows of 3");
  }
}

export interface NoiseOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** The standard deviation, or a range it is drawn from; 0.1 unless given. */
  readonly sigma?: number | Range;
  /** Keep the result in [0, 1]; true unless given. */
  readonly clip?: boolean;
}

export type NoiseParams = Params & { readonly sigma: Tensor; readonly noiseKey: Tensor };

/** Normal noise added to each value. Parameters: `sigma`, and `noiseKey`, the key of the noise itself. */
export function gaussianNoise(options: NoiseOptions = {}): Transform<NoiseParams> {
  const name = "gaussianNoise";
  checkOptions(name, options, ["mean", "sigma", "clip"]);
  const { mean = 0, sigma = 0.1, clip = true } = options;
  if (!Number.isFinite(mean)) refuse(name, `mean must be a number, got ${describe(mean)}`);
  const range = checkRange(name, "sigma", typeof sigma === "number" ? [sigma, sigma] : sigma, 0);
  return {
    name,
    sample(key, shape) {
      const [noiseKey, sigmaKey] = random.split(key);
      return { sigma: between(sigmaKey, batchShape(name, shape), range), noiseKey };
    },
    apply(params, images) {
      const noise = random.normal(params.noiseKey, images.shape).mul(overPixels(params.sigma)).add(mean);
      const noisy = images.add(noise);
      return clip ? noisy.clip(0, 1) : noisy;
    },
    draws: () => ({
      numbers: { sigma: drawnFrom(range, 0) },
      params: (values) => ({ sigma: tensor(values["sigma"]), noiseKey: random.key(0) }),
    }),
  };
}

export type BlurParams = Params & { readonly sigma: Tensor };

/** A Gaussian blur of `kernelSize` taps whose sigma is drawn from a range. Parameters: `sigma`, in pixels. */
export function gaussianBlur(
  kernelSize: Size,
  options: { readonly sigma?: Range } = {},
): Transform<BlurParams> {
  const name = "gaussianBlur";
  checkOptions(name, options, ["sigma"]);
  checkSize(name, kernelSize);
  const range = checkRange(name, "sigma", options.sigma ?? [0.1, 2], Number.MIN_VALUE);
  return {
    name,
    sample: (key, shape) => ({ sigma: between(key, batchShape(name, shape), range) }),
    apply: ({ sigma }, images) => blur(images, kernelSize, { sigma }),
    draws: () => plainDraws({ sigma: drawnFrom(range, 0, { unit: " px" }) }),
  };
}

/** (x − mean) / std in each channel; nothing is drawn. */
export function normalize(mean: TensorLike, std: TensorLike): Transform {
  return {
    name: "normalize",
    sample: () => ({}),
    draws: nothingDrawn,
    apply: (_, images) => functional.normalize(images, mean, std),
  };
}
