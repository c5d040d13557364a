import { expect } from "chai";
import { functional as F } from "../../../lib/augment";
import {
  arange,
  cpu,
  defaultDevice,
  random,
  tensor,
  withDevice,
  type Tensor,
  type TensorLike,
} from "../../../lib/tensor";
import { grad, jvp } from "../../../lib/transform";
import { expectTorchvision, golden } from "./support/golden";

const onCpu = <T>(fn: () => T): T => withDevice(cpu, fn);
const image = (shape: number[], seed = 0): Tensor => onCpu(() => random.uniform(random.key(seed), shape));

/** The pixels 1, 2, … of a line that torchvision's center_crop shows: padded with //, then cut with round. */
function torchvisionCentre(length: number, size: number): number[] {
  const lack = Math.max(0, size - length);
  const [before, after] = [(lack - (lack % 2)) / 2, (lack + (lack % 2)) / 2];
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  const padded = [...zeros(before), ...Array.from({ length }, (_, i) => i + 1), ...zeros(after)];
  const half = (padded.length - size) / 2;
  const nearest = [half - 0.5, half, half + 0.5].filter(Number.isInteger);
  const start = nearest.length === 1 ? nearest[0] : nearest.find((n) => n % 2 === 0)!;
  return padded.slice(start, start + size);
}

