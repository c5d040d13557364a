import { expect } from "chai";
import { cpu, tensor, withDevice } from "../../../lib";

describe("logsumexp with infinities", () => {
  for (const [device, run] of [
    ["cpu", (body: () => Promise<void>) => withDevice(cpu, body)],
    ["GPU", (body: () => Promise<void>) => body()],
  ] as const) {
    it(`is ∞ with one of ∞, −∞ of nothing but −∞, on the ${device}`, () =>
      run(async () => {
        const rows = tensor([
          [Infinity, 1],
          [-Infinity, -Infinity],
          [-Infinity, 3],
        ]);
        expect(await rows.logsumexp(1).array()).to.deep.equal([Infinity, -Infinity, 3]);
      }));
  }
});
