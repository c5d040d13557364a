import { expect } from "chai";
import { format, inspect } from "node:util";
import { SaddleError, tensor } from "../../../lib";

describe("a tensor among JavaScript's operators", () => {
  const t = tensor(5);
  // What a program that is not checked may do.
  const value = t as unknown as number;

  /* eslint-disable eqeqeq, @typescript-eslint/restrict-plus-operands, @typescript-eslint/no-unnecessary-type-conversion -- they are what is tried */
  it("is refused by each that wants a number, naming the functions that do it", () => {
    const uses: readonly (() => unknown)[] = [
      () => value > 3,
      () => 3 <= value,
      () => value + value,
      () => value + 1,
      () => "a" + value,
      () => value - 1,
      () => value * 2,
      () => -value,
      () => +value,
      () => value ** 2,
      () => value == 5,
      () => Math.max(value, 1),
      () => Number(value),
      () => isNaN(value),
    ];
    for (const use of uses) {
      expect(use).to.throw(SaddleError, /a\.add\(b\), a\.mul\(b\), a\.greater\(b\)/);
    }
  });

  /* eslint-enable */

  it("still has a text, and can be looked at", () => {
    expect(t.toString()).to.match(/^Tensor\(\[\], float\d\d, .*\)$/);
    expect(`is ${t as unknown as string}`).to.equal(`is ${t.toString()}`);
    for (const text of [String(t), [t].join(), inspect(t), format("%s", t)]) {
      expect(text).to.equal(t.toString());
    }
    expect(inspect({ t, list: [t] })).to.contain("Tensor([]");
    expect(() => JSON.stringify({ shape: t.shape, t })).not.to.throw();
    expect(t === t && Boolean(t)).to.equal(true);
  });
});
