import { expect } from "chai";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { mutants } from "../../support/planMutants";
import { findDifference, type Search } from "../../support/randomGraphs";

const search = join(__dirname, "../../support/findMutant.js");

/** In a process of its own, with a fault planted in its library. */
async function searchWithFault(number: number): Promise<Search> {
  const { stdout } = await promisify(execFile)(process.execPath, [search, String(number), "40"]);
  return JSON.parse(stdout) as Search;
}

describe("any graph", () => {
  it("is what its ops' rules say when a plan computes it", async () => {
    const { runs, failure } = await findDifference({ seconds: 10 });
    expect(failure).to.equal(undefined);
    expect(runs).to.be.above(200);
  }).timeout(120_000);
});

describe("the search for graphs that a plan computes wrongly", () => {
  for (const [number, { fault }] of mutants.entries()) {
    it(`finds that ${fault}`, async () => {
      const { failure } = await searchWithFault(number);
      expect(failure).to.be.a("string");
    }).timeout(120_000);
  }
});
