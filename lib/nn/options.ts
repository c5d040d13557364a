/** What a training is told, and what it tells. */
import type { Tensor } from "../tensor";
import type { Loss, Metrics } from "./batch";
import type { Best } from "./checkpoint";
import type { EpochRecord, History } from "./history";
import type { Variables } from "./module";

/** Batches, as `data.loader` gives them: an epoch each time it is iterated. */
export interface Batches<B> extends AsyncIterable<B> {
  /** Batches in an epoch. */
  readonly length: number;
  /** Where the next batch comes from, so that a training can go on. */
  readonly position?: unknown;
  seek?(position: never): void;
}

/** What is known after a step; its tensors may be kept. */
export interface StepReport<P = object, S = object> {
  /** Counted from 1. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly variables: Variables<P, S>;
}

/** What is known after an epoch. */
export interface EpochReport<P = object, S = object> extends EpochRecord {
  readonly variables: Variables<P, S>;
  readonly best: Best<P, S>;
  readonly history: History;
}

/** Called in a training; may be async. "stop" ends it. */
export interface Callback<P = object, S = object> {
  onStep?(report: StepReport<P, S>): unknown;
  onEpoch?(report: EpochReport<P, S>): unknown;
}

export interface FitOptions<P = object, S = object> {
  /** How many epochs there are in all, those of a checkpoint among them. */
  readonly epochs: number;
  /** Of outputs and targets; nn.loss.crossEntropy for class numbers unless given. */
  readonly loss?: Loss;
  /** Scalars of outputs and targets; { accuracy } for class numbers unless given. */
  readonly metrics?: Metrics;
  /** Batches to measure the model on after each epoch. */
  readonly validation?: AsyncIterable<unknown>;
  /** Stop after this many epochs in which the validation loss has not become less. */
  readonly patience?: number;
  /**
   * What layers compute in: "float16" keeps parameters in float32, scales the loss, and leaves out steps whose gradients
   * overflow, which have a gradient's norm of 0 in the history (see nn.mixedPrecision); float32 unless given.
   */
  readonly precision?: "float32" | "float16";
  /** What first variables and dropout are drawn with; random.key(0) unless given. */
  readonly key?: Tensor;
  /** Variables to begin with, instead of fresh ones. */
  readonly variables?: Variables<P, S>;
  /**
   * A file that is written after each epoch, and when the training is interrupted. If it is there already, the training
   * goes on from it, with the losses it would have had without stopping.
   */
  readonly checkpoint?: string;
  readonly callbacks?: readonly Callback<P, S>[];
  /** Whether a line of progress and growing curves are shown; true unless given. */
  readonly progress?: boolean;
}
