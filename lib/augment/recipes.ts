/** How well-known networks were trained and tested on ImageNet. Sizes may be given, for smaller images. */
import type { Tensor } from "../tensor";
import { checkOptions } from "../util/errors";
import { colorJitter, pcaColor } from "./color";
import { centerCrop as cropCentre, tenCrop } from "./functional/crop";
import { resize as resizeImages } from "./functional/resize";
import type { Range } from "./draws";
import { randomCrop, randomHorizontalFlip } from "./geometric";
import { centerCrop, randomResizedCrop, randomScaleJitter, resize } from "./resizing";
import { inceptionCrops, multiScaleCrops } from "./testTime";
import { compose, type Transform } from "./transform";

/** The transform of a network's training, and the crops that its tests average over. */
export interface Recipe extends Transform {
  /** Of images [C, H, W] or [N, C, H, W]; what `predictTta` takes as `crops`. */
  crops(images: Tensor): Tensor[];
}

export interface AlexnetOptions {
  /** The network's input; 224 unless given. */
  readonly size?: number;
  /** The square that images are brought to; 256 unless given. */
  readonly square?: number;
}

/** Krizhevsky et al. 2012: 256², a random 224 crop, flip, PCA colour; ten crops at test time. */
export function alexnet(options: AlexnetOptions = {}): Recipe {
  checkOptions("recipes.alexnet", options, ["size", "square"]);
  const { size = 224, square = 256 } = options;
  const steps = [resize(square), centerCrop(square), randomCrop(size), randomHorizontalFlip(), pcaColor()];
  return {
    ...compose(steps),
    name: "alexnet",
    crops: (images) => tenCrop(cropCentre(resizeImages(images, square), square), size),
  };
}

export interface JitterRecipeOptions {
  /** The network's input; 224 unless given. */
  readonly size?: number;
  /** The shorter side in training: [from, to], or fixed. */
  readonly range?: Range | number;
  /** The shorter sides at test time. */
  readonly scales?: readonly number[];
}

/**
 * Simonyan & Zisserman 2014: the shorter side from [256, 512] or fixed, a random 224 crop, flip, colour; at test time
 * ten crops at each of {from, middle, to} unless `scales` says otherwise.
 */
export function vgg(options: JitterRecipeOptions = {}): Recipe {
  const { range = [256, 512] } = options;
  const [from, to] = typeof range === "number" ? [range, range] : range;
  return jittered("vgg", {
    scales: [...new Set([from, Math.round((from + to) / 2), to])],
    ...options,
    range: [from, to],
  });
}

/**
 * He et al. 2015: the shorter side from [256, 480], a random 224 crop, flip, colour; at test time ten crops at each of
 * {224, 256, 384, 480, 640}.
 */
export function resnet(options: JitterRecipeOptions = {}): Recipe {
  return jittered("resnet", { range: [256, 480], scales: [224, 256, 384, 480, 640], ...options });
}

function jittered(name: string, options: JitterRecipeOptions & { readonly range: Range | number }): Recipe {
  checkOptions(`recipes.${name}`, options, ["size", "range", "scales"]);
  const { size = 224, scales } = options;
  const range = typeof options.range === "number" ? [options.range, options.range] : options.range;
  const steps = [randomScaleJitter(size, { range }), randomHorizontalFlip(), pcaColor()];
  return { ...compose(steps), name, crops: (images) => multiScaleCrops(images, { scales, size }) };
}

/**
 * Szegedy et al. 2014: a window of 8 to 100% of the area, resized to 224, flip, brightness, contrast and saturation
 * within ±40%; 144 crops at test time.
 */
export function inception(options: Omit<JitterRecipeOptions, "range"> = {}): Recipe {
  checkOptions("recipes.inception", options, ["size", "scales"]);
  const { size = 224, scales } = options;
  const jitter = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 });
  const steps = [randomResizedCrop(size), randomHorizontalFlip(), jitter];
  return {
    ...compose(steps),
    name: "inception",
    crops: (images) => inceptionCrops(images, { ...(scales && { scales }), size }),
  };
}