describe("augment.functional", () => {
  it("has torchvision's 20 reference images", () => {
    expect(golden.cases).to.have.length(20);
  });

  for (const reference of golden.cases) {
    it(`equals torchvision: ${reference.transform} ${JSON.stringify(reference.args)}`, () =>
      expectTorchvision(reference, cpu));
  }

  // One of each kind of kernel; `make acceptance` compiles them all.
  for (const kind of ["tenCrop", "rotate", "adjustHue", "gaussianBlur"]) {
    const reference = golden.cases.find(({ transform }) => transform === kind)!;
    it(`equals torchvision on the default device: ${kind}`, () =>
      expectTorchvision(reference, defaultDevice()));
  }

  const images = image([2, 3, 7, 9]);
  const perImage: Record<string, [(x: Tensor, p: TensorLike) => Tensor, number, number]> = {
    "crop's corner": [(x, p) => F.crop(x, p, p, 4, 4), 1, 3],
    "rotate's angle": [(x, p) => F.rotate(x, p), 20, -70],
    "affine's scale": [(x, p) => F.affine(x, { scale: p, angle: 5, shear: [4, 2], translate: [1, 0] }), 0.8, 1.3],
    "adjustBrightness's factor": [F.adjustBrightness, 0.5, 1.5],
    "adjustContrast's factor": [F.adjustContrast, 0.5, 1.5],
    "adjustSaturation's factor": [F.adjustSaturation, 0.5, 1.5],
    "adjustHue's factor": [F.adjustHue, -0.3, 0.2],
    "gaussianBlur's sigma": [(x, sigma) => F.gaussianBlur(x, 5, { sigma }), 0.5, 1.5],
    "resizedCrop's window": [
      (x, top) => F.resizedCrop(x, { top, left: 1, height: 4, width: 6.5 }, [5, 3]), 0, 2.5,
    ],
  }; // prettier-ignore
  for (const [name, [apply, first, second]] of Object.entries(perImage)) {
    it(`takes ${name} for each image`, async () => {
      const together = onCpu(() => apply(images, tensor([first, second])));
      for (const [i, value] of [first, second].entries()) {
        const alone = onCpu(() =>
          apply(images.take(i, 0), name.startsWith("crop") ? tensor([value]) : value),
        );
        const difference = await together
          .take(i, 0)
          .sub(alone.reshape(together.shape.slice(1)))
          .abs()
          .max()
          .item();
        expect(difference).to.be.below(1e-12);
      }
    });
  }

  const inParameter: Record<string, [(x: Tensor, p: Tensor) => Tensor, number]> = {
    "rotate's angle": [(x, p) => F.rotate(x, p), 20],
    "affine's scale": [(x, p) => F.affine(x, { scale: p }), 1.13],
    "affine's translation": [(x, p) => F.affine(x, { translate: p.mul([1, 0.5]) }), 0.7],
    "affine's shear": [(x, p) => F.affine(x, { shear: p.mul([1, 0.5]), angle: 3 }), 7],
    "adjustBrightness's factor": [F.adjustBrightness, 0.8],
    "adjustContrast's factor": [F.adjustContrast, 0.7],
    "adjustSaturation's factor": [F.adjustSaturation, 0.7],
    "adjustHue's factor": [F.adjustHue, 0.07],
    "gaussianBlur's sigma": [(x, sigma) => F.gaussianBlur(x, 5, { sigma }), 0.9],
    "resizedCrop's window": [
      (x, p) => F.resizedCrop(x, { top: p, left: 1, height: 4, width: p.add(3) }, [5, 3]), 2.37,
    ],
  }; // prettier-ignore
  for (const [name, [apply, at]] of Object.entries(inParameter)) {
    it(`is differentiable in ${name}`, async () => {
      const weights = image([64], 5);
      const loss = (p: Tensor): Tensor => {
        const y = apply(images, p);
        return y
          .reshape([-1])
          .mul(weights.tile(Math.ceil(y.size / 64)).slice([0], [y.size]))
          .sum();
      };
      const exact = await onCpu(() => grad(loss)(at)).item();
      const step = 1e-6;
      const [above, below] = await Promise.all(
        [at + step, at - step].map((p) => onCpu(() => loss(tensor(p))).item()),
      );
      expect(exact).to.be.closeTo((above - below) / (2 * step), 1e-5 * Math.max(1, Math.abs(exact)));
      expect(exact).not.to.equal(0);
    });
  }

  it("is differentiable in the images", async () => {
    const x = image([1, 3, 6, 5], 1);
    const chain = (y: Tensor): Tensor => {
      const turned = F.gaussianBlur(F.adjustHue(F.rotate(F.resize(y, [5, 6]), 30), 0.1), 3);
      return F.crop(F.hflip(turned), -1, 2, 4, 4).square().sum();
    };
    const slope = await onCpu(() => grad(chain)(x)).data();
    const step = 1e-6;
    for (const i of [0, 17, 44, 89]) {
      const moved = (by: number): Promise<number> => {
        const bump = Float64Array.from({ length: 90 }, (_, j) => (j === i ? by : 0));
        return onCpu(() => chain(x.add(tensor(bump, { shape: x.shape })))).item();
      };
      expect(slope[i]).to.be.closeTo(((await moved(step)) - (await moved(-step))) / (2 * step), 1e-6);
    }
  });

  it("is differentiable in images of windows of their own, and forward as well as backward", async () => {
    const windows = (x: Tensor): Tensor => F.crop(x, tensor([1, 3]), tensor([0, 4]), 3, 2);
    const ones = await onCpu(() => grad((x: Tensor) => windows(x).sum())(images)).array();
    (ones as number[][][][]).forEach((image, i) =>
      image.forEach((plane) => {
        const [top, left] = [[1, 0], [3, 4]][i]; // prettier-ignore
        plane.forEach((row, y) =>
          row.forEach((value, x) =>
            expect(value).to.equal(y >= top && y < top + 3 && x >= left && x < left + 2 ? 1 : 0),
          ),
        );
      }),
    );
    for (const change of [
      (a: Tensor) => F.rotate(images, a),
      (a: Tensor) => F.resizedCrop(images, { top: a, left: 1, height: 4, width: 5 }, 3),
    ]) {
      const loss = (a: Tensor): Tensor => change(a).square().sum();
      const [, forward] = onCpu(() => jvp(loss, [tensor(1.3)], [tensor(1)]));
      expect(await forward.item()).to.be.closeTo(await onCpu(() => grad(loss)(1.3)).item(), 1e-9);
    }
  });

  it("fills what a rotation leaves open", async () => {
    const data = await onCpu(() => F.rotate(tensor([[[1, 1, 1], [1, 1, 1], [1, 1, 1]]]), 45, { fill: 1 })).data();
    for (const value of data) expect(value).to.be.closeTo(1, 1e-12);
  }); // prettier-ignore

  it("flips and crops integers and planes, such as masks", async () => {
    const mask = tensor([[0, 1, 2], [3, 4, 5]], { dtype: "int32" }); // prettier-ignore
    expect(await F.hflip(mask).array()).to.deep.equal([[2, 1, 0], [5, 4, 3]]); // prettier-ignore
    expect(F.crop(mask, 0, 1, 2, 2).dtype).to.equal("int32");
    expect(await F.crop(mask, -1, 1, 2, 3).array()).to.deep.equal([[0, 0, 0], [1, 2, 0]]); // prettier-ignore
  });

  it("places every small central crop where torchvision does, larger and smaller than the image", async () => {
    for (let length = 1; length <= 12; length++) {
      const line = onCpu(() => arange(length).add(1));
      const [row, column] = onCpu(() => [line.reshape([1, length]), line.reshape([length, 1])]);
      for (let size = 1; size <= 20; size++) {
        const wanted = torchvisionCentre(length, size);
        const label = `${size} of ${length}`;
        expect(await F.centerCrop(row, [1, size]).array(), label).to.deep.equal([wanted]);
        expect(await F.centerCrop(column, [size, 1]).reshape([size]).array(), label).to.deep.equal(wanted);
        if (size > length) continue;
        expect(await F.fiveCrop(row, [1, size])[4].array(), label).to.deep.equal([wanted]);
        const mirrored = torchvisionCentre(length, size).map((_, i) => length + 1 - wanted[i]);
        expect(await F.tenCrop(row, [1, size])[9].array(), label).to.deep.equal([mirrored]);
      }
    }
  });

  it("refuses what is no image, and parameters that make no sense", () => {
    const x = image([2, 3, 8, 8]);
    expect(() => F.hflip([1, 2])).to.throw("hflip: images must have shape […, H, W], got [2]");
    expect(() => F.rotate(x.astype("int32"), 3)).to.throw("images must be floats in [0, 1], got int32");
    expect(() => F.adjustHue(image([2, 8, 8]), 0.1)).to.throw("1 or 3 channels, got 2 in shape [2, 8, 8]");
    expect(() => F.adjustHue(x, 0.7)).to.throw("factor must lie in [-0.5, 0.5], got 0.7");
    expect(() => F.adjustContrast(x, -1)).to.throw("factor must not be negative, got -1");
    expect(() => F.rotate(x, [1, 2, 3])).to.throw("have the batch's shape [2], got [3]");
    expect(() => F.rotate(x, NaN)).to.throw("angle must be finite, got NaN");
    expect(() => F.rotate(x, 3, { interpolation: "bicubic" as never })).to.throw('"bilinear" or "nearest"');
    expect(() => F.affine(x, { translate: [1, 2, 3] })).to.throw("translate must be a pair [x, y]");
    expect(() => F.resize(x, 0)).to.throw("size must be a whole number of pixels, at least 1, got 0");
    expect(() => F.resize(x, [3] as never)).to.throw("size must be a number or [height, width], got [3]");
    expect(() => F.resize(x, 3, { antialas: true } as never)).to.throw('did you mean "antialias"?');
    expect(() => F.fiveCrop(x, 9)).to.throw("crops of 9 × 9 do not fit into images of 8 × 8");
    expect(() => F.gaussianBlur(x, 4)).to.throw("kernelSize must be odd, got 4");
    expect(() => F.gaussianBlur(x, 17)).to.throw("kernelSize 17 reaches beyond the mirror image");
    expect(() => F.gaussianBlur(x, 3, { sigma: 0 })).to.throw("sigma must be positive, got 0");
    expect(() => F.normalize(x, [1, 2], 1)).to.throw(
      "mean must be a number or have one for each of 3 channels",
    );
    expect(() => F.normalize(x, 0, [1, 0, 1])).to.throw("std must not be 0, got [1, 0, 1]");
  });
});
