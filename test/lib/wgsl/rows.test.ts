import { expect } from "chai";
import { cpu, devices, tensor, withDevice, type Device, type Tensor } from "../../../lib";
import { sizeOf } from "../../../lib/util/shapes";
import { expectClose, numbers } from "../../support/close";

/** Middle axes: rows that align to fours, that do not, many and few, long and short, over several blocks. */
const shapes = [
  [16, 128, 256],
  [32, 200, 131],
  [17, 37, 131],
  [1, 50, 2049],
  [700, 5, 3],
  [3, 16_384, 5],
];

/** A product of 16,384 factors rounds as often. */
const tolerance = 3e-5;

const reductions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  max: (x) => x.max(1),
  sum: (x) => x.add(1).sum(1),
  argmax: (x) => x.argmax(1),
  logsumexp: (x) => x.logsumexp(1),
  "variance, its mean beside it": (x) => x.variance(1).add(x.mean(1)),
  "max of what is padded": (x) =>
    x
      .pad([
        [0, 0],
        [1, 2],
        [0, 0],
      ])
      .max(1),
  "product of what is shifted by its column": (x) => x.mul(1e-3).add(1).prod(1),
};

describe("a reduction over a middle axis", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  for (const shape of shapes) {
    for (const [name, reduce] of Object.entries(reductions)) {
      it(`of [${shape.join(", ")}] is what float64 finds: ${name}`, async () => {
        const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * Math.sin(1.7 * i));
        const on = (device: Device): Tensor =>
          withDevice(device, () => reduce(tensor(values, { shape, dtype: "float32" })));
        await expectClose(on(gpu), await numbers(on(cpu)), tolerance);
      });
    }
  }

  it("keeps NaN and infinities of rows that lie apart", async () => {
    const shape = [2, 40, 2049];
    const values = new Float32Array(2 * 40 * 2049).fill(-1);
    values[2049 * 7 + 3] = NaN;
    values[2049 * 9 + 11] = Infinity;
    values[2049 * 40 + 2048] = -Infinity;
    const on = (device: Device): Promise<number[]> =>
      numbers(withDevice(device, () => tensor(values, { shape }).max(1)));
    expect(await on(gpu)).to.deep.equal(await on(cpu));
  });
});
