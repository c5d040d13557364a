import { expect } from "chai";
import { augment, data, nn, optim, random, tensor, valueAndGrad, type Tensor } from "../../../lib";

describe("networks on software Vulkan", () => {
  it("a small convolutional network reads 97% of held-out digits after less than ten minutes", async () => {
    const { train, test } = await data.trainTestSplit(data.digits5000());
    const init = nn.init.heNormal;
    const model = nn.sequential(
      nn.conv2d(16, 3, { padding: 1, bias: false, init }),
      nn.batchNorm(),
      nn.relu(),
      nn.maxPool2d(2),
      nn.conv2d(32, 3, { padding: 1, bias: false, init }),
      nn.batchNorm(),
      nn.relu(),
      nn.maxPool2d(2),
      nn.flatten(),
      nn.dropout(0.3),
      nn.dense(64, { init }),
      nn.relu(),
      nn.dense(10),
    );
    const epochs = 12;
    const loader = data.loader(train, {
      batchSize: 64,
      shuffle: random.key(1),
      dropLast: true,
      transform: augment.randomCrop(20, { padding: 2 }),
    });
    const rate = optim.cosine(6e-3, { steps: epochs * loader.length });
    const fitted = await nn.fit(model, optim.adam({ learningRate: rate }), loader, {
      epochs,
      validation: data.loader(test, { batchSize: 500 }),
    });
    const { validation } = fitted.history.epochs.at(-1)!;
    expect(validation!.metrics["accuracy"]).to.be.at.least(0.97);
  });

  it("ResNet-18 goes forward and backward on two pictures of 224 × 224", async () => {
    const { images } = data.photographs();
    const x = augment.functional.resize(images.slice([0], [2]), 224);
    const model = nn.models.resnet18();
    const { params, state } = model.init(random.key(0), x.shape);
    const labels = tensor([3, 7], { dtype: "int32" });
    const loss = (p: typeof params): Tensor =>
      nn.loss.crossEntropy(model.apply({ params: p, state }, x, { train: true }).y, labels);
    const [value, grads] = valueAndGrad(loss)(params);
    const norm = await optim.globalNorm(grads).item();
    expect(await value.item()).to.be.within(5, 12); // log 1000 = 6.9
    expect(norm).to.be.greaterThan(0).and.below(1e4);
    const moved = optim.sgd({ learningRate: 0.01 });
    const { updates } = moved.update(grads, moved.init(params), params);
    expect(await loss(optim.applyUpdates(params, updates)).item()).to.be.below(await value.item());
  });
});
