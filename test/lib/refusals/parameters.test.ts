import { expect } from "chai";
import {
  ArgumentError,
  augment,
  cpu,
  linalg,
  nn,
  ones,
  optim,
  random,
  tensor,
  withDevice,
  type Tensor,
} from "../../../lib";

describe("an update without parameters", () => {
  const optimizers: Readonly<Record<string, optim.Optimizer>> = {
    sgd: optim.sgd(),
    adam: optim.adam(),
    adamw: optim.adamw(),
    adamax: optim.adamax(),
    nadam: optim.nadam(),
    adagrad: optim.adagrad(),
    rmsprop: optim.rmsprop(),
    adadelta: optim.adadelta(),
    chain: optim.chain(optim.clipByGlobalNorm(1), optim.adam()),
    addWeightDecay: optim.addWeightDecay(0.1),
    partition: optim.partition({ all: optim.sgd() }, () => "all"),
    accumulate: optim.accumulate(optim.sgd(), 2),
    lossScaling: optim.lossScaling(optim.sgd()),
  };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    it(`is refused by name: ${name}`, () => {
      const params = { w: tensor([1, 2]) };
      const state = optimizer.init(params);
      expect(() => optimizer.update(params, state, undefined as never)).to.throw(
        ArgumentError,
        /params must .*got undefined/,
      );
    });
  }
});

describe("an affine map", () => {
  it("is refused without an inverse, and where it mirrors", () => {
    const image = ones([1, 3, 4, 4]);
    for (const scale of [0, -1, [0], tensor([0])] as (number | Tensor)[]) {
      expect(() => augment.functional.affine(image, { scale })).to.throw(
        "affine: scale must be above 0, got",
      );
    }
  });
});

describe("class numbers", () => {
  it("that are NaN make the loss NaN, as those out of range do", () =>
    withDevice(cpu, async () => {
      const labels = tensor([0, NaN]).mul(1);
      const losses = nn.functional.crossEntropy([[1, 2], [3, 4]], labels, { reduction: "none" }); // prettier-ignore
      const [first, second] = (await losses.array()) as number[];
      expect([first > 0, second]).to.deep.equal([true, NaN]);
    }));
});

describe("a tensor where a number is wanted", () => {
  const half = tensor(0.5) as unknown as number;
  const calls: readonly (readonly [() => unknown, string])[] = [
    [() => nn.functional.dropout([1], half, random.key(0)), "dropout: rate must lie in [0, 1), got a Tensor"],
    [() => nn.dropout(half), "dropout: rate must lie in [0, 1), got a Tensor"],
    [() => nn.loss.huber([1], [2], { delta: half }), "huber: delta must be above 0, got a Tensor"],
    [
      () => nn.functional.layerNorm([[1]], [1], [0], { eps: half }),
      "layerNorm: eps must be above 0, got a Tensor",
    ],
    [() => nn.batchNorm({ momentum: half }), "batchNorm: momentum must lie in (0, 1], got a Tensor"],
    [() => linalg.pinv([[1]], { rcond: half }), "pinv: rcond must be at least 0, got a Tensor"],
    [() => linalg.matrixRank([[1]], { tol: half }), "matrixRank: tol must be at least 0, got a Tensor"],
    [
      () => augment.randomHorizontalFlip({ p: half }),
      "randomHorizontalFlip: p must be a probability, from 0 to 1",
    ],
  ];
  for (const [call, message] of calls)
    it(`is refused by name: ${message}`, () => expect(call).to.throw(message));
});
