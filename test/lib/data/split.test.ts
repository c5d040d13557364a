import { expect } from "chai";
import { trainTestSplit } from "../../../lib/data";
import { splitIndices } from "../../../lib/data/split";
import { tensor } from "../../../lib/tensor";

const labels = Array.from({ length: 100 }, (_, index) => (index < 80 ? 0 : 1));
const count = (indices: Int32Array, label: number) =>
  indices.filter((index) => labels[index] === label).length;

describe("data.trainTestSplit", () => {
  it("puts every sample on one side", () => {
    const { train, test } = splitIndices(labels, { testFraction: 0.3 });
    expect(test).to.have.length(30);
    expect([...train, ...test].sort((a, b) => a - b)).to.deep.equal([...labels.keys()]);
  });

  it("keeps the classes' proportions, unless told not to", () => {
    const { test } = splitIndices(labels, { testFraction: 0.25 });
    expect([count(test, 0), count(test, 1)]).to.deep.equal([20, 5]);
    const plain = [0, 1, 2, 3, 4].map((seed) =>
      count(splitIndices(labels, { seed, stratify: false }).test, 1),
    );
    expect(new Set(plain)).to.have.length.above(1);
  });

  it("is the same for the same seed, another for another", () => {
    expect(splitIndices(labels, { seed: 7 })).to.deep.equal(splitIndices(labels, { seed: 7 }));
    expect(splitIndices(labels, { seed: 7 })).not.to.deep.equal(splitIndices(labels, { seed: 8 }));
  });

  it("splits tensors and labels alike and keeps the rest", async () => {
    const dataset = {
      x: tensor([[0], [1], [2], [3]]),
      labels: tensor([0, 1, 2, 3], { dtype: "int32" }),
      classes: ["a"],
    };
    const { train, test } = await trainTestSplit(dataset, { testFraction: 0.5, stratify: false });
    for (const side of [train, test]) {
      expect(side.x.shape).to.deep.equal([2, 1]);
      expect(Array.from(await side.x.data())).to.deep.equal(Array.from(await side.labels.data()));
      expect(side.classes).to.equal(dataset.classes);
    }
  });

  it("refuses fractions that leave a side empty", () => {
    expect(() => splitIndices(labels, { testFraction: 1 })).to.throw(
      "testFraction must lie between 0 and 1, got 1",
    );
    expect(() => splitIndices([0], { testFraction: 0.5 })).to.throw("leaves one side empty");
    expect(() => splitIndices(labels, { seed: 0.5 })).to.throw("seed must be a whole number, got 0.5");
  });
});
