/** The operations that `%augment --ops` knows: the transform that each draws from, and the sweep that shows it. */
import * as augment from "../../augment";
import type { Transform } from "../../augment";
import { random, withDevice, type Tensor } from "../../tensor";
import { nearest, refuse } from "../../util/errors";

/** One operation at growing magnitude. */
export interface Sweep {
  readonly parameter: string;
  readonly values: readonly number[];
  readonly unit?: string;
  apply(image: Tensor, value: number): Tensor;
}

interface Operation {
  /** A draw for images whose shorter side is `side`. */
  make(side: number, size: readonly [number, number]): Transform;
  readonly sweep?: (side: number, size: readonly [number, number]) => Sweep;
}

const { functional } = augment;
const aroundOne = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75];
const degrees = [-45, -30, -15, 0, 15, 30, 45];

function tone(parameter: string, adjust: (x: Tensor, factor: number) => Tensor, values = aroundOne): Sweep {
  return { parameter, values, apply: adjust };
}

/** The middle of an image, resized to the whole. */
function zoomed(image: Tensor, part: number): Tensor {
  const [height, width] = image.shape.slice(-2);
  const window = { height: part * height, width: part * width };
  const corner = { top: (height - window.height) / 2, left: (width - window.width) / 2 };
  return functional.resizedCrop(image, { ...window, ...corner }, [height, width]);
}

function noisy(image: Tensor, sigma: number): Tensor {
  const noise = augment.gaussianNoise({ sigma });
  const key = withDevice(image.device, () => random.key(0));
  return noise.apply(noise.sample(key, image.shape), image);
}

const oddNear = (value: number): number => 2 * Math.max(1, Math.round(value / 2)) + 1;

const operations: Readonly<Record<string, Operation>> = {
  hflip: { make: () => augment.randomHorizontalFlip() },
  vflip: { make: () => augment.randomVerticalFlip() },
  crop: {
    make: (_, [h, w]) => augment.randomCrop([Math.ceil(0.8 * h), Math.ceil(0.8 * w)]),
  },
  translate: {
    make: () => augment.randomAffine({ translate: [0.2, 0.2] }),
    sweep: (side) => ({
      parameter: "x",
      unit: " px",
      values: [-3, -2, -1, 0, 1, 2, 3].map((i) => Math.round((i * side) / 12)),
      apply: (x, value) => functional.affine(x, { translate: [value, 0] }),
    }),
  },
  resizedCrop: {
    make: (_, size) => augment.randomResizedCrop(size, { scale: [0.2, 1] }),
    sweep: () => ({
      parameter: "area",
      values: [1, 0.81, 0.64, 0.49, 0.36, 0.25, 0.16],
      apply: (x, a) => zoomed(x, Math.sqrt(a)),
    }),
  },
  scaleJitter: {
    make: (side) =>
      augment.randomScaleJitter(Math.ceil(0.875 * side), { range: [side, Math.round(1.875 * side)] }),
    sweep: (side) => ({
      parameter: "L",
      unit: " px",
      values: [8, 9, 10, 11, 12, 13, 15].map((i) => Math.round((i * side) / 8)),
      apply: (x, L) => functional.centerCrop(functional.resize(x, L), side),
    }),
  },
  rotate: {
    make: () => augment.randomRotation(30),
    sweep: () => ({
      parameter: "angle",
      unit: "°",
      values: degrees,
      apply: (x, angle) => functional.rotate(x, angle),
    }),
  },
  affine: {
    make: () => augment.randomAffine({ degrees: 15, translate: [0.1, 0.1], scale: [0.8, 1.2], shear: 10 }),
    sweep: () => ({
      parameter: "shear",
      unit: "°",
      values: degrees,
      apply: (x, angle) => functional.affine(x, { shear: [angle, 0] }),
    }),
  },
  noise: {
    make: () => augment.gaussianNoise({ sigma: [0.02, 0.2] }),
    sweep: () => ({ parameter: "sigma", values: [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3], apply: noisy }),
  },
  blur: {
    make: (side) => augment.gaussianBlur(oddNear(side / 12), { sigma: [0.1, Math.max(1, side / 40)] }),
    sweep: (side) => ({
      parameter: "sigma",
      unit: " px",
      values: [0.25, 0.5, 1, 1.5, 2, 3, 4].map((s) => (s * Math.max(1, side / 64)) / 2),
      apply: (x, sigma) => functional.gaussianBlur(x, oddNear(side / 8), { sigma }),
    }),
  },
  brightness: {
    make: () => augment.colorJitter({ brightness: 0.5 }),
    sweep: () => tone("factor", functional.adjustBrightness),
  },
  contrast: {
    make: () => augment.colorJitter({ contrast: 0.5 }),
    sweep: () => tone("factor", functional.adjustContrast),
  },
  saturation: {
    make: () => augment.colorJitter({ saturation: 0.8 }),
    sweep: () => tone("factor", functional.adjustSaturation, [0, 0.5, 0.75, 1, 1.5, 2, 3]),
  },
  hue: {
    make: () => augment.colorJitter({ hue: 0.2 }),
    sweep: () => tone("hue", functional.adjustHue, [-0.5, -0.3, -0.1, 0, 0.1, 0.3, 0.5]),
  },
  color: {
    make: () => augment.colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
    sweep: () => tone("hue", functional.adjustHue, [-0.5, -0.3, -0.1, 0, 0.1, 0.3, 0.5]),
  },
  pca: { make: () => augment.pcaColor() },
  erase: { make: () => augment.randomErasing({ p: 1 }) },
  cutout: { make: (side) => augment.cutout(Math.max(1, Math.round(side / 3))) },
  mixup: { make: () => augment.mixup() },
  cutmix: { make: () => augment.cutmix() },
  randAugment: { make: () => augment.randAugment() },
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

function operationNamed(name: string): Operation | undefined {
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
      if (found !== undefined) return found.make(side, size);
      const near = nearest(name, [...operationNames, ...Object.keys(otherNames)]);
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return refuse(where, `there is no operation ${name}${hint} (operations: ${operationNames.join(", ")})`);
    }),
  );
}

/** The sweeps of what takes part in a draw, by the names of its parts; each once. */
export function sweepsOf(parts: readonly string[], size: readonly [number, number]): [string, Sweep][] {
  const plain = [...new Set(parts.map((name) => name.replace(/\d+$/, "")))];
  return plain.flatMap((name): [string, Sweep][] => {
    const sweep = operationNamed(name)?.sweep?.(Math.min(...size), size);
    return sweep === undefined ? [] : [[name, sweep]];
  });
}
