import { expect } from "chai";
import { ArgumentError, nn, random, zeros } from "../../../lib";
import { close, numbers, onCpu } from "./support";

const key = () => random.key(3);

/** What the types would not take. */
const wrong = (value: unknown): never => value as never;

describe("modules say what they want", () => {
  const { params } = nn.dense(2).init(key(), [1, 3]);
  const sequence = nn.sequential(nn.dense(2));
  const norm = nn.batchNorm();
  const x = zeros([1, 3]);
  for (const [message, make] of [
    ["conv2d: kernel must be a size or [height, width], got undefined", () => nn.conv2d(4, wrong(undefined))],
    [
      "conv2d: kernel must be a size or [height, width], got {kernel}",
      () => nn.conv2d(4, wrong({ kernel: 3 })),
    ],
    [
      "maxPool2d: kernel must be a size or [height, width], got undefined",
      () => nn.maxPool2d(wrong({ stride: 2 })),
    ],
    [
      "dense: inputShape must be an array of non-negative integers, got undefined",
      () => nn.dense(3).init(key(), wrong(undefined)),
    ],
    ["dense: key must be a key", () => nn.dense(3).init(wrong([3, 4]), [1, 3])],
    [
      "dense: variables must be {params, state}, as init gives them, got {w, b}",
      () => nn.dense(2).apply(wrong(params), x),
    ],
    ["sequential: variables must be {params, state}", () => sequence.apply(wrong([params]), x)],
    [
      "dense: variables must be {params, state}, as init gives them, got {params}",
      () => nn.dense(2).apply(wrong({ params: undefined }), x),
    ],
    [
      "dense: x must be a tensor, got [1, 2, 3]",
      () => nn.dense(2).apply({ params, state: {} }, wrong([1, 2, 3])),
    ],
    [
      "embedding: params must hold a tensor w",
      () => nn.embedding(2, 3).apply({ params: wrong({}), state: {} }, x),
    ],
    [
      "batchNorm: state must be {mean, variance}",
      () =>
        norm.apply({ params: norm.init(key(), [1, 3]).params, state: wrong(undefined) }, x, { train: true }),
    ],
    [
      "batchNorm: gamma must be a tensor, got undefined",
      () => norm.apply({ params: wrong({}), state: norm.init(key(), [1, 3]).state }, x),
    ],
  ] as const) {
    it(message, () => expect(make).to.throw(ArgumentError, message));
  }
});

describe("functions of networks", () => {
  onCpu("take arrays for tensors", async () => {
    const f = nn.functional;
    close(await numbers(f.crossEntropy([[0, 0]], [1])), [Math.LN2]);
    close(await numbers(f.layerNorm([[1, 3]], [1, 1], [0, 0], { eps: 1e-14 })), [-1, 1], 1e-9);
    close(await numbers(f.batchNorm([[1], [3]], [2], [1], { eps: 1e-14 })), [-1, 3], 1e-9);
    close(await numbers(f.dropout([1, 2], 0, key())), [1, 2]);
    close(await numbers(nn.loss.mse([1, 2], [1, 4])), [2]);
    close(await numbers(nn.loss.huber([3], [1])), [1.5]);
    close(await numbers(nn.metrics.accuracy([[1, 2]], [1])), [1]);
    close(await numbers(nn.metrics.topKAccuracy([[1, 2]], [0], 1)), [0]);
    close(await numbers(nn.metrics.confusionMatrix([[1, 2]], [0])), [0, 1, 0, 0]);
  });

  for (const [message, call] of [
    ["crossEntropy: logits must be", () => nn.functional.crossEntropy(wrong(undefined), [0])],
    ["layerNorm: x must be", () => nn.functional.layerNorm(wrong("text"), [1], [0])],
    ["batchNorm: x must be", () => nn.functional.batchNorm(wrong({}), [1], [0])],
    ["mae: predictions must be", () => nn.loss.mae(wrong(undefined), [1])],
    ["accuracy: logits must be", () => nn.metrics.accuracy(wrong(undefined), [1])],
  ] as const) {
    it(`refuse what is none: ${message}`, () => expect(call).to.throw(ArgumentError, message));
  }
});
