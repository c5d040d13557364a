import type { Kind, Tasks } from "./workload";

/** What a library computed, by name. */
export type Results = Readonly<Record<string, ArrayLike<number>>>;

/** A workload on a library, its inputs on the device. */
export interface Run {
  /** Starts the work once more; awaits what it cannot go on without. */
  readonly start: () => unknown;
  /** Resolves when all that was started is done. */
  readonly finish: () => unknown;
  /** Does the work for the first time and reads the results. */
  readonly first: () => Promise<Results>;
}

/** How a library does the work of each kind; undefined where it was written for no such kind or shape. */
export type Programs = { readonly [K in Kind]?: Program<Tasks[K]> };
export type Program<T> = (task: T) => Run | Promise<Run> | undefined;

/** Loads a library and opens its device. */
export type Open = () => Promise<Programs>;

/** How far each parameter went in a training step: what is compared, for beside the parameter it is small. */
export async function trainingResults(
  loss: ArrayLike<number>,
  before: Readonly<Record<string, { readonly data: Float32Array }>>,
  after: (name: string) => Promise<ArrayLike<number>>,
): Promise<Results> {
  const results: Record<string, ArrayLike<number>> = { loss };
  for (const [name, { data }] of Object.entries(before)) {
    const moved = await after(name);
    results[name] = Float64Array.from(data, (from, i) => moved[i] - from);
  }
  return results;
}
