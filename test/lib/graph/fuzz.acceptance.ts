import { expect } from "chai";
import { findDifference } from "../../support/randomGraphs";

describe("any graph, for ten minutes", () => {
  it("is what its ops' rules say when a plan computes it", async () => {
    const { runs, failure } = await findDifference({ seconds: 600 });
    expect(failure).to.equal(undefined);
    expect(runs).to.be.above(10_000);
  });
});
