import { expect } from "chai";
import { engines, isInstalled, runRanks, type Engine } from "./support/ranks";

/** A small network on made-up data, trained for 50 steps on batches of which rank r has the r-th share. */
const training = `
  const { parallel, tensor } = sd;
  const wave = (n, a) => Array.from({ length: n }, (_, i) => Math.sin(a * i + a));
  const rows = (n, m, a) => Array.from({ length: n }, (_, i) => wave(m, a + i / 7));
  let params = { hidden: { w: tensor(rows(4, 6, 0.3)), b: tensor(wave(6, 0.2)) }, out: tensor(wave(6, 0.9)) };
  const loss = ({ hidden, out }, x, y) => x.matmul(hidden.w).add(hidden.b).tanh().matmul(out).sub(y).square().mean();
  const step = parallel.dataParallel(loss, OPTIONS);
  const sizes = [13, 8, 3, 16, 1];
  const losses = [];
  for (let k = 0; k < 50; k++) {
    const n = sizes[k % sizes.length];
    const [x, y] = parallel.shard([tensor(rows(n, 4, k + 1)), tensor(wave(n, k + 0.5))]);
    const { loss: value, grads } = await step(params, x, y);
    losses.push(await value.item());
    const next = (p, g) => p.sub(g.mul(0.1));
    params = { hidden: { w: next(params.hidden.w, grads.hidden.w), b: next(params.hidden.b, grads.hidden.b) }, out: next(params.out, grads.out) };
  }
  return losses;`;

const trained = (size: number, options = "{}", engine: Engine = "shm") =>
  runRanks<number[]>(engine, size, training.replace("OPTIONS", options));

interface Normalized {
  readonly losses: number[];
  readonly grads: number[];
  readonly running: number[];
}

/** A network with batch norm before and after a convolution, on batches that some ranks have nothing of. */
const normalized = (size: number) =>
  runRanks<Normalized>(
    "shm",
    size,
    `
    const { nn, optim, parallel, random, tensor } = sd;
    const model = nn.sequential(nn.batchNorm(), nn.conv2d(3, 3), nn.batchNorm(), nn.relu(), nn.flatten(), nn.dense(5), nn.batchNorm(), nn.dense(2));
    let { params, state } = model.init(random.key(1), [1, 2, 5, 5]);
    const optimizer = optim.sgd({ learningRate: 0.1, momentum: 0.9 });
    let memory = optimizer.init(params);
    const step = parallel.dataParallel((params, x, y) => {
      const { y: out, state: next } = model.apply({ params, state }, x, { train: true, psum: parallel.psum });
      return [nn.loss.crossEntropy(out, y), next];
    }, { hasAux: true });
    const losses = [];
    let grads;
    for (let k = 0; k < 20; k++) {
      const n = [7, 5, 3, 2][k % 4];
      const x = random.normal(random.key(k), [n, 2, 5, 5]);
      const y = tensor(Array.from({ length: n }, (_, i) => (i + k) % 2), { dtype: "int32" });
      const result = await step(params, ...parallel.shard([x.add(y.reshape([n, 1, 1, 1])), y]));
      ({ grads, aux: state } = result);
      losses.push(await result.loss.item());
      const { updates, state: next } = optimizer.update(grads, memory, params);
      [params, memory] = [optim.applyUpdates(params, updates), next];
    }
    const numbers = async (tree) => {
      const all = [];
      for (const each of tree) for (const t of Object.values(each)) all.push(...(await t.data()));
      return all;
    };
    return { losses, grads: await numbers(grads), running: await numbers(state) };`,
  );

/** ‖a − b‖ / ‖b‖ */
function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((x, i) => x - b[i])) / Math.hypot(...b);
}

function farthest(losses: readonly number[], expected: readonly number[]): number {
  return Math.max(...losses.map((loss, step) => Math.abs(loss / expected[step] - 1)));
}

