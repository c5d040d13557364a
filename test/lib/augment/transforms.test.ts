import { expect } from "chai";
import * as augment from "../../../lib/augment";
import type { Params, Transform } from "../../../lib/augment";
import { cpu, random, stack, tensor, withDevice, zeros, Tensor, type NestedArray } from "../../../lib/tensor";
import { jit } from "../../../lib/transform";
import { transforms } from "./support/transforms";

const F = augment.functional;
const onCpu = <T>(fn: () => T): T => withDevice(cpu, fn);
const keyOf = (seed: number): Tensor => onCpu(() => random.key(seed));
const pictures = (shape: number[], seed = 3): Tensor => onCpu(() => random.uniform(random.key(seed), shape));

/** The draw of one image out of that of a batch. */
function drawOf(params: Params, i: number): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      value instanceof Tensor ? value.take(i, 0) : drawOf(value, i),
    ]),
  );
}

async function numbersOf(params: Params): Promise<unknown> {
  const entries = Object.entries(params).map(
    async ([name, value]): Promise<[string, unknown]> =>
      [name, value instanceof Tensor ? await value.array() : await numbersOf(value)], // prettier-ignore
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function difference(a: Tensor, b: Tensor): Promise<number> {
  expect(a.shape).to.deep.equal(b.shape);
  return a.sub(b).abs().max().item();
}

describe("augment's transforms", () => {
  const images = pictures([3, 3, 12, 16]);

  for (const [name, make] of Object.entries(transforms)) {
    it(`${name} draws by its key alone, and replays a draw exactly`, async () => {
      const [transform, again] = [make(), make()];
      const params = onCpu(() => transform.sample(keyOf(7), images.shape));
      const same = onCpu(() => again.sample(keyOf(7), images.shape));
      const first = onCpu(() => transform.apply(params, images));
      const second = onCpu(() => again.apply(same, images));
      expect(await second.data()).to.deep.equal(await first.data());
      expect(first.shape.slice(0, 2)).to.deep.equal([3, 3]);
      expect(await numbersOf(params)).to.deep.equal(await numbersOf(same));
    });
  }

  const together = ["mixup", "cutmix", "gaussianNoise"]; // an image alone has no partner, and other noise
  for (const [name, make] of Object.entries(transforms).filter(([n]) => !together.includes(n))) {
    it(`${name} gives each image its own draw`, async () => {
      const transform = make();
      const params = onCpu(() => transform.sample(keyOf(1), images.shape));
      const all = onCpu(() => transform.apply(params, images));
      for (const i of [0, 2]) {
        const alone = onCpu(() => transform.apply(drawOf(params, i), images.take(i, 0)));
        expect(await difference(alone, all.take(i, 0))).to.be.below(1e-12);
      }
    });
  }

  it("replay exactly on the default device, compiled or not", async () => {
    const transform = augment.compose([
      augment.randomHorizontalFlip(),
      augment.randomCrop(6),
      augment.pcaColor(),
    ]);
    const batch = random.uniform(random.key(0), [4, 3, 8, 8]);
    await batch.data();
    const params = transform.sample(random.key(5), batch.shape);
    const first = await transform.apply(params, batch).data();
    expect(await transform.apply(params, batch).data()).to.deep.equal(first);
    const again = transform.sample(random.key(5), batch.shape);
    expect(await transform.apply(again, batch).data()).to.deep.equal(first);
    const compiled = jit((key: Tensor, x: Tensor) => transform.apply(transform.sample(key, x.shape), x));
    expect(
      await difference(compiled(random.key(5), batch), tensor(first, { shape: [4, 3, 6, 6] })),
    ).to.be.below(1e-6);
  });

  it("draw the same on every device", async () => {
    const sample = (): Params => transforms["randomAffine"]().sample(random.key(9), [5, 3, 12, 16]);
    const [here, there] = [await numbersOf(sample()), await numbersOf(onCpu(sample))];
    for (const [name, values] of Object.entries(there as Record<string, number[]>)) {
      values.forEach(
        (value, i) =>
        expect((here as Record<string, number[]>)[name][i]).to.be.closeTo(value, 1e-4), // prettier-ignore
      );
    }
  });
});

describe("the distribution of", () => {
  const draws = 10_000;
  const shape = [draws, 3, 256, 320];

  /** Pearson's statistic against its 99.9% quantile (Wilson and Hilferty's approximation). */
  function expectUniform(values: ArrayLike<number>, from: number, to: number): void {
    const bins = Math.min(to - from + 1, 25);
    const counts = new Array<number>(bins).fill(0);
    const sizes = new Array<number>(bins).fill(0);
    const binOf = (value: number): number => Math.floor(((value - from) * bins) / (to - from + 1));
    for (let value = from; value <= to; value++) sizes[binOf(value)]++;
    for (const value of Array.from(values)) {
      expect(value).to.be.within(from, to);
      counts[binOf(value)]++;
    }
    const expected = sizes.map((size) => (values.length * size) / (to - from + 1));
    const statistic = counts.reduce((sum, count, i) => sum + (count - expected[i]) ** 2 / expected[i], 0);
    const df = bins - 1;
    const limit = df * (1 - 2 / (9 * df) + 3.09 * Math.sqrt(2 / (9 * df))) ** 3;
    expect(statistic).to.be.below(limit);
  }

  async function drawn(transform: Transform, seed: number): Promise<Record<string, ArrayLike<number>>> {
    const params = onCpu(() => transform.sample(random.key(seed), shape));
    const entries = Object.entries(params).map(
      async ([name, value]) => [name, await (value as Tensor).data()] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  it("flips is even", async () => {
    const { flip } = await drawn(augment.randomHorizontalFlip(), 1);
    expectUniform(flip, 0, 1);
  });

  it("crops' corners is uniform, the last row and column included", async () => {
    const { top, left } = await drawn(augment.randomCrop(224), 2);
    expectUniform(top, 0, 32);
    expectUniform(left, 0, 96);
  });

  it("scale jitter's L is uniform in [256, 480], and so are its corners given L", async () => {
    const { side, top, left } = await drawn(augment.randomScaleJitter(224), 3);
    expectUniform(side, 256, 480);
    const fractionOf = (corner: ArrayLike<number>, room: (L: number) => number): number[] =>
      Array.from(corner, (value, i) => Math.floor((20 * (value + 0.5)) / (room(side[i]) + 1)));
    for (const [i, value] of Array.from(top).entries()) expect(value).to.be.within(0, side[i] - 224);
    expectUniform(fractionOf(top, (L) => L - 224), 0, 19); // prettier-ignore
    expectUniform(fractionOf(left, (L) => Math.floor((L * 320) / 256) - 224), 0, 19); // prettier-ignore
  });

  it("resized crops has areas and proportions in their ranges", async () => {
    const { top, left, height, width } = await drawn(augment.randomResizedCrop(224), 4);
    let area = 0;
    for (let i = 0; i < draws; i++) {
      expect(top[i] + height[i]).to.be.at.most(256);
      expect(left[i] + width[i]).to.be.at.most(320);
      expect(width[i] / height[i]).to.be.within(0.73, 1.37);
      area += (height[i] * width[i]) / (256 * 320) / draws;
    }
    expect(area).to.be.within(0.45, 0.54); // the largest areas often do not fit
  });

  for (const alpha of [0.2, 1, 3]) {
    it(`mixup's shares has the mean and variance of Beta(${alpha}, ${alpha})`, async () => {
      const [first, second] = await Promise.all(
        [5, 6].map(async (seed) => {
          const params = onCpu(() => augment.mixup({ alpha }).sample(random.key(seed), [1000, 1, 1, 1]));
          return Array.from(await params["share"].data());
        }),
      );
      const shares = [...first, ...second];
      const mean = shares.reduce((a, b) => a + b) / shares.length;
      const variance = shares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / shares.length;
      expect(mean).to.be.closeTo(0.5, 0.03);
      expect(variance).to.be.closeTo(1 / (4 * (2 * alpha + 1)), 0.015);
    });
  }
});

describe("a transform", () => {
  const image = pictures([3, 12, 16]);
  const scalar = (value: number): Tensor => onCpu(() => tensor(value));

  it("randomResizedCrop is a crop, resized", async () => {
    const params = { top: scalar(2), left: scalar(3), height: scalar(7), width: scalar(11) };
    const direct = onCpu(() => augment.randomResizedCrop([5, 6]).apply(params, image));
    expect(
      await difference(
        direct,
        onCpu(() => F.resize(F.crop(image, 2, 3, 7, 11), [5, 6])),
      ),
    ).to.be.below(1e-12);
  });

  it("randomResizedCrop falls back on torchvision's central window where no draw fits", async () => {
    // Twice the image's area never fits. Halves go to the even neighbour: 5/2 to 2, 7/2 to 4.
    const options = { scale: [2, 2], ratio: [2, 2] } as const;
    for (const [h, w, wanted] of [
      [9, 5, { top: 3, left: 0, height: 2, width: 5 }],
      [9, 7, { top: 2, left: 0, height: 4, width: 7 }],
      [2, 9, { top: 0, left: 2, height: 2, width: 4 }],
    ] as const) {
      const params = onCpu(() => augment.randomResizedCrop(4, options).sample(random.key(0), [1, h, w]));
      expect(await numbersOf(params)).to.deep.equal(wanted);
    }
  });

  it("centerCrop moves boxes with the pixels, also where it pads", async () => {
    for (let length = 1; length <= 9; length++) {
      for (let size = 1; size <= 16; size++) {
        const images = onCpu(() => tensor([Array.from({ length }, (_, i) => (i === 0 ? 1 : 0))], { shape: [1, 1, length] })); // prettier-ignore
        const boxes = onCpu(() => tensor([[[0, 0, 1, 1]]]).reshape([1, 4]));
        const moved = onCpu(() => augment.run(augment.centerCrop([1, size]), random.key(0), { images, boxes })); // prettier-ignore
        const first = ((await moved.images.reshape([size]).array()) as number[]).indexOf(1);
        const [[left, , right]] = (await moved.boxes!.array()) as number[][];
        expect([left, right], `${size} of ${length}`).to.deep.equal(first < 0 ? [0, 0] : [first, first + 1]);
      }
    }
  });

  it("randomScaleJitter is a crop of the resized image", async () => {
    for (const side of [9, 17]) {
      const params = { side: scalar(side), top: scalar(1), left: scalar(2) };
      const direct = onCpu(() => augment.randomScaleJitter(8, { range: [9, 17] }).apply(params, image));
      expect(
        await difference(
          direct,
          onCpu(() => F.crop(F.resize(image, side), 1, 2, 8, 8)),
        ),
      ).to.be.below(1e-12);
    }
  });

  it("pcaColor adds P (α ∘ λ)", async () => {
    const alpha = [0.1, -0.2, 0.3];
    const moved = onCpu(() => augment.pcaColor().apply({ alpha: tensor(alpha) }, image));
    const shift = await moved.sub(image).mean([1, 2]).array();
    const { eigenvalues, eigenvectors } = augment.imagenetColors;
    eigenvectors.forEach((row, c) =>
      expect((shift as number[])[c]).to.be.closeTo(
        row.reduce((sum, entry, i) => sum + entry * alpha[i] * eigenvalues[i], 0),
        1e-12,
      ),
    );
  });

  it("gaussianNoise has the deviation it drew", async () => {
    const grey = onCpu(() => zeros([2, 1, 80, 80]).add(0.5));
    const sigma = onCpu(() => tensor([0.01, 0.05]));
    const noisy = onCpu(() => augment.gaussianNoise().apply({ sigma, noiseKey: keyOf(1) }, grey));
    const [low, high] = await noisy.std([1, 2, 3]).data();
    expect(low).to.be.closeTo(0.01, 0.0004);
    expect(high).to.be.closeTo(0.05, 0.002);
  });

  it("randomErasing and cutout erase the rectangle of their parameters", async () => {
    for (const transform of [augment.randomErasing({ p: 1, value: -1 }), augment.cutout(5, { value: -1 })]) {
      const batch = pictures([20, 3, 12, 16]);
      const params = onCpu(() => transform.sample(keyOf(8), batch.shape));
      const erased = await onCpu(() => transform.apply(params, batch))
        .equal(-1)
        .sum([1, 2, 3])
        .data();
      const area = await params.height.mul(params.width).mul(3).data();
      expect(Array.from(erased)).to.deep.equal(Array.from(area));
      expect(Math.min(...area)).to.be.above(0);
    }
  });

  it("mixup mixes images and labels alike", async () => {
    const params = {
      share: onCpu(() => tensor([0.25, 1])),
      partner: onCpu(() => tensor([1, 0], { dtype: "int32" })),
    };
    const batch = onCpu(() => stack([zeros([1, 2, 2]), zeros([1, 2, 2]).add(1)]));
    const mixed = onCpu(() => augment.mixup().apply(params, batch));
    expect(await mixed.mean([1, 2, 3]).array()).to.deep.equal([0.75, 1]);
    const labels = onCpu(() => augment.mixup().labels!(params, tensor([[1, 0], [0, 1]]))); // prettier-ignore
    expect(await labels.array()).to.deep.equal([[0.25, 0.75], [0, 1]]); // prettier-ignore
  });

  it("cutmix mixes labels by the area that it pasted", async () => {
    const batch = onCpu(() => zeros([6, 1, 10, 10]).add(tensor([0, 1, 2, 3, 4, 5]).reshape([6, 1, 1, 1])));
    const transform = augment.cutmix();
    const params = onCpu(() => transform.sample(keyOf(3), batch.shape));
    const [pixels, own, partner] = await Promise.all([
      onCpu(() => transform.apply(params, batch)).array(),
      params.share.array(),
      params.partner.array(),
    ]);
    (pixels as number[][][][]).forEach(([plane], i) => {
      const foreign = (partner as number[])[i];
      const kept = plane.flat().filter((value) => value === i).length / 100;
      expect(plane.flat().every((value) => value === i || value === foreign)).to.equal(true);
      expect(foreign).not.to.equal(i);
      expect(kept).to.be.closeTo((own as number[])[i], 1e-9);
    });
    const labels = onCpu(() =>
      transform.labels!(params, tensor(Array.from({ length: 6 }, (_, i) => [i, 5 - i]))),
    );
    expect(labels.shape).to.deep.equal([6, 2]);
  });
});

describe("what goes along with images", () => {
  const size = 24;
  /** A bright rectangle, as image, mask and box. */
  const scene = (): { images: Tensor; masks: Tensor; boxes: Tensor } =>
    onCpu(() => {
      const masks = zeros([1, 1, 6, 8], { dtype: "int32" }).add(2).pad([[0, 0], [0, 0], [7, size - 13], [10, size - 18]]); // prettier-ignore
      const copies = masks.tile([8, 1, 1, 1]);
      return {
        images: copies.div(2),
        masks: copies,
        boxes: tensor([[[10, 7, 18, 13]]]).tile([8, 1, 1]),
      };
    });

  const geometric = {
    flips: augment.compose([augment.randomHorizontalFlip(), augment.randomVerticalFlip()]),
    crops: augment.randomCrop(20, { padding: 3 }),
    "resized crops": augment.randomResizedCrop(30, { scale: [0.5, 1] }),
    "scale jitter": augment.randomScaleJitter(28, { range: [30, 48] }),
    rotations: augment.randomRotation(35),
    "affine maps": augment.randomAffine({ degrees: 10, translate: [0.1, 0.1], scale: [0.8, 1.3], shear: 10 }),
    "resizing and centring": augment.compose([augment.resize(36), augment.centerCrop(30)]),
  };

  for (const [name, transform] of Object.entries(geometric)) {
    it(`follows ${name}`, async () => {
      const moved = onCpu(() => augment.run(transform, keyOf(11), scene()));
      expect(moved.masks!.dtype).to.equal("int32");
      expect(moved.masks!.shape).to.deep.equal(moved.images.shape);
      const [images, masks, boxes] = await Promise.all(
        [moved.images, moved.masks!, moved.boxes!].map(async (x) => (await x.array()) as NestedArray[]),
      );
      images.forEach((_, i) => {
        const [pixels, mask] = [images, masks].map((x) => (x[i] as number[][][])[0]);
        const [[left, top, right, bottom]] = boxes[i] as number[][];
        mask.forEach((row, y) =>
          row.forEach((value, x) => {
            expect([0, 2]).to.include(value);
            // Where the image is surely inside or outside, the mask says so, and the box encloses it.
            if (pixels[y][x] > 0.99) expect(value).to.equal(2);
            if (pixels[y][x] < 0.01) expect(value).to.equal(0);
            if (value === 2) {
              expect(x + 0.5).to.be.within(left - 0.5, right + 0.5);
              expect(y + 0.5).to.be.within(top - 0.5, bottom + 0.5);
            }
          }),
        );
      });
    });
  }

  it("stays where only colours change", async () => {
    const moved = onCpu(() => augment.run(augment.compose([augment.gaussianBlur(3)]), keyOf(1), scene()));
    expect(await difference(moved.masks!, scene().masks)).to.equal(0);
    expect(await difference(moved.boxes!, scene().boxes)).to.equal(0);
  });
});

describe("augment.compose", () => {
  it("applies one after the other, and names parameters after their transforms", async () => {
    const x = pictures([2, 3, 10, 10]);
    const [turn, crop] = [augment.randomRotation(30), augment.randomCrop(6)];
    const both = augment.compose([turn, crop, turn]);
    const params = onCpu(() => both.sample(keyOf(2), x.shape));
    expect(Object.keys(params)).to.deep.equal(["randomRotation", "randomCrop", "randomRotation2"]);
    const steps = onCpu(
      () =>
      turn.apply(params["randomRotation2"] as never, crop.apply(params["randomCrop"] as never,
        turn.apply(params["randomRotation"] as never, x))), // prettier-ignore
    );
    expect(
      await difference(
        onCpu(() => both.apply(params, x)),
        steps,
      ),
    ).to.equal(0);
  });

  it("takes any {sample, apply}, and refuses what is none", () => {
    const invert: Transform = { sample: () => ({}), apply: (_, x) => x.neg().add(1) };
    expect(augment.compose([invert]).apply({ transform: {} }, pictures([1, 2, 2])).shape).to.deep.equal([
      1, 2, 2,
    ]);
    expect(() => augment.compose([])).to.throw("at least one transform");
    expect(() => augment.compose([augment.randomCrop as never])).to.throw("call the function that makes it");
    expect(() => augment.compose([invert]).apply({}, pictures([1, 2, 2]))).to.throw(
      "params have no transform",
    );
  });

  it("refuses options that make no sense, naming them", () => {
    expect(() => augment.randomHorizontalFlip({ p: 2 })).to.throw(
      "p must be a probability, from 0 to 1, got 2",
    );
    expect(() => augment.randomHorizontalFlip({ prob: 1 } as never)).to.throw('unknown option "prob"');
    expect(() => augment.randomRotation([5, -5])).to.throw(
      "degrees must be [from, to] with from ≤ to, got [5, -5]",
    );
    expect(() => augment.randomCrop(9).sample(keyOf(1), [3, 8, 8])).to.throw("9 × 9 does not fit into 8 × 8");
    expect(() => augment.randomCrop(4).sample(keyOf(1), [8, 8])).to.throw("[…, C, H, W], got [8, 8]");
    expect(() => augment.randomScaleJitter(9, { range: [8, 12] }).sample(keyOf(1), [3, 8, 8])).to.throw(
      "does not fit",
    );
    expect(() => augment.colorJitter({ hue: 0.7 })).to.throw("hue must stay within ±0.5");
    expect(() => augment.colorJitter({ contrast: -1 })).to.throw("contrast must be at least 0, got -1");
    expect(() => augment.randAugment({ magnitude: 31 })).to.throw("magnitude must lie in [0, 31), got 31");
    expect(() => augment.mixup({ alpha: 0 })).to.throw("alpha must be a finite number above 0, got 0");
    expect(() => augment.mixup().sample(keyOf(1), [3, 8, 8])).to.throw("mixes a batch [N, C, H, W]");
    expect(() => augment.mixup().labels!({} as never, tensor([1, 2]))).to.throw(
      "nn.functional.oneHot(labels, K)",
    );
    expect(() => augment.pcaColor().apply({ alpha: tensor([1, 1, 1]) }, pictures([1, 4, 4]))).to.throw(
      "3 channels",
    );
  });
});
