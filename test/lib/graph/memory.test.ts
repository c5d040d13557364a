import { expect } from "chai";
import { devices, ones, tensor, withDevice, zeros, type Device } from "../../../lib";
import { rejection } from "../../support/close";
import { trainPlainlyAlone } from "../../support/training";

describe("device memory", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  it("stays flat over a plain training loop", async () => {
    const { oneStep, live, firstLoss, lastLoss } = await trainPlainlyAlone(200);
    expect(lastLoss).to.be.lessThan(firstLoss / 2);
    expect(Math.max(...live)).to.be.lessThan(3 * oneStep);
  });

  it("that is not to be had is an error naming the tensor and its bytes, after which work goes on", () =>
    withDevice(gpu, async () => {
      const side = Math.ceil(Math.sqrt(gpu.limits.maxStorageBufferBindingSize / 4)) + 1;
      const column = tensor(
        Float32Array.from({ length: side }, () => 1),
        { shape: [side, 1] },
      );
      const tooMuch = column.add(zeros([1, side]).add(tensor(2)));
      const message = await rejection(tooMuch.data());
      expect(message).to.include(`add [${side}, ${side}]: needs ${side * side * 4} bytes`);
      expect(message).to.include(`allows ${gpu.limits.maxStorageBufferBindingSize}`);
      expect((await tooMuch.sum().item()) / (3 * side * side)).to.be.closeTo(1, 1e-6);
      expect(await ones([2]).add(1).array()).to.deep.equal([2, 2]);
    }));

  it("that is not to be had is no concern of those who do not read the tensor", () =>
    withDevice(gpu, async () => {
      const count = gpu.limits.maxStorageBufferBindingSize / 4 + 1;
      const unread = zeros([count]).add(tensor(2));
      let sum = zeros([2]);
      // Far more than is left pending.
      for (let i = 0; i < 5000; i++) sum = sum.add(1);
      expect(await sum.array()).to.deep.equal([5000, 5000]);
      expect(await rejection(unread.data())).to.match(/needs \d+ bytes in one buffer/);
    }));
});
