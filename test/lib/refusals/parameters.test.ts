import { expect } from "chai";
import { ArgumentError, augment, ones, optim, tensor, withDevice, cpu, nn, type Tensor } from "../../../lib";

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
