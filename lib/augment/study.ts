/** Whether augmentation helps: a small network trained on few images, with and without. */
import { crossEntropy } from "../nn/functional";
import { mlp } from "../nn/models";
import type { Module } from "../nn";
import { adam, applyUpdates } from "../optim";
import { random, tensor, type Tensor } from "../tensor";
import { jit, valueAndGrad } from "../transform";
import { checkWhole } from "../util/checks";
import { checkOptions, refuse } from "../util/errors";
import { formatShape } from "../util/shapes";
import { Figure, palette, progress, Report, type PlotlyJson } from "../viz";
import { gaussianNoise } from "./color";
import { randomAffine, randomRotation } from "./geometric";
import { checkTransform, compose, type Transform } from "./transform";

export interface StudyOptions {
  /** What is compared, by name; undefined trains on the images as they are. */
  readonly transforms?: Readonly<Record<string, Transform | undefined>>;
  /** Training images of each class; 10 unless given. All others are the test. */
  readonly perClass?: number;
  /** How often each is repeated, with other images and first weights; 5 unless given. */
  readonly seeds?: number;
  /** Steps of Adam, each on all training images, drawn anew; 300 unless given. */
  readonly steps?: number;
  /** 0.003 unless given. */
  readonly learningRate?: number;
  /** The network; a perceptron of 64 hidden units unless given. */
  readonly model?: Module;
}

export interface StudyNumbers {
  /** Test accuracies by the transforms' names, an entry a seed. */
  readonly accuracies: Readonly<Record<string, readonly number[]>>;
}

const where = "study";

/** Changes for small images of digits: what each of the lecture's augmentations does alone, and all together. */
export function studyTransforms(): Record<string, Transform | undefined> {
  const parts = {
    noise: gaussianNoise({ sigma: 0.1 }),
    translation: randomAffine({ translate: [0.125, 0.125] }),
    scaling: randomAffine({ scale: [0.85, 1.15] }),
    rotation: randomRotation(15),
  };
  return { none: undefined, ...parts, all: compose(Object.values(parts)) };
}

/**
 * Trains a network on a few labelled images with each of some transforms, several times, and reports the accuracies on
 * all other images. The same seed has the same images and first weights with every transform, so that differences are
 * the transforms'. `images` are [N, H, W] or [N, C, H, W], `labels` their classes.
 */
export async function study(
  dataset: { readonly images: Tensor; readonly labels: Tensor },
  options: StudyOptions = {},
): Promise<Report<StudyNumbers>> {
  checkOptions(where, options, ["transforms", "perClass", "seeds", "steps", "learningRate", "model"]);
  const { seeds = 5, steps = 300, perClass = 10, learningRate = 0.003 } = options;
  for (const [name, value] of Object.entries({ seeds, steps, perClass })) {
    checkWhole(where, name, value, 1);
  }
  const { transforms = studyTransforms() } = options;
  const images = withChannel(dataset.images);
  const labels = Array.from(await dataset.labels.data());
  if (labels.length !== images.shape[0]) {
    refuse(where, `there are ${images.shape[0]} images and ${labels.length} labels`);
  }
  const { model = mlp([64, Math.max(...labels) + 1]) } = options;
  const splits = await Promise.all(
    Array.from({ length: seeds }, (_, seed) => splitOf(images, labels, perClass, seed)),
  );
  const bar = progress(seeds * Object.keys(transforms).length, { label: "study" });
  const accuracies: Record<string, number[]> = {};
  try {
    for (const [name, transform] of Object.entries(transforms)) {
      if (transform !== undefined) checkTransform(where, `transforms.${name}`, transform);
      const train = trainer(model, transform, learningRate);
      accuracies[name] = [];
      for (const [seed, split] of splits.entries()) {
        accuracies[name].push(await train(split, seed, steps));
        bar.advance();
      }
    }
  } finally {
    bar.end();
  }
  return reportOf(accuracies, { perClass, seeds, steps });
}

function withChannel(images: Tensor): Tensor {
  if (images.ndim === 4) return images;
  if (images.ndim === 3) return images.expandDims(1);
  return refuse(where, `images must be [N, H, W] or [N, C, H, W], got ${formatShape(images.shape)}`);
}

interface Samples {
  readonly images: Tensor;
  readonly labels: Tensor;
}

interface Split {
  readonly train: Samples;
  readonly test: Samples;
}

