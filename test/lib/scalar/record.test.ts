import { expect } from "chai";
import { cpu, devices, grad, tensor, withDevice } from "../../../lib";
import { apply, type Op } from "../../../lib/graph/node";
import { add, div, mul } from "../../../lib/ops/binary";
import { constantLike } from "../../../lib/ops/define";
import { elementwise } from "../../../lib/ops/elementwise";
import { abs } from "../../../lib/ops/unary";
import type { Num } from "../../../lib/scalar/lanes";
import { Tensor } from "../../../lib/tensor";
import { numbers } from "../../support/close";

/** All that there is to say of a new function, x / (1 + |x|). */
const softsignOp: Op = elementwise(
  {
    name: "softsign",
    exact: (x) => x / (1 + Math.abs(x)),
    body: (s, x: Num) => s.div(x, s.add(s.lit(1), s.abs(x))),
    ulps: { exact: 1, float32: 1 },
  },
  {
    dtype: ([x]) => x.dtype,
    partials: [
      (t, { inputs: [x] }) => {
        const size = add(constantLike(x, 1), abs(x));
        return div(t, mul(size, size));
      },
    ],
  },
);

describe("an elementwise op", () => {
  it("is one record, from which it has values and derivatives on each device", async () => {
    const softsign = (x: Tensor): Tensor => new Tensor(apply(softsignOp, [x.node]));
    const x = [-3, -0.5, 0, 0.25, 7];
    for (const device of [cpu, ...(await devices())]) {
      const [values, slopes] = withDevice(device, () => [
        softsign(tensor(x)),
        grad((y: Tensor) => softsign(y).sum())(tensor(x)),
      ]);
      const [y, slope] = [await numbers(values), await numbers(slopes)];
      x.forEach((at, i) => {
        expect(y[i], device.name).to.be.closeTo(at / (1 + Math.abs(at)), 1e-7);
        expect(slope[i], device.name).to.be.closeTo(1 / (1 + Math.abs(at)) ** 2, 1e-7);
      });
    }
  });
});
