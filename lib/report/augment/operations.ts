/** The operations that `%augment --ops` knows, and the transform that each draws from. */
import * as augment from "../../augment";
import type { Transform } from "../../augment";
import { nearest, refuse } from "../../util/errors";

/** A draw for images of a size whose shorter side is `side`. */
type Make = (side: number, size: readonly [number, number]) => Transform;

const oddNear = (value: number): number => 2 * Math.max(1, Math.round(value / 2)) + 1;

const operations: Readonly<Record<string, Make>> = {
  hflip: () => augment.randomHorizontalFlip(),
  vflip: () => augment.randomVerticalFlip(),
  crop: (_, [h, w]) => augment.randomCrop([Math.ceil(0.8 * h), Math.ceil(0.8 * w)]),
  translate: () => augment.randomAffine({ translate: [0.2, 0.2] }),
  resizedCrop: (_, size) => augment.randomResizedCrop(size, { scale: [0.2, 1] }),
  scaleJitter: (side) =>
    augment.randomScaleJitter(Math.ceil(0.875 * side), { range: [side, Math.round(1.875 * side)] }),
  rotate: () => augment.randomRotation(30),
  affine: () => augment.randomAffine({ degrees: 15, translate: [0.1, 0.1], scale: [0.8, 1.2], shear: 10 }),
  noise: () => augment.gaussianNoise({ sigma: [0.02, 0.2] }),
  blur: (side) => augment.gaussianBlur(oddNear(side / 12), { sigma: [0.1, Math.max(1, side / 40)] }),
  brightness: () => augment.colorJitter({ brightness: 0.5 }),
  contrast: () => augment.colorJitter({ contrast: 0.5 }),
  saturation: () => augment.colorJitter({ saturation: 0.8 }),
  hue: () => augment.colorJitter({ hue: 0.2 }),
  color: () => augment.colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
  pca: () => augment.pcaColor(),
  erase: () => augment.randomErasing({ p: 1 }),
  cutout: (side) => augment.cutout(Math.max(1, Math.round(side / 3))),
  mixup: () => augment.mixup(),
  cutmix: () => augment.cutmix(),
  randAugment: () => augment.randAugment(),
};

/** Names of transforms, which a draw has, and of functions, by the names of their operations. */
const otherNames: Readonly<Record<string, string>> = {
  randomHorizontalFlip: "hflip",
  randomVerticalFlip: "vflip",
  randomCrop: "crop",
  randomResizedCrop: "resizedCrop",
  randomScaleJitter: "scaleJitter",
  randomRotation: "rotate",
  randomAffine: "affine",
  gaussianNoise: "noise",
  gaussianBlur: "blur",
  colorJitter: "color",
  pcaColor: "pca",
  randomErasing: "erase",
  flip: "hflip",
};

export const operationNames = Object.keys(operations);

function operationNamed(name: string): Make | undefined {
  const known = Object.hasOwn(otherNames, name) ? otherNames[name] : name;
  return Object.hasOwn(operations, known) ? operations[known] : undefined;
}

/** The composition of the operations of these names, for images of a height and width. */
export function transformOf(
  where: string,
  names: readonly string[],
  size: readonly [number, number],
): Transform {
  const side = Math.min(...size);
  return augment.compose(
    names.map((name) => {
      const found = operationNamed(name);
      if (found !== undefined) return found(side, size);
      const near = nearest(name, [...operationNames, ...Object.keys(otherNames)]);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return refuse(where, `there is no operation ${name}${hint} (operations: ${operationNames.join(", ")})`);
    }),
  );
}
