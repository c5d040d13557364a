/** Layers that behave differently in training and after it. */
import { Tensor } from "../tensor";
import { stopGradient } from "../transform";
import { checkIn } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import {
  channelMoments,
  dropout as drop,
  layerNorm as normalize,
  perChannel,
  standardize,
  type Moments,
} from "./functional";
import { ones, zeros } from "./init";
import { checked, mapping, nothing, type Module, type Nothing } from "./module";

/** What normalisation trains: y = gamma · x̂ + beta. */
export interface ScaleAndShift {
  readonly gamma: Tensor;
  readonly beta: Tensor;
}

/** What batch norm has seen in training. */
export interface Running {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

export interface BatchNormOptions {
  /** How much of the running averages a batch replaces; 0.1 unless given, as in torch. */
  readonly momentum?: number;
  /** Added to the variance; 1e-5 unless given. */
  readonly eps?: number;
}

/**
 * Batch normalisation of [n, c] or [n, c, h, w] (Ioffe & Szegedy 2015): by the batch's own mean and variance in
 * training, which move the running averages in the state; by these otherwise. As in torch, the running variance is the
 * unbiased one. With `psum`, the batch is that of all ranks (SyncBatchNorm).
 */
export function batchNorm(options: BatchNormOptions = {}): Module<ScaleAndShift, Running> {
  checkOptions("batchNorm", options, ["momentum", "eps"]);
  const { momentum = 0.1, eps = 1e-5 } = options;
  checkIn("batchNorm", "momentum", momentum, (m) => m > 0 && m <= 1, "lie in (0, 1]");
  checkIn("batchNorm", "eps", eps, (e) => e > 0, "be above 0");
  return checked({
    kind: "batchNorm",
    flops: (_, output) => 2 * sizeOf(output),
    init(key, inputShape) {
      const shape = [channelsOf(inputShape)];
      return {
        params: { gamma: ones(key, shape), beta: zeros(key, shape) },
        state: { mean: zeros(key, shape), variance: ones(key, shape) },
      };
    },
    apply({ params, state }, x, { train = false, psum } = {}) {
      if (!(state?.mean instanceof Tensor && state.variance instanceof Tensor)) {
        refuse("batchNorm", `state must be {mean, variance}, as init gives it, got ${describe(state)}`);
      }
      const batch = train ? channelMoments("batchNorm", x, psum) : undefined;
      const moments = batch ?? state;
      channelsOf(x.shape);
      const [mean, variance, gamma, beta] = [
        ["mean", moments.mean],
        ["variance", moments.variance],
        ["gamma", params.gamma],
        ["beta", params.beta],
      ].map(([name, value]) => perChannel(name as string, x, value as Tensor));
      const y = standardize(x, mean, variance, gamma, beta, eps);
      return { y, state: batch ? moved(state, batch, momentum) : state };
    },
  });
}

function channelsOf(shape: Shape): number {
  if (shape.length === 2 || shape.length === 4) return shape[1];
  return refuse(
    "batchNorm",
    `x must have shape [samples, channels] or [samples, channels, height, width], got ${formatShape(shape)}`,
  );
}

function moved(old: Running, { mean, variance, count }: Moments, momentum: number): Running {
  const correction =
    typeof count === "number" ? count / Math.max(count - 1, 1) : count.div(count.sub(1).maximum(1));
  const unbiased = variance.mul(correction);
  const blend = (a: Tensor, b: Tensor): Tensor => a.mul(1 - momentum).add(stopGradient(b).mul(momentum));
  return { mean: blend(old.mean, mean), variance: blend(old.variance, unbiased) };
}

/** Layer normalisation over the last axis (Ba, Kiros & Hinton 2016). */
export function layerNorm(options: { readonly eps?: number } = {}): Module<ScaleAndShift, Nothing> {
  checkOptions("layerNorm", options, ["eps"]);
  return checked({
    kind: "layerNorm",
    flops: (_, output) => 2 * sizeOf(output),
    init(key, inputShape) {
      const features = inputShape[inputShape.length - 1];
      if (features === undefined) refuse("layerNorm", "inputShape must have an axis of features, got []");
      return { params: { gamma: ones(key, [features]), beta: zeros(key, [features]) }, state: nothing };
    },
    apply: ({ params }, x) => ({ y: normalize(x, params.gamma, params.beta, options), state: nothing }),
  });
}

/**
 * In training, elements are zero with probability `rate` and the others divided by 1 − rate (Srivastava et al. 2014);
 * otherwise nothing happens.
 */
export function dropout(rate = 0.5): Module<Nothing, Nothing> {
  checkIn("dropout", "rate", rate, (r) => r >= 0 && r < 1, "lie in [0, 1)");
  return {
    ...mapping("dropout", (x) => x, 0),
    apply(_, x, { train = false, key } = {}) {
      if (!train || rate === 0) return { y: x, state: nothing };
      if (key === undefined) {
        refuse(
          "dropout",
          "needs a key in training: apply(variables, x, { train: true, key: random.key(0) })",
        );
      }
      return { y: drop(x, rate, key), state: nothing };
    },
  };
}
