import { checkOptions, describe, refuse } from "../util/errors";

export interface LinearScalingOptions {
  /** The rate that is right for one rank's batch. */
  readonly learningRate: number;
  /** By how many times the batch is larger: the number of ranks. */
  readonly ranks: number;
  /** Over how many steps the rate grows from one rank's to its own; 0 unless given. */
  readonly warmup?: number;
}

/**
 * The learning rate of a batch that is `ranks` times as large: `ranks` times the rate, to which it climbs linearly, for
 * at the start the loss is too curved for it (Goyal et al. 2017, "Accurate, Large Minibatch SGD", §2).
 */
export function linearScaling(options: LinearScalingOptions): (step: number) => number {
  const where = "linearScaling";
  checkOptions(where, options, ["learningRate", "ranks", "warmup"]);
  const { learningRate, ranks, warmup = 0 } = options;
  if (!(learningRate > 0)) refuse(where, `learningRate must be more than 0, got ${describe(learningRate)}`);
  if (!Number.isInteger(ranks) || ranks < 1) {
    refuse(where, `ranks must be a whole number from 1, got ${describe(ranks)}`);
  }
  if (!(warmup >= 0)) refuse(where, `warmup must be a number of steps, got ${describe(warmup)}`);
  return (step) => learningRate * (1 + (ranks - 1) * (warmup === 0 ? 1 : Math.min(1, step / warmup)));
}
