import * as augment from "../../../../lib/augment";
import type { Transform } from "../../../../lib/augment";

/** Every transform, for images of about 12 × 16. */
export const transforms: Record<string, () => Transform> = {
  randomHorizontalFlip: () => augment.randomHorizontalFlip(),
  randomVerticalFlip: () => augment.randomVerticalFlip({ p: 0.3 }),
  randomCrop: () => augment.randomCrop([8, 9], { padding: 2 }),
  randomResizedCrop: () => augment.randomResizedCrop([8, 9]),
  randomScaleJitter: () => augment.randomScaleJitter(8, { range: [8, 14] }),
  randomRotation: () => augment.randomRotation(40),
  randomAffine: () => augment.randomAffine({ degrees: 20, translate: [0.1, 0.2], scale: [0.8, 1.2], shear: 10 }),
  gaussianNoise: () => augment.gaussianNoise({ sigma: [0.01, 0.1] }),
  gaussianBlur: () => augment.gaussianBlur(5),
  colorJitter: () => augment.colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
  pcaColor: () => augment.pcaColor(),
  randomErasing: () => augment.randomErasing({ p: 0.9 }),
  cutout: () => augment.cutout(5),
  mixup: () => augment.mixup({ alpha: 0.4 }),
  cutmix: () => augment.cutmix(),
  randAugment: () => augment.randAugment(),
  normalize: () => augment.normalize([0.5, 0.4, 0.3], 0.2),
  resize: () => augment.resize([6, 7]),
  centerCrop: () => augment.centerCrop(6),
}; // prettier-ignore
