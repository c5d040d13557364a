import { checkTransform, type Transform } from "../../augment/transform";
import { cropProbabilities, multiScaleCrops, type Classifier } from "../../augment";
import { readImages, type ImageSources, type NamedImage } from "../../data";
import { eye, withDevice, type Tensor } from "../../tensor";
import { checkSeed, checkWhole } from "../../util/checks";
import { checkOptions, describe, refuse } from "../../util/errors";
import { progress, Report, type Progress, type ReportTable } from "../../viz";
import { alphaOf, colourCloud } from "./cloud";
import { galleryHtml } from "./html";
import { transformOf } from "./operations";
import { planesOf } from "./pictures";
import { cropsSection, stripSection, variantsSection, type CropSheet, type Original } from "./sections";
import { stripsOf } from "./strips";
import {
  checkCompanions,
  drawVariant,
  groupsOf,
  type Box,
  type Companions,
  type Group,
  type Shown,
  type Variant,
} from "./variants";
import { linesOf, textOfLines } from "./words";

export type { Variant } from "./variants";
export type { DrawNumbers } from "./words";

export interface AugmentOptions extends Companions {
  /** Names of operations, composed in this order; hflip, rotate, resizedCrop and color unless given. */
  readonly ops?: readonly string[];
  /** A transform instead of named operations. */
  readonly transform?: Transform;
  /** Variants of each image; 16 of one image, 5 of each of several unless given. */
  readonly n?: number;
  /** The first variant's seed, those of the others follow; 0 unless given. */
  readonly seed?: number;
  /** Names of the classes in `labels` and in what `model` gives. */
  readonly classes?: readonly string[];
  /** Logits [N, K] of images: adds the crops of test time and what it makes of each. */
  readonly model?: Classifier;
  /** The crops of test time; a recipe brings its own. */
  readonly crops?: (images: Tensor) => readonly Tensor[];
}

export interface AugmentNumbers {
  readonly names: readonly string[];
  readonly transform: Transform;
  readonly variants: readonly Variant[];
  /** Of the first image: each crop's probabilities and their average. */
  readonly testTime?: Pick<CropSheet, "probabilities" | "average">;
}

const where = "report.augment";
const optionNames = [
  "ops",
  "transform",
  "n",
  "seed",
  "masks",
  "boxes",
  "labels",
  "classes",
  "model",
  "crops",
];
const mostImages = 8;
const standardOperations = ["hflip", "rotate", "resizedCrop", "color"];

/**
 * The gallery of an augmentation: originals beside seeded variants with their exact parameters, the part of the
 * original that each shows, masks and boxes that went along, what each number that is drawn changes, over the range that it is drawn from,
 * mixed labels, the colours' principal axes for PCA colour, and the crops of test time. Refuses what are no images,
 * naming the file, and unknown operations.
 */
export async function augment(
  images: ImageSources,
  options: AugmentOptions = {},
): Promise<Report<AugmentNumbers>> {
  checkOptions(where, options, optionNames);
  const all = await readImages(images);
  const chosen = all.slice(0, mostImages);
  const transform = chooseTransform(options, chosen[0].image);
  const groups = readGroups(chosen, all.length, options);
  const seeds = seedsOf(options, chosen.length);
  const bar = progress(seeds.length * groups.length + 2, { label: "augment" });
  try {
    const shown = await drawAll(transform, groups, seeds, bar);
    return await makeReport({ all, chosen, transform, groups, shown, options, bar });
  } finally {
    bar.end();
  }
}

function chooseTransform({ ops, transform }: AugmentOptions, first: Tensor): Transform {
  if (transform !== undefined && ops !== undefined) refuse(where, "takes either ops or transform, not both");
  if (transform !== undefined) {
    checkTransform(where, "transform", transform);
    return transform;
  }
  const names = ops ?? standardOperations;
  if (!Array.isArray(names) || names.length === 0) {
    refuse(where, `ops must be an array of names, got ${describe(names)}`);
  }
  return transformOf(where, names, [first.shape[1], first.shape[2]]);
}

function seedsOf({ n, seed = 0 }: AugmentOptions, images: number): number[] {
  const count = n ?? (images === 1 ? 16 : 5);
  checkWhole(where, "n", count, 1);
  checkSeed(where, seed);
  return Array.from({ length: count }, (_, i) => seed + i);
}

/** The images by shape, with what goes along; without labels each image is a class of its own. */
function readGroups(chosen: readonly NamedImage[], count: number, options: AugmentOptions): Group[] {
  const { masks, boxes, labels } = options;
  const given = { ...(masks && { masks }), ...(boxes && { boxes }), ...(labels && { labels }) };
  checkCompanions(where, given, count);
  const images = chosen.map(({ image }) => image);
  const own = withDevice(images[0].device, () => eye(chosen.length));
  return groupsOf(images, { ...given, labels: labels ?? own });
}

