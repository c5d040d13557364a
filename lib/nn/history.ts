/** What a training has seen, as plain numbers. */
import type { Measures } from "./steps";

/** Means over the samples of an epoch. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly validation?: { readonly loss: number; readonly metrics: Readonly<Record<string, number>> };
  /** Steps done when it ended. */
  readonly step: number;
  /** Wall-clock time of the epoch's training, in seconds. */
  readonly seconds: number;
}

export interface History {
  /** The loss of each step's batch, before the step. */
  readonly losses: number[];
  /** The norm of the gradient over all parameters, at each step. */
  readonly gradNorms: number[];
  readonly epochs: EpochRecord[];
}

/** A mean over samples that grows batch by batch. */
export interface Sums {
  readonly count: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export const noSums: Sums = { count: 0, loss: 0, metrics: {} };

export function addTo(sums: Sums, { loss, metrics }: Measures, samples: number): Sums {
  const added = Object.entries(metrics).map(([name, value]) => [
    name,
    (sums.metrics[name] ?? 0) + value * samples,
  ]);
  return {
    count: sums.count + samples,
    loss: sums.loss + loss * samples,
    metrics: Object.fromEntries(added) as Record<string, number>,
  };
}

export function meansOf({ count, loss, metrics }: Sums): Pick<EpochRecord, "loss" | "metrics"> {
  const means = Object.entries(metrics).map(([name, sum]) => [name, sum / count]);
  return { loss: loss / count, metrics: Object.fromEntries(means) as Record<string, number> };
}

/** `loss 0.231 · accuracy 0.94`, for a line of progress. */
export function describeMeans({ loss, metrics }: Pick<EpochRecord, "loss" | "metrics">): string {
  const parts = Object.entries({ loss, ...metrics }).map(([name, value]) => `${name} ${short(value)}`);
  return parts.join(" · ");
}

export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
