import { expect } from "chai";
import { arange, avgPool2d, conv2d, cpu, maxPool2d, ones, vmap, withDevice, zeros } from "../../../lib";
import type { Tensor } from "../../../lib";

const onCpu = <T>(f: () => T): T => withDevice(cpu, f);
const ramp = (...shape: number[]): Tensor =>
  arange(shape.reduce((a, b) => a * b))
    .astype("float64")
    .reshape(shape);

describe("conv2d", () => {
  it("slides kernels over images without turning them", () =>
    onCpu(async () => {
      const y = conv2d(ramp(1, 1, 3, 3), [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]);
      expect(await y.array()).to.deep.equal([
        [
          [
            [27, 37],
            [57, 67],
          ],
        ],
      ]);
    }));

  it("takes padding as a count, a pair, four counts, or so that sizes stay the same", () => {
    const [x, w] = [zeros([2, 3, 7, 8]), zeros([4, 3, 3, 3])];
    expect(conv2d(x, w, { padding: 1 }).shape).to.deep.equal([2, 4, 7, 8]);
    expect(conv2d(x, w, { padding: [0, 2] }).shape).to.deep.equal([2, 4, 5, 10]);
    expect(
      conv2d(x, w, {
        padding: [
          [1, 0],
          [0, 2],
        ],
      }).shape,
    ).to.deep.equal([2, 4, 6, 8]);
    expect(conv2d(x, w, { padding: "same" }).shape).to.deep.equal([2, 4, 7, 8]);
    expect(conv2d(x, w, { padding: "same", stride: 2 }).shape).to.deep.equal([2, 4, 4, 4]);
  });

  it("of mapped kernels equals the convolution with each", () =>
    onCpu(async () => {
      const [x, w] = [ramp(2, 4, 5, 5), ramp(3, 6, 2, 3, 3)];
      const options = { groups: 2, padding: 1, stride: 2 };
      const all = vmap((k: Tensor) => conv2d(x, k, options))(w);
      const last = conv2d(x, w.slice([2], [3]).squeeze(0), options);
      expect(await all.slice([2], [3]).squeeze(0).array()).to.deep.equal(await last.array());
    }));

  it("refuses what does not fit, naming the shapes", () => {
    const x = zeros([1, 3, 4, 4]);
    expect(() => conv2d(zeros([3, 4, 4]), zeros([1, 3, 2, 2]))).to.throw(
      "conv2d: x must have shape [samples, channels, height, width], got [3, 4, 4]",
    );
    expect(() => conv2d(x, zeros([2, 2, 2, 2]))).to.throw(/3 channels and w of shape \[2, 2, 2, 2\]/);
    expect(() => conv2d(x, zeros([2, 3, 5, 5]))).to.throw(
      "conv2d: a window of 5 × 5 does not fit into images of 4 × 4 with padding 0",
    );
    expect(() => conv2d(x, zeros([2, 3, 2, 2]), { stride: 0 })).to.throw(/stride must be .* got 0/);
    expect(() => conv2d(x, zeros([2, 3, 2, 2]), { padding: "valid" as never })).to.throw(
      /padding .* got "valid"/,
    );
    expect(() => conv2d(x, zeros([2, 3, 2, 2]), { strides: 2 } as never)).to.throw(/did you mean "stride"/);
  });
});

describe("pooling", () => {
  it("takes the greatest or the mean of each window", () =>
    onCpu(async () => {
      const x = ramp(1, 1, 4, 4);
      expect(await maxPool2d(x, { kernel: 2 }).array()).to.deep.equal([
        [
          [
            [5, 7],
            [13, 15],
          ],
        ],
      ]);
      expect(await avgPool2d(x, { kernel: 2 }).array()).to.deep.equal([
        [
          [
            [2.5, 4.5],
            [10.5, 12.5],
          ],
        ],
      ]);
      expect(await maxPool2d(x, { kernel: [1, 3], stride: 1 }).array()).to.deep.equal([
        [
          [
            [2, 3],
            [6, 7],
            [10, 11],
            [14, 15],
          ],
        ],
      ]);
    }));

  it("lets no padding win a maximum, and counts it in a mean", () =>
    onCpu(async () => {
      const x = ones([1, 1, 2, 2]).neg();
      expect(await maxPool2d(x, { kernel: 2, padding: 1 }).array()).to.deep.equal([
        [
          [
            [-1, -1],
            [-1, -1],
          ],
        ],
      ]);
      expect(await avgPool2d(x, { kernel: 2, padding: 1 }).array()).to.deep.equal([
        [
          [
            [-0.25, -0.25],
            [-0.25, -0.25],
          ],
        ],
      ]);
    }));

  it("refuses padding that windows could lie in, and a missing kernel", () => {
    expect(() => maxPool2d(zeros([1, 1, 4, 4]), { kernel: 2, padding: 2 })).to.throw(
      "maxPool2d: padding must be less than the kernel, got 2 for a kernel of 2 × 2",
    );
    expect(() => avgPool2d(zeros([1, 1, 4, 4]), {} as never)).to.throw(/kernel must be .* got undefined/);
  });
});
