import { expect } from "chai";
import { data, nn, optim, random } from "../../../lib";

describe("a small convolutional network on the GPU", () => {
  it("has learnt most of the digits after 40 steps", async () => {
    const { train, test } = await data.trainTestSplit(data.digits());
    const image = <T extends { images: typeof train.images }>(set: T) => ({
      ...set,
      images: set.images.expandDims(1),
    });
    const model = nn.sequential(
      nn.conv2d(8, 3, { padding: 1, init: nn.init.heNormal }),
      nn.relu(),
      nn.maxPool2d(2),
      nn.flatten(),
      nn.dense(10),
    );
    const loader = data.loader(image(train), { batchSize: 36, shuffle: random.key(0), dropLast: true });
    const { history } = await nn.fit(model, optim.adam({ learningRate: 0.01 }), loader, {
      epochs: 1,
      validation: data.loader(image(test), { batchSize: 360 }),
      progress: false,
    });
    expect(history.losses).to.have.length(39);
    expect(history.epochs[0].validation!.metrics["accuracy"]).to.be.greaterThan(0.8);
  }).timeout(120_000);
});
