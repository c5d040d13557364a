import { expect } from "chai";
import * as augment from "../../../lib/augment";
import { cpu, random, stack, tensor, withDevice, zeros, type Tensor } from "../../../lib/tensor";

const F = augment.functional;
const onCpu = <T>(fn: () => T): T => withDevice(cpu, fn);
const picture = (shape: number[]): Tensor => onCpu(() => random.uniform(random.key(4), shape));

describe("augment.recipes", () => {
  const small = {
    alexnet: augment.recipes.alexnet({ size: 14, square: 16 }),
    vgg: augment.recipes.vgg({ size: 14, range: [16, 32] }),
    "vgg, fixed": augment.recipes.vgg({ size: 14, range: 24 }),
    resnet: augment.recipes.resnet({ size: 14, range: [16, 30], scales: [14, 16, 24, 30, 40] }),
    inception: augment.recipes.inception({ size: 14, scales: [16, 18, 20, 22] }),
  };
  const crops = { alexnet: 10, vgg: 30, "vgg, fixed": 10, resnet: 50, inception: 144 };

  for (const [name, recipe] of Object.entries(small)) {
    it(`${name} trains on random crops and tests on ${crops[name as never] as number}`, async () => {
      const images = picture([2, 3, 18, 24]);
      const trained = onCpu(() => augment.run(recipe, random.key(1), { images }).images);
      expect(trained.shape).to.deep.equal([2, 3, 14, 14]);
      const tested = onCpu(() => recipe.crops(images));
      expect(tested).to.have.length(crops[name as keyof typeof crops]);
      for (const crop of tested) expect(crop.shape).to.deep.equal([2, 3, 14, 14]);
      expect(await trained.isNaN().any().item()).to.equal(0);
    });
  }

  it("have the lecture's sizes unless told otherwise", () => {
    const { recipes } = augment;
    const shape = [2, 3, 256, 340];
    for (const recipe of [recipes.alexnet(), recipes.vgg(), recipes.resnet(), recipes.inception()]) {
      const images = onCpu(() => zeros(shape));
      const params = onCpu(() => recipe.sample(random.key(0), shape));
      expect(onCpu(() => recipe.apply(params, images)).shape).to.deep.equal([2, 3, 224, 224]);
    }
    expect(onCpu(() => recipes.resnet().crops(zeros(shape)))).to.have.length(50);
  });
});

describe("augment.multiScaleCrops", () => {
  it("takes ten crops at each scale, in torchvision's order", async () => {
    const image = picture([3, 12, 18]);
    const crops = onCpu(() => augment.multiScaleCrops(image, { scales: [8, 10], size: 8 }));
    const wanted = onCpu(() => [8, 10].flatMap((scale) => F.tenCrop(F.resize(image, scale), 8)));
    expect(await stack(crops).sub(stack(wanted)).abs().max().item()).to.equal(0);
  });

  it("of a square image at the crops' own size are five equal ones", async () => {
    const crops = onCpu(() => augment.multiScaleCrops(picture([1, 9, 9]), { scales: [7], size: 7 }));
    const [first] = crops;
    for (const crop of crops.slice(0, 5)) expect(await crop.sub(first).abs().max().item()).to.equal(0);
  });

  it("refuses scales below the crops' size", () => {
    const crop = (): unknown => augment.multiScaleCrops(picture([3, 8, 8]), { scales: [8, 6], size: 7 });
    expect(crop).to.throw("at least the crops' size 7, got [8, 6]");
  });
});

describe("augment.predictTta", () => {
  const image = picture([3, 9, 12]);
  const crops = (x: Tensor): Tensor[] => F.tenCrop(x, 6);
  /** Logits from the mean of each channel. */
  const model = (x: Tensor): Tensor => x.mean([2, 3]).mul(10);

  it("averages probabilities, not logits, over the crops", async () => {
    const probabilities = onCpu(() => augment.predictTta(model, image, { crops }));
    const wanted = onCpu(() =>
      stack(crops(image).map((c) => model(c.expandDims(0)).softmax(-1).squeeze(0))).mean(0),
    );
    expect(probabilities.shape).to.deep.equal([3]);
    expect(await probabilities.sub(wanted).abs().max().item()).to.be.below(1e-12);
    expect(await probabilities.sum().item()).to.be.closeTo(1, 1e-12);
  });

  it("takes batches, and any number of crops", async () => {
    const batch = onCpu(() => stack([image, image.flip(-1)]));
    const many = (x: Tensor): Tensor[] =>
      augment.multiScaleCrops(x, { scales: [6, 7, 8], size: 6 }).slice(0, 23);
    const together = onCpu(() => augment.predictTta(model, batch, { crops: many }));
    expect(together.shape).to.deep.equal([2, 3]);
    const alone = onCpu(() => augment.predictTta(model, image, { crops: many(image) }));
    expect(await together.take(0, 0).sub(alone).abs().max().item()).to.be.below(1e-12);
  });

  it("refuses models that give no logits, and crops of several shapes", () => {
    const predict =
      (m: unknown, c: unknown = crops): (() => unknown) =>
      () =>
        onCpu(() => augment.predictTta(m as never, image, { crops: c as never }));
    expect(predict((x: Tensor) => x.mean())).to.throw("logits [10, K] of 10 images, got []");
    expect(predict({ apply: 1 })).to.throw("model must be a function of images");
    expect(predict(model, [image, tensor([1])])).to.throw("crops must be tensors of one shape");
    expect(predict(model, [])).to.throw("at least one tensor");
  });
});
