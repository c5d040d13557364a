import { expect } from "chai";
import { cpu, devices, grad, matmul, ones, tensor, withDevice, type Device, type Tensor } from "../../../lib";
import { canonicalize } from "../../../lib/graph/canonical";
import { software } from "../../support/targets";
import { expectClose, numbers } from "../../support/close";

const [rows, columns] = [40, 12];
const table = (): Tensor =>
  tensor(
    Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
    { shape: [rows, columns] },
  );

/** What may be made of ten rows from `start` on. */
const uses: Readonly<Record<string, (x: Tensor, start: number) => Tensor>> = {
  themselves: (x, start) => x.slice([start, 0], [start + 10, columns]),
  "some of their columns": (x, start) => x.slice([start, start % 5], [start + 10, (start % 5) + 4]),
  "every third of their elements": (x, start) =>
    x
      .reshape([-1])
      .neg()
      .slice([start], [start + 31], [3]),
  "every second row, backwards": (x, start) => x.slice([start, 0], [start + 10, columns], [2, 1]).flip(0),
  "rows of what was reshaped and transposed": (x, start) =>
    x
      .reshape([rows * 2, 6])
      .transpose()
      .slice([1, start], [5, start + 10]),
  "a product": (x, start) => matmul(x.slice([start, 0], [start + 10, columns]), ones([columns, 3])),
  "a product with what they are multiplied by from the left": (x, start) =>
    matmul(ones([3, 10]), x.slice([start, 0], [start + 10, columns])).relu(),
  "sums over either axis": (x, start) => {
    const window = x.slice([start, 0], [start + 10, columns]);
    return window.sum(0).add(window.sum(1).mean());
  },
  "two windows at once": (x, start) =>
    x.slice([start, 0], [start + 10, columns]).sub(x.slice([rows - 10 - start, 0], [rows - start, columns])),
  "a gradient": (x, start) =>
    grad((w: Tensor) =>
      matmul(x.slice([start, 0], [start + 10, columns]), w)
        .tanh()
        .sum(),
    )(ones([columns])),
};

describe("a window into a tensor that has its values", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  for (const [name, use] of Object.entries(uses)) {
    it(`shows what lies under it, wherever it starts: ${name}`, async () => {
      const on = (device: Device, start: number): Tensor => withDevice(device, () => use(table(), start));
      for (const start of [0, 1, 4, 7, 8, 30]) {
        await expectClose(on(gpu, start), await numbers(on(cpu, start)), 1e-5);
      }
    });
  }

  it("is the same program wherever it starts, but for vectors of four", () => {
    const key = (x: Tensor, start: number): string =>
      canonicalize([x.slice([0, start], [rows, start + 4]).node], software.traits).key;
    withDevice(gpu, () => {
      const x = table();
      expect(key(x, 5)).to.equal(key(x, 7));
      expect(key(x.reshape([columns, rows]).transpose(), 5)).to.equal(
        key(x.reshape([columns, rows]).transpose(), 7),
      );
      expect(key(x, 8)).to.equal(key(x, 0));
      expect(key(x, 5)).not.to.equal(key(x, 8));
      const rowsKey = (start: number): string =>
        canonicalize([x.slice([start, 0], [start + 3, columns]).node], software.traits).key;
      expect(rowsKey(5)).to.equal(rowsKey(8));
    });
  });
});
