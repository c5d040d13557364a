import { expect } from "chai";
import { functional as F, randAugment, randAugmentOperations, type Params } from "../../../lib/augment";
import { cpu, random, tensor, withDevice, type Tensor } from "../../../lib/tensor";

const onCpu = <T>(fn: () => T): T => withDevice(cpu, fn);
/** Bytes as torchvision has them, in [0, 1]. */
const bytes = (shape: number[], seed = 1): Tensor =>
  onCpu(() => random.randint(random.key(seed), shape, { minval: 20, maxval: 200 }).div(255));
const byteList = async (x: Tensor): Promise<number[]> =>
  Array.from(await x.data(), (v) => Math.round(255 * v));

/** PIL's histogram equalisation of one channel, as torchvision's `_scale_channel` writes it. */
function equalized(channel: readonly number[]): number[] {
  const histogram = new Array<number>(256).fill(0);
  for (const value of channel) histogram[value]++;
  const last = histogram.findLastIndex((count) => count > 0);
  const step = Math.floor((channel.length - histogram[last]) / 255);
  if (step === 0) return [...channel];
  let sum = 0;
  const table = histogram.map((count) => {
    const entry = Math.min(255, Math.floor((sum + Math.floor(step / 2)) / step));
    sum += count;
    return entry;
  });
  return channel.map((value) => table[value]);
}

describe("augment.functional's tones", () => {
  const image = bytes([3, 20, 30]);

  it("posterize keeps the upper bits", async () => {
    for (const bits of [1, 4, 8]) {
      const mask = 256 - 2 ** (8 - bits);
      const wanted = (await byteList(image)).map((value) => value & mask);
      expect(await byteList(onCpu(() => F.posterize(image, bits)))).to.deep.equal(wanted);
    }
  });

  it("solarize inverts what is bright", async () => {
    const wanted = (await byteList(image)).map((value) => (value >= 128 ? 255 - value : value));
    expect(await byteList(onCpu(() => F.solarize(image, 128 / 255)))).to.deep.equal(wanted);
  });

  it("autocontrast spans the range, and leaves a single value", async () => {
    const stretched = onCpu(() => F.autocontrast(image));
    expect(await stretched.min([1, 2]).array()).to.deep.equal([0, 0, 0]);
    expect(await stretched.max([1, 2]).array()).to.deep.equal([1, 1, 1]);
    const plain = onCpu(() => F.autocontrast(tensor([[[0.3, 0.3]]])));
    expect(await plain.array()).to.deep.equal([[[0.3, 0.3]]]);
  });

  it("equalize spreads bytes by their rank", async () => {
    const large = bytes([2, 1, 40, 50]);
    const all = await byteList(large);
    const wanted = [all.slice(0, 2000), all.slice(2000)].flatMap(equalized);
    expect(await byteList(onCpu(() => F.equalize(large)))).to.deep.equal(wanted);
    const small = bytes([1, 4, 4]);
    expect(await byteList(onCpu(() => F.equalize(small)))).to.deep.equal(await byteList(small));
  });

  it("adjustSharpness blends with the smoothed inner image", async () => {
    const spot = onCpu(() => tensor([[[0, 0, 0], [0, 0.5, 0], [0, 0, 0]]])); // prettier-ignore
    const [[, row]] = (await onCpu(() => F.adjustSharpness(spot, 0)).array()) as number[][][];
    expect(row[1]).to.be.closeTo((0.5 * 5) / 13, 1e-12);
    expect(
      await onCpu(() => F.adjustSharpness(image, 1).sub(image))
        .abs()
        .max()
        .item(),
    ).to.be.below(1e-12);
  });
});

describe("augment.randAugment", () => {
  const image = bytes([3, 24, 32], 2);

  function drawOf(operation: (typeof randAugmentOperations)[number], sign: 1 | -1): Params {
    return {
      operation: onCpu(() => tensor(randAugmentOperations.indexOf(operation), { dtype: "int32" })),
      sign: onCpu(() => tensor(sign, { dtype: "int32" })),
    };
  }

  /** The image after one operation of a given strength. */
  function after(operation: (typeof randAugmentOperations)[number], sign: 1 | -1, magnitude = 15): Tensor {
    const transform = randAugment({ operations: 1, magnitude });
    return onCpu(() => transform.apply({ operation: drawOf(operation, sign) }, image));
  }

  const half = 0.5; // magnitude 15 of 30; of 150/331 of 32 and of 24 pixels it is 7.25 and 5.44
  const expected: Record<string, [() => Tensor, 1 | -1]> = {
    identity: [() => image, 1],
    rotate: [() => F.affine(image, { angle: -30 * half }), 1],
    translateX: [() => F.affine(image, { translate: [-7, 0] }), -1],
    translateY: [() => F.affine(image, { translate: [0, 5] }), 1],
    brightness: [() => F.adjustBrightness(image, 1.45), 1],
    color: [() => F.adjustSaturation(image, 0.55), -1],
    contrast: [() => F.adjustContrast(image, 1.45), 1],
    sharpness: [() => F.adjustSharpness(image, 0.55), -1],
    posterize: [() => F.posterize(image, 6), 1],
    solarize: [() => F.solarize(image, half), 1],
    autocontrast: [() => F.autocontrast(image), 1],
    equalize: [() => F.equalize(image), 1],
  };
  for (const [operation, [wanted, sign]] of Object.entries(expected)) {
    it(`has ${operation}`, async () => {
      const difference = after(operation as never, sign).sub(onCpu(wanted));
      expect(await difference.abs().max().item()).to.be.below(1e-9);
    });
  }

  it("rounds the bits that posterize keeps as torch does, halves to even", async () => {
    // 4 · 1/8 and 4 · 5/8 lie halfway.
    for (const [magnitude, bits] of [
      [1, 8],
      [3, 6],
      [5, 6],
      [7, 4],
    ]) {
      // prettier-ignore
      const transform = randAugment({ operations: 1, magnitude, bins: 9 });
      const kept = onCpu(() => transform.apply({ operation: drawOf("posterize", 1) }, image));
      const wanted = onCpu(() => F.posterize(image, bits));
      expect(await kept.sub(wanted).abs().max().item(), `magnitude ${magnitude}`).to.equal(0);
    }
  });

  it("shears about the upper left corner", async () => {
    const sheared = (await after("shearX", 1).array()) as number[][][];
    const original = (await image.array()) as number[][][];
    // Row y moves by 0.15 (y + ½) pixels to the left, the first hardly at all.
    for (const [x, value] of original[0][0].slice(0, -1).entries()) {
      const wanted = value * (1 - 0.075) + original[0][0][x + 1] * 0.075;
      expect(sheared[0][0][x]).to.be.closeTo(wanted, 1e-9);
    }
  });
});
