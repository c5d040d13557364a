import { expect } from "chai";
import { ArgumentError, grad, hvp, nn, random, type Tensor } from "../../../lib";
import { onCpu } from "./support";

const counts: [string, nn.Module, number[], number][] = [
  ["AlexNet", nn.models.alexnet(), [3, 224, 224], 61_100_840],
  ["VGG-11", nn.models.vgg11(), [3, 224, 224], 132_863_336],
  ["VGG-16", nn.models.vgg16(), [3, 224, 224], 138_357_544],
  ["ResNet-18", nn.models.resnet18(), [3, 224, 224], 11_689_512],
  ["ResNet-34", nn.models.resnet34(), [3, 224, 224], 21_797_672],
  ["ResNet-20 for CIFAR", nn.models.resnet20Cifar(), [3, 32, 32], 269_722],
  ["LeNet-5", nn.models.lenet(), [1, 28, 28], 61_706],
  ["a perceptron", nn.models.mlp([100, 10]), [784], 784 * 100 + 100 + 1010],
];

describe("models have the papers' numbers of parameters", () => {
  for (const [name, model, shape, parameters] of counts) {
    onCpu(`${name}: ${parameters}`, () => {
      expect(nn.summary(model, shape).numbers.parameters).to.equal(parameters);
    });
  }

  onCpu("and the known operations: ResNet-18 1.8, VGG-16 15.5 billion multiply-adds", () => {
    expect(nn.summary(nn.models.resnet18(), [3, 224, 224]).numbers.flops / 2e9).to.be.closeTo(1.82, 0.01);
    expect(nn.summary(nn.models.vgg16(), [3, 224, 224]).numbers.flops / 2e9).to.be.closeTo(15.48, 0.01);
  });

  onCpu("or refuse options they do not have", () => {
    expect(() => nn.models.resnet18({ class: 10 } as never)).to.throw(
      ArgumentError,
      'did you mean "classes"',
    );
    expect(() => nn.models.mlp([])).to.throw(ArgumentError, "widths must be an array of layer sizes");
  });
});

describe("summary", () => {
  onCpu("lists every layer with its place, shape, parameters, operations and memory", () => {
    const model = nn.sequential({ conv: nn.conv2d(4, 3), tail: nn.sequential(nn.flatten(), nn.dense(2)) });
    const report = nn.summary(model, [1, 6, 6]);
    expect(report.numbers.layers.map((l) => [l.path, l.kind, l.parameters, l.flops, l.bytes])).to.deep.equal([
      ["conv", "conv2d", 40, 2 * 9 * 64, 4 * (64 + 40)],
      ["tail.0", "flatten", 0, 0, 4 * 64],
      ["tail.1", "dense", 130, 2 * 64 * 2, 4 * (2 + 130)],
    ]);
    expect(String(report)).to.match(/tail\.1 +dense +\[1, 2\] +130/);
  });
});

describe("a residual network", () => {
  const model = nn.models.resnet20Cifar({ classes: 3 });
  const shape = [2, 3, 8, 8];

  onCpu("runs forward, backward and twice differentiated", async () => {
    const key = random.key(0);
    const { params, state } = model.init(key, shape);
    const x = random.normal(key, shape);
    const loss = (p: typeof params): Tensor =>
      nn.loss.crossEntropy(model.apply({ params: p, state }, x, { train: true }).y, [0, 2]);
    const gradient = grad(loss)(params);
    const product = hvp(loss, params, gradient);
    const value = await product.dense.w.square().sum().item();
    expect(value).to.be.greaterThan(0).and.below(Infinity);
    expect(product.conv.w.shape).to.deep.equal([16, 3, 3, 3]);
  }).timeout(60_000);
});
