import { expect } from "chai";
import { engines, isInstalled, runRanks } from "./support/ranks";

for (const engine of engines) {
  describe(`a communicator over ${engine}`, () => {
    before(function () {
      if (!isInstalled(engine)) this.skip();
    });

    it("does all its collectives right, for uneven lengths and every type", async () => {
      const results = await runRanks<object>(
        engine,
        3,
        `
        const sum = Float32Array.from({ length: 10 }, (_, i) => i * (comm.rank + 1));
        await comm.allReduce(sum);
        const product = Float64Array.of(comm.rank + 2, 0.5);
        await comm.allReduce(product, "prod");
        const most = Uint16Array.of(comm.rank, 9 - comm.rank);
        await comm.allReduce(most, "max");
        const least = Int32Array.of(-comm.rank);
        await comm.allReduce(least, "min");
        const gathered = await comm.allGather(Uint32Array.from({ length: comm.rank }, () => comm.rank));
        const told = Uint8Array.of(comm.rank);
        await comm.broadcast(told, 2);
        await comm.barrier();
        const all = { sum, product, most, least, told };
        return [...Object.values(all).map((x) => [...x]), gathered.map((x) => [...x])];`,
      );
      const expected = [
        Array.from({ length: 10 }, (_, i) => 6 * i),
        [24, 0.125],
        [2, 9],
        [-2],
        [2],
        [[], [1], [2, 2]],
      ];
      expect(results).to.deep.equal([expected, expected, expected]);
    });

    it("moves more than it can hold at a time, to the same bits on every rank", async () => {
      const length = 1_500_001;
      const results = await runRanks<[number, number, string]>(
        engine,
        2,
        `
        const values = Float32Array.from({ length: ${length} }, (_, i) => Math.sin(i) * (comm.rank + 0.1));
        await comm.allReduce(values);
        const wrong = values.findIndex((value, i) => Math.abs(value - Math.sin(i) * 1.2) > 1e-6);
        const parts = await comm.allGather(values.subarray(0, comm.rank === 0 ? ${length} : 1_200_000));
        const digest = require("crypto").createHash("sha1").update(parts[0]).digest("hex");
        return [wrong, parts[1].length, digest];`,
      );
      expect(results[0]).to.deep.equal([-1, 1_200_000, results[1][2]]);
      expect(results[1]).to.deep.equal(results[0]);
    });

    it("reduces lengths about those that it cuts into pieces, one after the other without a pause", async () => {
      const piece = (512 << 10) / 4;
      const lengths = [1, piece - 1, piece + 2, 2 * piece, 3 * piece - 2, 5 * piece + 1, 0];
      const wrong = await runRanks<number[]>(
        engine,
        3,
        `
        const wrong = [];
        for (const length of ${JSON.stringify([...lengths, ...lengths])}) {
          const values = Float32Array.from({ length }, (_, i) => (i % 1000) + comm.rank);
          await comm.allReduce(values);
          wrong.push(values.findIndex((value, i) => value !== 3 * (i % 1000) + 3));
        }
        return wrong;`,
      );
      for (const ofRank of wrong) expect(ofRank).to.deep.equal([...lengths, ...lengths].map(() => -1));
    });

    it("passes messages between two ranks in their order, empty and long ones as well", async () => {
      const [, received] = await runRanks<number[][]>(
        engine,
        2,
        `
        const lengths = [5, 0, 200_000, 1];
        if (comm.rank === 0) for (const length of lengths) await comm.send(new Uint8Array(length).fill(length % 251), 1);
        const got = [];
        if (comm.rank === 1) for (const _ of lengths) got.push(await comm.recv(0));
        return got.map((bytes) => [bytes.length, bytes.at(-1) ?? -1]);`,
      );
      expect(received).to.deep.equal([
        [5, 5],
        [0, -1],
        [200_000, 200_000 % 251],
        [1, 1],
      ]);
    });

    it("refuses on every rank what the ranks do not agree on, and goes on", async () => {
      const results = await runRanks<string[]>(
        engine,
        2,
        `
        const errorOf = (promise) => promise.then(() => "none", (error) => error.message);
        const length = await errorOf(comm.allReduce(new Float32Array(comm.rank + 1)));
        const kind = await errorOf(comm.rank === 0 ? comm.barrier() : comm.broadcast(new Int32Array(2), 1));
        const after = Float32Array.of(1);
        await comm.allReduce(after);
        return [length, kind, String(after[0])];`,
      );
      const length =
        "rank 0 calls allReduce(1 float32 value, sum), rank 1 calls allReduce(2 float32 values, sum)";
      const kind = "rank 0 calls barrier(), rank 1 calls broadcast(2 int32 values, root 1)";
      const expected = [
        `allReduce: the ranks do not agree: ${length}`,
        `barrier: the ranks do not agree: ${kind}`,
        "2",
      ];
      expect(results).to.deep.equal([expected, expected]);
    });

    it("ends all waiting at an abort, and begins anew", async () => {
      const results = await runRanks<string[]>(
        engine,
        2,
        `
        const waiting = comm.rank === 0 ? comm.allReduce(new Float32Array(4)) : new Promise((done) => setTimeout(done, 50));
        if (comm.rank === 0) setTimeout(() => comm.abort("rank 1 has failed"), 100);
        const ended = await waiting.then(() => "done", (error) => error.name + ": " + error.message);
        await comm.renew(1);
        const values = Float32Array.of(comm.rank);
        await comm.allReduce(values);
        return [ended, String(values[0])];`,
      );
      expect(results).to.deep.equal([
        ["CommAborted: allReduce #1 ended: rank 1 has failed", "1"],
        ["done", "1"],
      ]);
    });
  });
}