describe("dataParallel", () => {
  let alone: number[];
  before(async () => ([alone] = await trained(1)));

  for (const engine of engines) {
    it(`trains over ${engine} as one device does on the whole batch, with uneven shares and ranks that have none`, async function () {
      if (!isInstalled(engine)) this.skip();
      expect(alone).to.have.length(50);
      expect(alone[49]).not.to.equal(alone[0]);
      for (const size of [2, 4]) {
        const losses = await trained(size, "{}", engine);
        expect(losses).to.have.length(size);
        for (const ofRank of losses) expect(ofRank).to.deep.equal(losses[0]);
        expect(farthest(losses[0], alone)).to.be.below(1e-6);
      }
    });
  }

  it("accumulates parts of a batch to the same gradients", async () => {
    const [losses] = await trained(2, "{ accumulate: 3 }");
    expect(farthest(losses, alone)).to.be.below(1e-6);
  });

  it("sends gradients as float16, which costs accuracy that it tells", async () => {
    const [[error, far, count]] = await runRanks<number[]>(
      "shm",
      2,
      `
      const { parallel, tensor } = sd;
      const x = parallel.shard(tensor([0.1, 0.2, 0.3]));
      const step = parallel.dataParallel((w, x) => x.mul(w).sub(1).square().mean(), { compression: "float16" });
      const exact = parallel.dataParallel((w, x) => x.mul(w).sub(1).square().mean());
      const [a, b] = [await step(tensor(1.234), x), await exact(tensor(1.234), x)];
      return [a.compressionError, Math.abs((await a.grads.item()) / (await b.grads.item()) - 1), a.count];`,
    );
    expect(error).to.be.within(1e-6, 1e-3);
    expect(far).to.be.within(1e-8, 1e-3);
    expect(count).to.equal(3);
  });

  it("averages what a loss returns besides, weighted by the samples", async () => {
    const results = await runRanks<number[]>(
      "shm",
      2,
      `
      const { parallel, tensor } = sd;
      const x = parallel.shard(tensor([1, 2, 6]));
      const step = parallel.dataParallel((w, x) => [x.mul(w).mean(), { mean: x.mean() }], { hasAux: true });
      const { loss, grads, aux } = await step(tensor(2), x);
      return [await loss.item(), await grads.item(), await aux.mean.item()];`,
    );
    for (const result of results) {
      result.forEach((value, index) => expect(value).to.be.closeTo([6, 3, 3][index], 1e-12));
    }
  });

  it("gives batch norm the statistics of the whole batch, forward and backward", async () => {
    const alone = await normalized(1);
    expect(alone[0].losses[19]).to.be.below(alone[0].losses[0]);
    for (const size of [2, 4]) {
      const ranks = await normalized(size);
      for (const rank of ranks) {
        expect(rank).to.deep.equal(ranks[0]);
        for (const name of ["losses", "grads", "running"] as const) {
          expect(distance(rank[name], alone[0][name]), `${name} of ${size}`).to.be.below(1e-9);
        }
      }
    }
  });

  it("refuses ranks that begin apart, lost samples, and wrong options", async () => {
    const [first, second] = await runRanks<string[]>(
      "shm",
      2,
      `
      const { parallel, tensor } = sd;
      const errorOf = async (work) => { try { await work(); return "none"; } catch (error) { return error.message; } };
      const loss = (w, x, y) => x.mul(w).sub(y).square().mean();
      const step = parallel.dataParallel(loss);
      return [
        await errorOf(() => step(tensor(parallel.rank()), tensor([1]), tensor([1]))),
        await errorOf(async () => step(await parallel.broadcast(tensor(parallel.rank())), tensor([1]), tensor([1]))),
        await errorOf(() => parallel.dataParallel(loss, { accumulate: 0 })),
        await errorOf(() => parallel.dataParallel(loss, { compresion: "float16" })),
        await errorOf(() => step(tensor(0), 5)),
        await errorOf(() => parallel.allReduce(tensor([1]), { op: "median" })),
        await errorOf(() => parallel.shard([tensor([1, 2]), tensor([1, 2, 3])])),
        await errorOf(() => step(tensor(0), tensor([]), tensor([]))),
      ];`,
    );
    const again = "begin with params = await parallel.broadcast(params)";
    expect(first[0]).to.equal(`dataParallel: rank 1's parameters are not rank 0's; ${again}`);
    expect(second[0]).to.equal(`dataParallel: this rank's parameters are not rank 0's; ${again}`);
    expect(first.slice(1)).to.deep.equal(second.slice(1));
    expect(first.slice(1)).to.deep.equal([
      "none",
      "dataParallel: accumulate must be a whole number from 1, got 0",
      'dataParallel: unknown option "compresion"; did you mean "compression"? (options: accumulate, compression, hasAux)',
      "dataParallel: the first batch argument must be a tensor (or a tree) with the samples along axis 0, got 5",
      'allReduce: op is "median", wanted one of sum, prod, min, max, mean',
      "shard: 1 has 3 samples, but 0 has 2",
      "dataParallel: no rank has a sample in this batch",
    ]);
  });
});

