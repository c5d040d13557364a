/** Seeded variants of images. */
import { run, type Params, type Transform } from "../../augment";
import { random, stack, tensor, withDevice, type Tensor } from "../../tensor";
import { isFloat } from "../../util/dtypes";
import { refuse } from "../../util/errors";
import { formatShape, sameShape } from "../../util/shapes";
import type { Point } from "./html";
import { planesOf, type Planes } from "./pictures";
import { sourcesOf } from "./source";
import { numbersOf, type DrawNumbers } from "./words";

/** What goes along with the images, an entry an image. */
export interface Companions {
  readonly masks?: Tensor;
  readonly boxes?: Tensor;
  /** Probabilities [N, K]. */
  readonly labels?: Tensor;
}

/** Images of one shape, which are drawn for together. */
export interface Group extends Companions {
  /** Their places among all images. */
  readonly of: readonly number[];
  /** [N, C, H, W]. */
  readonly images: Tensor;
}

export interface Variant {
  /** `augment.run(transform, random.key(seed), { images })` draws it again. */
  readonly seed: number;
  /** Which of the images it has. */
  readonly of: readonly number[];
  readonly params: Params;
  /** The parameters as plain numbers. */
  readonly draw: DrawNumbers;
  /** [N, C, H, W]. */
  readonly images: Tensor;
}

/** A variant of one image, ready to be shown. */
export interface Shown {
  readonly variant: Variant;
  /** Its place in the variant. */
  readonly index: number;
  readonly planes: Planes;
  readonly source?: readonly Point[];
  readonly mask?: Planes;
  readonly boxes?: readonly Box[];
  /** Probabilities of the classes. */
  readonly labels?: readonly number[];
}

export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** One batch if all have one shape, else each alone. */
export function groupsOf(images: readonly Tensor[], companions: Companions): Group[] {
  const isOneShape = images.every((image) => sameShape(image.shape, images[0].shape));
  const places = [...images.keys()];
  const batches = isOneShape ? [places] : places.map((i) => [i]);
  return batches.map((of) => ({
    of,
    images: stack(of.map((i) => images[i])),
    ...Object.fromEntries(
      Object.entries(companions).flatMap(([name, all]: [string, Tensor | undefined]) =>
        all === undefined ? [] : [[name, all.take(tensor([...of]).astype("int32"), 0)]],
      ),
    ),
  }));
}

/** Refuses companions that have not one entry an image. */
export function checkCompanions(where: string, companions: Companions, count: number): void {
  for (const [name, value] of Object.entries(companions) as [string, Tensor | undefined][]) {
    if (value !== undefined && value.shape[0] !== count) {
      refuse(
        where,
        `${name} must have an entry for each of ${count} images, got shape ${formatShape(value.shape)}`,
      );
    }
  }
  const { boxes, labels, masks } = companions;
  if (boxes && (boxes.ndim !== 3 || boxes.shape[2] !== 4)) {
    refuse(where, `boxes must be [N, M, 4], got ${formatShape(boxes.shape)}`);
  }
  if (masks?.ndim !== undefined && masks.ndim !== 4) {
    refuse(where, `masks must be [N, 1, H, W], got ${formatShape(masks.shape)}`);
  }
  if (labels && (labels.ndim !== 2 || !isFloat(labels.dtype))) {
    refuse(where, `labels must be probabilities [N, K], got ${labels.dtype} ${formatShape(labels.shape)}`);
  }
}

/** One draw for a group, and what it makes of each of its images. */
export async function drawVariant(transform: Transform, group: Group, seed: number): Promise<Shown[]> {
  const { of, ...batch } = group;
  const key = withDevice(group.images.device, () => random.key(seed));
  const result = run(transform, key, batch);
  const variant = {
    seed,
    of,
    params: result.params,
    draw: await numbersOf(result.params),
    images: result.images,
  };
  const sources = await sourcesOf(transform, result.params, group.images);
  return Promise.all(of.map((_, index) => shown(variant, index, result, sources[index])));
}

async function shown(
  variant: Variant,
  index: number,
  { masks, boxes, labels }: Companions,
  source: readonly Point[] | undefined,
): Promise<Shown> {
  return {
    variant,
    index,
    source,
    planes: await planesOf(variant.images.take(index, 0)),
    ...(masks && { mask: await planesOf(masks.take(index, 0)) }),
    ...(boxes && { boxes: (await boxes.take(index, 0).array()) as unknown as Box[] }),
    ...(labels && { labels: (await labels.take(index, 0).array()) as number[] }),
  };
}