async function drawAll(
  transform: Transform,
  groups: readonly Group[],
  seeds: readonly number[],
  bar: Progress,
): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const group of groups) {
    for (const seed of seeds) {
      shown.push(...(await drawVariant(transform, group, seed)));
      bar.advance();
    }
  }
  return shown;
}

interface Drawn {
  readonly all: readonly NamedImage[];
  readonly chosen: readonly NamedImage[];
  readonly transform: Transform;
  readonly groups: readonly Group[];
  readonly shown: readonly Shown[];
  readonly options: AugmentOptions;
  readonly bar: Progress;
}

async function makeReport(drawn: Drawn): Promise<Report<AugmentNumbers>> {
  const { all, chosen, transform, shown, options, bar } = drawn;
  const [{ image: first, name }] = chosen;
  const originals = await readOriginals(drawn);
  const classes = classNames(options, chosen);
  const variants = [...new Set(shown.map(({ variant }) => variant))];
  const ofImage = (i: number): Shown[] => shown.filter((one) => one.variant.of[one.index] === i);
  const galleries = originals.map((original, i) =>
    variantsSection(original, ofImage(i), {
      classes,
      isAlone: originals.length === 1,
      note: i === 0 ? noteOn(shown) : "",
    }),
  );
  bar.advance();
  const strips: string[] = [];
  for (const strip of stripsOf(transform, first)) strips.push(await stripSection(strip));
  const sheet = await testTime(transform, first, options);
  const crops = sheet === undefined ? [] : [cropsSection(name, sheet, namesFor(sheet, classes))];
  bar.advance();
  const alphas = ofImage(0)
    .map(({ variant, index }) => alphaOf(variant.draw, index))
    .filter((alpha) => alpha !== undefined);
  return new Report({
    title: `Augmentation: ${partNames(transform).join(", ")}`,
    numbers: {
      names: chosen.map((one) => one.name),
      transform,
      variants,
      ...(sheet?.average && { testTime: { probabilities: sheet.probabilities, average: sheet.average } }),
    },
    html: [galleryHtml([...galleries, ...strips, ...crops])],
    tables: [drawsTable(originals, ofImage)],
    figures: alphas.length === 0 ? [] : [colourCloud(originals[0].planes, alphas)],
    notes: all.length > chosen.length ? [`The first ${chosen.length} of ${all.length} images.`] : [],
  });
}

function noteOn(shown: readonly Shown[]): string {
  const parts = shown.some(({ source }) => source !== undefined)
    ? "Under a variant the original, with the part of it that the variant shows. "
    : "";
  return `${parts}A seed draws its variant again: augment.run(transform, random.key(seed), { images }).`;
}

async function readOriginals({ chosen, groups }: Drawn): Promise<Original[]> {
  return Promise.all(
    chosen.map(async ({ name, image }, i): Promise<Original> => {
      const group = groups.find(({ of }) => of.includes(i))!;
      const at = group.of.indexOf(i);
      return {
        name,
        planes: await planesOf(image),
        ...(group.masks && { mask: await planesOf(group.masks.take(at, 0)) }),
        ...(group.boxes && { boxes: (await group.boxes.take(at, 0).array()) as unknown as Box[] }),
      };
    }),
  );
}

/** The transforms of a composition, or the one transform. */
function partNames({ parts, name }: Transform): string[] {
  return parts?.map(([part]) => part) ?? [name ?? "transform"];
}

function classNames(
  { classes, labels, model }: AugmentOptions,
  chosen: readonly NamedImage[],
): readonly string[] {
  if (classes !== undefined) return classes;
  return labels === undefined && model === undefined ? chosen.map(({ name }) => name) : [];
}

/** A name for each class, its number where none was given. */
function namesFor({ average = [] }: CropSheet, classes: readonly string[]): string[] {
  return average.map((_, k) => classes[k] ?? `class ${k}`);
}

async function testTime(
  transform: Transform,
  image: Tensor,
  options: AugmentOptions,
): Promise<CropSheet | undefined> {
  const { model } = options;
  const cropsOf = options.crops ?? (transform as Partial<Pick<AugmentOptions, "crops">>).crops;
  if (cropsOf === undefined && model === undefined) return undefined;
  const crops = (cropsOf ?? multiScaleCrops)(image);
  const planes = await Promise.all(crops.map(planesOf));
  if (model === undefined) return { crops: planes };
  const probabilities = cropProbabilities(model, image, { crops });
  return {
    crops: planes,
    probabilities: (await probabilities.array()) as number[][],
    average: (await probabilities.mean(0).array()) as number[],
  };
}

function drawsTable(originals: readonly Original[], ofImage: (i: number) => Shown[]): ReportTable {
  const rows = originals.flatMap(({ name }, i) =>
    ofImage(i).map(({ variant, index }) => [name, variant.seed, textOfLines(linesOf(variant.draw, index))]),
  );
  return { title: "Draws", columns: ["image", "seed", "parameters"], rows, folded: true };
}
