import { expect } from "chai";
import { delinearize, dimension, keyOf, linear, computed } from "../../../lib/loops/affine";
import { stridesOf } from "../../../lib/util/shapes";

describe("index arithmetic", () => {
  const shape = [2, 3, 5, 7];
  const index = computed({ kind: "scalar", slot: 0, dtype: "int32" }, 210, "value");

  it("takes an index apart and together again without a trace", () => {
    expect(keyOf(linear(delinearize(index, shape), stridesOf(shape)))).to.equal(keyOf(index));
  });

  it("keeps quotients and remainders that do not belong together", () => {
    const [n, c, y, x] = delinearize(index, shape);
    const transposed = linear([n, c, x, y], stridesOf([2, 3, 7, 5]));
    expect(transposed.terms.length).to.be.above(1);
    const flat = dimension(0, 210);
    expect(keyOf(linear(delinearize(flat, [14, 15]), [15, 1]))).to.equal(keyOf(flat));
  });
});