describe("psum", () => {
  it("sums over the ranks within an expression, and has first and second derivatives through them", async () => {
    const results = await runRanks<unknown[]>(
      "shm",
      2,
      `
      const { parallel, tensor, grad, hvp, vmap } = sd;
      const x = tensor(parallel.rank() + 1);
      // Of both ranks together this is 2 (x₀ w₀ + x₁ w₁)².
      const f = (w) => parallel.psum(w.mul(x)).square();
      const w = tensor(2);
      const wrong = (() => { try { parallel.psum(tensor([1], { dtype: "int32" })); } catch (e) { return e.message; } })();
      return [
        await f(w).item(),
        await grad(f)(w).item(),
        await hvp(f, w, tensor(1)).item(),
        await vmap(f)(tensor([0, 1])).array(),
        wrong,
      ];`,
    );
    const wrong = 'psum: takes floats, got int32; convert it with .astype("float32")';
    expect(results).to.deep.equal([
      [36, 24, 12, [0, 9], wrong],
      [36, 48, 24, [0, 9], wrong],
    ]);
  });
});

describe("the collectives of trees", () => {
  it("keep structures, dtypes and numbers", async () => {
    const results = await runRanks<unknown[]>(
      "shm",
      2,
      `
      const { parallel, tensor } = sd;
      const r = parallel.rank();
      const tree = { a: tensor([[1, 2 + r]]), list: [tensor(r, { dtype: "int32" }), r], name: "kept" };
      const show = async (t) => [await t.a.array(), t.a.dtype, await t.list[0].item(), t.list[0].dtype, t.list[1], t.name];
      const gathered = await parallel.allGather({ part: sd.ones([r, 2]), rank: r });
      return [
        await show(await parallel.allReduce(tree)),
        await show(await parallel.allReduce(tree, { op: "max" })),
        await show(await parallel.broadcast(tree, { root: 1 })),
        (await parallel.allReduce({ loss: 3 * r }, { op: "mean" })).loss,
        gathered.map(({ part, rank }) => [part.shape, rank]),
        await parallel.shard({ x: tensor([1, 2, 3]), names: ["one"], scale: tensor(2) }).x.array(),
        parallel.shard([4, 5, 6]),
      ];`,
    );
    const common = [
      [[[2, 5]], "float64", 1, "int32", 1, "kept"],
      [[[1, 3]], "float64", 1, "int32", 1, "kept"],
      [[[1, 3]], "float64", 1, "int32", 1, "kept"],
      1.5,
      [
        [[0, 2], 0],
        [[1, 2], 1],
      ],
    ];
    expect(results).to.deep.equal([
      [...common, [1], [4]],
      [...common, [2, 3], [5, 6]],
    ]);
  });

  it("are done at once where there is one rank", async () => {
    const [result] = await runRanks<unknown>(
      "shm",
      1,
      `
      const { parallel } = sd;
      await parallel.barrier();
      return [await parallel.allReduce(4, { op: "mean" }), await parallel.allGather([1, 2]), parallel.device().name];`,
    );
    expect(result).to.deep.equal([4, [[1, 2]], "cpu"]);
  });
});
