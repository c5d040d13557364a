import { expect } from "chai";
import { cpu, grad, tensor, withDevice, type Tensor } from "../../../lib";

describe("softplus", () => {
  it("has its derivatives at 0 too: 1/2 and 1/4, and neither overflows nor vanishes far away", () =>
    withDevice(cpu, async () => {
      const f = (x: Tensor) => x.softplus().sum();
      const x = tensor([0, 800, -800]);
      const first = grad(f);
      expect(await first(x).array()).to.deep.equal([0.5, 1, 0]);
      const second = grad((t: Tensor) => first(t).sum())(x);
      expect(await second.array()).to.deep.equal([0.25, 0, 0]);
    }));
});
