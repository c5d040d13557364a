import {
  arange,
  concatenate,
  cpu,
  devices,
  grad,
  tensor,
  withDevice,
  type Device,
  type Tensor,
} from "../../../lib";
import { expectClose, numbers } from "../../support/close";

const count = (n: number): Tensor => arange(1, n + 1).astype("float32");

/** Programs that once gave other numbers on a GPU than in float64, or none. */
const programs: Readonly<Record<string, () => Tensor>> = {
  "the maximum over a middle axis of length 1": () => count(4).reshape([2, 1, 2]).max(1),
  "the place of the minimum over a middle axis of length 1": () => count(4).reshape([2, 1, 2]).argmin(1),
  "softmax over a middle axis of length 1": () => count(20).reshape([2, 1, 10]).softmax(1),
  "the maximum over all of one number": () => tensor([[3]]).max(),
  "what is repeated twice, flipped": () => count(4).reshape([2, 2]).repeat(2, 0).repeat(2, 1).flip(1),
  "what is flipped, flattened and flipped again": () =>
    count(12).reshape([2, 2, 3]).flip(0).reshape([12]).flip(0),
  "what is flipped, flattened and taken backwards": () =>
    count(12).reshape([2, 2, 3]).flip(0).reshape([12]).slice([11], [-13], [-1]),
  "a gradient through parts that are flipped": () =>
    grad((x: Tensor) =>
      concatenate([x, x.mul(2), x.flip(0)], 0)
        .reshape([2, 2, 3])
        .flip(0)
        .cumsum(1)
        .sin()
        .sum(),
    )(count(4)),
  "the gradient of sorting a single number": () =>
    grad((x: Tensor) => x.sort(0).expandDims(1).square().sum())(count(1)),
};

describe("a program of corners", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  for (const [name, program] of Object.entries(programs)) {
    it(`is what float64 finds: ${name}`, async () => {
      await expectClose(withDevice(gpu, program), await numbers(withDevice(cpu, program)), 1e-5);
    });
  }
});
