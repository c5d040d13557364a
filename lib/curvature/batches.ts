import { Tensor } from "../tensor/tensor";
import { flattenTree } from "../transform/trees";
import { describe, refuse } from "../util/errors";

/** Batches of data: trees of tensors whose leading axis counts samples. They are gone through once and kept. */
export type Batches = Iterable<unknown> | AsyncIterable<unknown>;

export interface Batch {
  readonly value: unknown;
  /** The batch's part of all samples. */
  readonly weight: number;
}

const withoutData: readonly Batch[] = [{ value: undefined, weight: 1 }];

/** The batches with their weights; a promise only where they come as promises. */
export function collectBatches(
  where: string,
  data: Batches | undefined,
): readonly Batch[] | Promise<readonly Batch[]> {
  if (data === undefined) return withoutData;
  if (!(data instanceof Tensor) && typeof data === "object" && data !== null) {
    if (Symbol.iterator in data) return weighted(where, [...data]);
    if (Symbol.asyncIterator in data) return collectLater(where, data);
  }
  return refuse(where, `data must be batches, as an array or a loader, got ${describe(data)}`);
}

async function collectLater(where: string, data: AsyncIterable<unknown>): Promise<readonly Batch[]> {
  const values: unknown[] = [];
  for await (const value of data) values.push(value);
  return weighted(where, values);
}

function weighted(where: string, values: readonly unknown[]): readonly Batch[] {
  const counts = values.map((value, i) => countOf(where, value, i));
  const total = counts.reduce((a, b) => a + b, 0);
  if (total === 0) refuse(where, "data holds no samples");
  return values.map((value, i) => ({ value, weight: counts[i] / total }));
}

function countOf(where: string, value: unknown, index: number): number {
  const [first] = flattenTree(value).leaves.filter((t) => t.ndim > 0);
  return (
    first?.shape[0] ?? refuse(where, `batch ${index} of data has no tensor with a leading axis of samples`)
  );
}
