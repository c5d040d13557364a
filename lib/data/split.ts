import { Tensor } from "../tensor";
import { checkOptions, describe, refuse } from "../util/errors";
import { generator, shuffled } from "./shuffle";

export interface SplitOptions {
  /** Part of the samples that is kept for the test, between 0 and 1; 0.2 unless given. */
  readonly testFraction?: number;
  /** The same seed gives the same split; 0 unless given. */
  readonly seed?: number;
  /** Split every class in the same proportion; true unless given. */
  readonly stratify?: boolean;
}

export interface SplitIndices {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

const where = "trainTestSplit";

/**
 * A dataset in two, at random: every tensor of it that has an entry a label is split, the rest is kept
 * as it is. Refuses fractions that leave one side empty.
 */
export async function trainTestSplit<D extends { readonly labels: Tensor }>(
  dataset: D,
  options: SplitOptions = {},
): Promise<{ train: D; test: D }> {
  const indices = splitIndices(Array.from(await dataset.labels.data()), options);
  return { train: select(dataset, indices.train), test: select(dataset, indices.test) };
}

/** The shuffled indices of the samples on each side. */
export function splitIndices(labels: readonly number[], options: SplitOptions = {}): SplitIndices {
  checkOptions(where, options, ["testFraction", "seed", "stratify"]);
  const { testFraction = 0.2, seed = 0, stratify = true } = options;
  if (!(testFraction > 0 && testFraction < 1)) {
    refuse(where, `testFraction must lie between 0 and 1, got ${describe(testFraction)}`);
  }
  if (!Number.isInteger(seed)) refuse(where, `seed must be a whole number, got ${describe(seed)}`);

  const random = generator(seed);
  const order = shuffled(Array.from(labels.keys()), random);
  const groups = stratify ? byClass(order, labels) : [order];
  const train: number[] = [];
  const test: number[] = [];
  for (const group of groups) {
    const count = Math.round(testFraction * group.length);
    test.push(...group.slice(0, count));
    train.push(...group.slice(count));
  }
  if (train.length === 0 || test.length === 0) {
    refuse(where, `testFraction ${testFraction} of ${labels.length} samples leaves one side empty`);
  }
  const finish = (side: number[]) => Int32Array.from(shuffled(side, random));
  return { train: finish(train), test: finish(test) };
}

function byClass(order: readonly number[], labels: readonly number[]): number[][] {
  return [...new Set(labels)].map((label) => order.filter((index) => labels[index] === label));
}

function select<D extends { readonly labels: Tensor }>(dataset: D, indices: Int32Array): D {
  const count = dataset.labels.shape[0];
  const entries = Object.entries(dataset).map(([name, value]: [string, unknown]) => {
    const samples = value instanceof Tensor && value.shape[0] === count;
    return [name, samples ? value.take(indices, 0) : value] as const;
  });
  return Object.fromEntries(entries) as D;
}
