import { library, optionsObject, typescript } from "./magic";
import type { Option, StandardMagic } from "./magic";

const options: readonly Option[] = [
  { name: "ops", type: "words", help: "operations by name, separated by commas: hflip,rotate,blur,pca,…" },
  { name: "n", type: "expression", help: "how many variants of each image" },
  { name: "seed", type: "expression", help: "the first variant's seed; the others' follow" },
  { name: "boxes", type: "expression", help: "boxes [N, M, 4] of [left, top, right, bottom] that go along" },
  { name: "masks", type: "expression", help: "masks [N, 1, H, W] that go along" },
  { name: "labels", type: "expression", help: "probabilities [N, K] that mixing transforms mix" },
  { name: "classes", type: "expression", help: "the classes' names" },
  {
    name: "model",
    type: "expression",
    help: "logits of images: shows the crops of test time and their average",
  },
];

export const augment: StandardMagic = {
  name: "augment",
  summary: "Shows what an augmentation does to images: seeded variants, their parameters, sweeps, crops.",
  usage: "%augment images [with transform] [--ops hflip,rotate,…] [--n 16] [--seed S]",
  arguments: "expression with expression",
  options,
  example: `import { data } from "saddle";
const { images } = data.photographs();
%augment images.slice([1, 0, 0, 0], [2, 3, 256, 256]) --ops hflip,rotate,blur --n 8 --seed 1`,
  kinds: ["line"],
  expand(given) {
    const [images, transform] = given.expressions;
    const named = optionsObject(given, {}, options);
    if (transform === undefined) return typescript`await ${library}.report.augment(${images}, ${named})`;
    return typescript`await ${library}.report.augment(${images}, { transform: ${transform}, ...${named} })`;
  },
};
