import { expect } from "chai";
import { ArgumentError, nn, random } from "../../../lib";
import { close, numbers, onCpu } from "./support";

describe("initialisers", () => {
  const { init } = nn;
  const dense = [200, 50];
  const conv = [32, 16, 3, 3];

  for (const [name, initializer, shape, variance] of [
    ["glorotUniform", init.glorotUniform, dense, 2 / 250],
    ["glorotNormal", init.glorotNormal, conv, 2 / (48 * 9)],
    ["heUniform", init.heUniform, dense, 2 / 200],
    ["heNormal", init.heNormal, conv, 2 / (16 * 9)],
    ["heNormal of outputs", (k, s) => init.heNormal(k, s, { mode: "fanOut" }), conv, 2 / (32 * 9)],
    ["lecunUniform", init.lecunUniform, conv, 1 / (16 * 9)],
    ["lecunNormal with a gain", (k, s) => init.lecunNormal(k, s, { gain: 2 }), dense, 4 / 200],
  ] as [string, nn.Initializer, number[], number][]) {
    onCpu(`${name} has its variance`, async () => {
      const w = initializer(random.key(1), shape);
      expect(w.shape).to.deep.equal(shape);
      expect(await w.variance().item()).to.be.within(0.93 * variance, 1.07 * variance);
      expect(await w.mean().item()).to.be.closeTo(0, 4 * Math.sqrt(variance / w.size));
    });
  }

  onCpu("glorotUniform stays within √(6 / (in + out))", async () => {
    const limit = Math.sqrt(6 / 250);
    const values = await numbers(init.glorotUniform(random.key(0), dense));
    expect(Math.max(...values.map(Math.abs))).to.be.within(0.99 * limit, limit);
  });

  onCpu("orthogonal has orthonormal rows or columns", async () => {
    const tall = init.orthogonal(random.key(2), [6, 3]);
    const wide = init.orthogonal(random.key(2), [3, 2, 2, 2], { gain: 2 }).reshape([3, 8]);
    const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    close(await numbers(tall.transpose().matmul(tall)), identity, 1e-10);
    close(
      await numbers(wide.matmul(wide.transpose())),
      identity.map((v) => 4 * v),
      1e-10,
    );
  });

  onCpu("refuse shapes without inputs and outputs", () => {
    expect(() => init.heNormal(random.key(0), [3])).to.throw(
      ArgumentError,
      "heNormal: shape must be [in, out]",
    );
    expect(() => init.orthogonal(random.key(0), [3])).to.throw(ArgumentError, "at least two axes");
    expect(() => init.heNormal(random.key(0), [3, 3], { mode: "in" } as never)).to.throw(
      ArgumentError,
      'mode must be "fanIn"',
    );
  });
});
