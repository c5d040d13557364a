export {
  colorJitter,
  gaussianBlur,
  gaussianNoise,
  imagenetColors,
  normalize,
  pcaColor,
  type ColorJitterOptions,
  type NoiseOptions,
  type PcaColorOptions,
} from "./color";
export type { Drawn, Draws, Range } from "./draws";
export { cutout, randomErasing, type ErasingParams, type RandomErasingOptions } from "./erasing";
export * as functional from "./functional";
export {
  randomAffine,
  randomCrop,
  randomHorizontalFlip,
  randomRotation,
  randomVerticalFlip,
  type ChanceOptions,
  type CropParams,
  type RandomAffineOptions,
  type RandomCropOptions,
} from "./geometric";
export { cutmix, mixup, type MixOptions } from "./mixing";
export { randAugment, randAugmentOperations, type RandAugmentOptions } from "./randAugment";
export * as recipes from "./recipes";
export {
  centerCrop,
  randomResizedCrop,
  randomScaleJitter,
  resize,
  type RandomResizedCropOptions,
  type ScaleJitterOptions,
  type WindowParams,
} from "./resizing";
export {
  cropProbabilities,
  multiScaleCrops,
  predictTta,
  type Classifier,
  type MultiScaleOptions,
  type TtaOptions,
} from "./testTime";
export { compose, run, type Batch, type Params, type Transform } from "./transform";
export { study, studyTransforms, type StudyNumbers, type StudyOptions } from "./study";