/** The first `perClass` images of each class in an order drawn from `seed`, and the rest. */
async function splitOf(
  images: Tensor,
  labels: readonly number[],
  perClass: number,
  seed: number,
): Promise<Split> {
  const order = await random.permutation(random.key(seed), labels.length).data();
  const counts = new Map<number, number>();
  const [train, test]: number[][] = [[], []];
  for (const i of order) {
    const count = counts.get(labels[i]) ?? 0;
    counts.set(labels[i], count + 1);
    (count < perClass ? train : test).push(i);
  }
  const short = [...counts].find(([, count]) => count <= perClass);
  if (short !== undefined) {
    refuse(where, `class ${short[0]} has ${short[1]} images: ${perClass} to train on leave none to test`);
  }
  const select = (places: readonly number[]): Samples => ({
    images: images.take(tensor(Int32Array.from(places)), 0),
    labels: tensor(Int32Array.from(places, (i) => labels[i])),
  });
  return { train: select(train), test: select(test) };
}

const waitEvery = 25;

type Trainer = (split: Split, seed: number, steps: number) => Promise<number>;

/** Trains `model` on transformed images and gives its accuracy on the test's as they are. */
function trainer(model: Module, transform: Transform | undefined, learningRate: number): Trainer {
  const optimizer = adam({ learningRate });
  const step = jit(
    (params: object, slots: never, state: object, key: Tensor, images: Tensor, labels: Tensor) => {
      const seen =
        transform === undefined ? images : transform.apply(transform.sample(key, images.shape), images);
      const loss = (p: object): Tensor =>
        crossEntropy(model.apply({ params: p, state }, seen, { train: true, key }).y, labels);
      const [value, slopes] = valueAndGrad(loss)(params);
      const { updates, state: next } = optimizer.update(slopes, slots, params);
      return { params: applyUpdates(params, updates), slots: next, loss: value };
    },
  );
  return async ({ train, test }, seed, steps) => {
    const { params, state } = model.init(random.key(seed), train.images.shape.slice(1));
    let now = { params: params, slots: optimizer.init(params) as unknown };
    for (let i = 0; i < steps; i++) {
      const key = random.foldIn(random.key(seed), i);
      const { loss, ...next } = step(now.params, now.slots as never, state, key, train.images, train.labels);
      now = next;
      // Work that is never waited for piles up on the device.
      if (i % waitEvery === waitEvery - 1) await loss.item();
    }
    const { y } = model.apply({ params: now.params, state }, test.images, { train: false });
    return y.argmax(-1).equal(test.labels).mean().item();
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b) / values.length;
}

/** The standard deviation of a sample; none of one value. */
function spreadOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
}

function reportOf(
  accuracies: Record<string, number[]>,
  { perClass, seeds, steps }: { perClass: number; seeds: number; steps: number },
): Report<StudyNumbers> {
  const percent = (value: number): string => `${(100 * value).toFixed(1)}%`;
  const rows = Object.entries(accuracies).map(([name, values]) => [
    name,
    percent(meanOf(values)),
    percent(spreadOf(values)),
    percent(Math.min(...values)),
    percent(Math.max(...values)),
  ]);
  return new Report({
    title: `Test accuracy from ${perClass} images a class`,
    numbers: { accuracies },
    tables: [{ columns: ["augmentation", "mean", "standard deviation", "least", "greatest"], rows }],
    figures: [accuracyFigure(accuracies)],
    notes: [
      `${seeds} seeds, ${steps} steps each; the same images and first weights with every augmentation.`,
    ],
  });
}

/** A point a seed, and the mean as a line through them. */
function accuracyFigure(accuracies: Record<string, number[]>): Figure {
  const entries = Object.entries(accuracies);
  const points: PlotlyJson = {
    type: "scatter",
    mode: "markers",
    name: "a seed",
    x: entries.flatMap(([name, values]) => values.map(() => name)),
    y: entries.flatMap(([, values]) => values.map((value) => 100 * value)),
    marker: { size: 9, color: palette.blue, opacity: 0.7 },
  };
  const means: PlotlyJson = {
    type: "scatter",
    mode: "markers",
    name: "mean",
    x: entries.map(([name]) => name),
    y: entries.map(([, values]) => 100 * meanOf(values)),
    marker: { size: 34, symbol: "line-ew", line: { width: 4, color: palette.vermillion } },
  };
  const layout = { yaxis: { title: { text: "test accuracy, %" } }, xaxis: { type: "category" } };
  return new Figure([points, means], layout, "Test accuracy by augmentation");
}
