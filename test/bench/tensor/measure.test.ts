import { expect } from "chai";
import { median, summarize, type Measurement, type Outcome } from "../../../bench/tensor/measure";
import { transposed, uniform } from "../../../bench/tensor/numbers";
import { largestError } from "../../../bench/tensor/reference";
import { isLost, summary } from "../../../bench/tensor/report";
import { workloads } from "../../../bench/tensor/workloads";

const took = (time: number, changes: Partial<Measurement> = {}): Measurement => ({
  ...{ time, samples: [time], start: 1, first: 1, peak: 1, error: 0, wrong: false },
  ...changes,
});

function row(libraries: Record<string, Outcome>, rivals?: readonly string[]) {
  return summarize({ name: "row", title: "a row", cost: {}, rivals }, libraries);
}

describe("the tensor benchmark", () => {
  it("compares Saddle with the better of the peers that are right", () => {
    expect(row({ saddle: took(2), "jax-js": took(6), tfjs: took(4) }).ahead).to.equal(2);
    expect(row({ saddle: took(2), "jax-js": took(6), tfjs: took(4, { wrong: true }) }).ahead).to.equal(3);
    expect(row({ saddle: took(2), "jax-js": took(6), tfjs: took(1) }, ["jax-js"]).ahead).to.equal(3);
    expect(row({ saddle: took(2), hand: took(1) })).to.include({ ahead: undefined, ofHand: 2 });
  });

  it("loses a row whose result is wrong or missing, and none that was not compared", () => {
    expect(isLost(row({ saddle: took(1), tfjs: took(2) }))).to.equal(false);
    expect(isLost(row({ saddle: took(2), tfjs: took(1) }))).to.equal(true);
    expect(isLost(row({ saddle: took(1, { wrong: true }), tfjs: took(2) }))).to.equal(true);
    expect(isLost(row({ saddle: { kind: "failed", reason: "crashed" }, tfjs: took(2) }))).to.equal(true);
    expect(isLost(row({ saddle: took(1) }))).to.equal(false);
    expect(isLost(row({ tfjs: took(1) }))).to.equal(false);
  });

  it("ends its summary with how many rows Saddle is ahead in", () => {
    const rows = [row({ saddle: took(1), tfjs: took(2) }), row({ saddle: took(2), tfjs: took(1) })];
    expect(summary(rows).split("\n").at(-1)).to.equal("ahead: 1 of 2 rows");
    expect(summary(rows)).to.include("behind: row (1)");
  });

  it("measures errors against the largest element of each result", () => {
    const reference = { a: [1, -4], b: [0.5] };
    expect(largestError({ a: [1.5, -4], b: [0.5] }, reference)).to.equal(0.125);
    expect(largestError({ a: [1, NaN], b: [0.5] }, reference)).to.be.NaN;
    expect(largestError({ a: [1, -4] }, reference)).to.equal(Infinity);
    expect(largestError({ a: [1], b: [0.5] }, reference)).to.equal(Infinity);
  });

  it("gives the same inputs for a seed, and takes them from one layout to another", () => {
    const x = uniform([2, 3, 4], 7, 2);
    expect(x).to.deep.equal(uniform([2, 3, 4], 7, 2));
    expect(x.data.every((value) => Math.abs(value) <= 2)).to.equal(true);
    const moved = transposed(x, [2, 0, 1]);
    expect(moved.shape).to.deep.equal([4, 2, 3]);
    expect(moved.data[(3 * 2 + 1) * 3 + 2]).to.equal(x.data[(1 * 3 + 2) * 4 + 3]);
    expect(transposed(moved, [1, 2, 0])).to.deep.equal(x);
  });

  it("takes the median", () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
  });

  it("names each workload once", () => {
    expect(new Set(workloads.map(({ name }) => name)).size).to.equal(workloads.length);
  });
});
