import { expect } from "chai";
import fc from "fast-check";
import {
  cpu,
  parallel,
  setDefaultDevice,
  defaultDevice,
  tensor,
  type Device,
  type Tensor,
} from "../../../lib";

describe("a ring all-reduce, step by step", () => {
  it("leaves the sums on every rank after 2 (P − 1) steps, whatever there is to sum", () => {
    const ranks = fc.integer({ min: 2, max: 7 }).chain((size) =>
      fc.integer({ min: 0, max: 12 }).chain((length) =>
        fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: length, maxLength: length }), {
          minLength: size,
          maxLength: size,
        }),
      ),
    );
    fc.assert(
      fc.property(ranks, (values) => {
        const steps = parallel.ringAllReduce(values);
        const sums = values[0].map((_, i) => values.reduce((sum, each) => sum + each[i], 0));
        expect(steps).to.have.length(1 + 2 * (values.length - 1));
        expect(steps.at(-1)?.values).to.deep.equal(values.map(() => sums));
        expect(
          steps
            .at(-1)
            ?.summed.flat()
            .every((count) => count === values.length),
        ).to.equal(true);
      }),
    );
  });

  it("has every rank send one chunk to the next in each step", () => {
    const [start, ...steps] = parallel.ringAllReduce([
      [1, 2, 3],
      [10, 20, 30],
      [100, 200, 300],
    ]);
    expect(start.transfers).to.deep.equal([]);
    for (const { transfers } of steps) {
      expect(transfers.map(({ from, to }) => [from, to])).to.deep.equal([
        [0, 1],
        [1, 2],
        [2, 0],
      ]);
      expect(new Set(transfers.map(({ chunk }) => chunk)).size).to.equal(3);
    }
    expect(steps[0].values).to.deep.equal([
      [1, 2, 303],
      [11, 20, 30],
      [100, 220, 300],
    ]);
    expect(steps[1].summed).to.deep.equal([
      [1, 3, 2],
      [2, 1, 3],
      [3, 2, 1],
    ]);
  });

  it("refuses ranks with different lengths", () => {
    expect(() => parallel.ringAllReduce([[1, 2], [1]])).to.throw("rank 1 has 1 numbers, rank 0 has 2");
    expect(() => parallel.ringAllReduce([[1]])).to.throw(
      "values must be the numbers of each of two or more ranks",
    );
  });
});

describe("a parameter server", () => {
  let before_: Device;
  before(() => {
    before_ = defaultDevice();
    setDefaultDevice(cpu);
  });
  after(() => setDefaultDevice(before_));

  const quadratic = (x: Tensor) => x.mul(x).sum().div(2);
  const common = { learningRate: 0.5, steps: 6 };
  const numbers = (path: readonly Tensor[]) => Promise.all(path.map((x) => x.item()));

  it("with one worker is gradient descent, in either mode", async () => {
    for (const mode of ["synchronous", "asynchronous"] as const) {
      const run = await parallel.parameterServer(quadratic, tensor(8), { ...common, workers: 1, mode });
      expect(await numbers(run.path)).to.deep.equal([8, 4, 2, 1, 0.5, 0.25, 0.125]);
      expect(run.times).to.deep.equal([1, 2, 3, 4, 5, 6]);
      expect(run.staleness).to.deep.equal([0, 0, 0, 0, 0, 0]);
    }
  });

  it("that is synchronous averages the workers, and waits for the slowest", async () => {
    const f = (x: Tensor, worker: number) => x.sub(worker).square().div(2);
    const duration = (worker: number) => 1 + worker;
    const options = { learningRate: 1, steps: 2, workers: 3, mode: "synchronous" as const, duration };
    const run = await parallel.parameterServer(f, tensor(7), options);
    expect(await numbers(run.path)).to.deep.equal([7, 1, 1]);
    expect(run.losses[1]).to.be.closeTo(1 / 3, 1e-12);
    expect(run.times).to.deep.equal([3, 6]);
  });

  it("that is asynchronous uses stale gradients, as many updates old as there are other workers", async () => {
    const options = { ...common, workers: 3, mode: "asynchronous" as const };
    const run = await parallel.parameterServer(quadratic, tensor(8), options);
    expect(run.staleness).to.deep.equal([0, 1, 2, 2, 2, 2]);
    expect(run.workers).to.deep.equal([0, 1, 2, 0, 1, 2]);
    expect(run.times).to.deep.equal([1, 1, 1, 2, 2, 2]);
    expect(await numbers(run.path)).to.deep.equal([8, 4, 0, -4, -6, -6, -4]);
  });

  it("refuses what makes no sense", async () => {
    const wrong = { ...common, workers: 0, mode: "synchronous" as const };
    const refused = await parallel.parameterServer(quadratic, tensor(1), wrong).catch(String);
    expect(refused).to.contain("parameterServer: workers must be a whole number from 1, got 0");
  });
});

describe("the linear scaling of a learning rate", () => {
  it("climbs from one rank's rate to all of theirs", () => {
    const rate = parallel.linearScaling({ learningRate: 0.1, ranks: 4, warmup: 10 });
    expect([0, 5, 10, 50].map(rate)).to.deep.equal([0.1, 0.25, 0.4, 0.4]);
    expect(parallel.linearScaling({ learningRate: 0.1, ranks: 4 })(0)).to.equal(0.4);
    expect(() => parallel.linearScaling({ learningRate: 0.1, ranks: 1.5 })).to.throw(
      "ranks must be a whole number",
    );
  });
});
