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

    it("names who waits and who has finished where ranks call collectives unequally often", async () => {
      const calls = {
        allReduce: "comm.allReduce(new Float32Array(3))",
        broadcast: "comm.broadcast(new Float32Array(3), 0)",
        allGather: "comm.allGather(new Float32Array(3))",
        barrier: "comm.barrier()",
      };
      for (const [name, call] of Object.entries(calls)) {
        const results = await runRanks<string>(
          engine,
          3,
          `
          for (let step = 0; step < 2; step++) await comm.allReduce(new Float32Array(1));
          if (comm.rank === 1) return "done";
          return ${call}.then(() => "none", (error) => error.name + ": " + error.message);`,
        );
        const missing = (rank: number): string =>
          `RankMissing: rank ${rank} waits in ${name} #3, rank 1 has finished; all ranks must call the same, equally often`;
        expect(results).to.deep.equal([missing(0), "done", missing(2)]);
      }
    });

    it("waits for no letters of a rank that has finished, but for those that it has sent", async () => {
      const results = await runRanks<string[]>(
        engine,
        2,
        `
        if (comm.rank === 0) {
          await comm.send(Uint8Array.of(7), 1);
          return ["sent"];
        }
        const [first] = await comm.recv(0);
        const second = await comm.recv(0).then(() => "none", (error) => error.message);
        return [String(first), second];`,
      );
      expect(results[1][0]).to.equal("7");
      expect(results[1][1]).to.match(/^rank 1 waits in recv from rank 0, rank 0 has finished/);
    });

    it("waits for no rank to receive that has finished, and comes to an end", async () => {
      const said = await runRanks<string>(
        engine,
        2,
        `
        if (comm.rank === 0) return "done";
        return comm.send(new Uint8Array(5_000_000), 0).then(() => "none", (error) => {
          console.error(error.message);
          return error.message;
        });`,
      ).then(
        (results) => results[1],
        (error: unknown) => (error as Error).message,
      );
      // A job of MPI cannot end well then, and its launcher may end it before it has passed on what the rank says.
      const missing = /rank 1 waits in send to rank 0, rank 0 has finished/;
      expect(said).to.match(engine === "shm" ? missing : new RegExp(`${missing.source}|ended with [1-9]`));
    });

    it("counts a cell's collectives from its beginning, and forgets the ends of the cell before", async () => {
      const results = await runRanks<string[]>(
        engine,
        2,
        `
        const said = [];
        for (let turn = 1; turn <= 20; turn++) {
          comm.begin(turn);
          for (let step = 0; step < 3; step++) await comm.allReduce(Float32Array.of(1));
          comm.finish();
        }
        comm.begin(21);
        if (comm.rank === 0) {
          comm.finish();
          await new Promise((done) => setTimeout(done, 50)); // as a rank has nothing to do until the next cell
        } else said.push(await comm.barrier().then(() => "none", (error) => error.message));
        await comm.renew(1);
        comm.begin(22);
        const values = Float32Array.of(comm.rank);
        await comm.allReduce(values);
        comm.finish();
        return [...said, String(values[0])];`,
      );
      expect(results[0]).to.deep.equal(["1"]);
      expect(results[1][0]).to.match(/^rank 1 waits in barrier #1, rank 0 has finished/);
      expect(results[1][1]).to.equal("1");
    });

    it("refuses on every rank trees of other shapes and structures, even of as many numbers, and goes on", async () => {
      const results = await runRanks<string[]>(
        engine,
        2,
        `
        const { parallel, zeros } = sd;
        const errorOf = (promise) => promise.then(() => "none", (error) => error.message);
        const own = (first, second) => (comm.rank === 0 ? first : second);
        const said = [];
        said.push(await errorOf(parallel.allReduce(own(zeros([2, 3]), zeros([3, 2])))));
        said.push(await errorOf(parallel.allReduce(own({ a: zeros([2]), b: zeros([4]) }, { a: zeros([4]), b: zeros([2]) }))));
        said.push(await errorOf(parallel.broadcast(own({ a: 1, b: 2 }, { a: 1, c: 2 }))));
        said.push(await errorOf(parallel.allReduce(zeros([2]), own({}, { op: "mean" }))));
        said.push(await errorOf(own(parallel.allReduce, parallel.broadcast)(zeros([2]))));
        said.push(await errorOf(own(() => comm.allReduce(new Float64Array(2)), () => parallel.allReduce(zeros([2])))()));
        return [...said, String(await parallel.allReduce(comm.rank + 1))];`,
      );
      expect(results[1]).to.deep.equal(results[0]);
      const [shapes, trees, names, ops, kinds, plain, after] = results[0];
      expect(shapes).to.match(
        /^allReduce: the ranks do not agree: rank 0 gives .*\[2, 3\].*, rank 1 gives .*\[3, 2\]/,
      );
      expect(trees).to.match(/rank 0 gives .*\[2\], float64 \[4\].*rank 1 gives .*\[4\], float64 \[2\]/);
      expect(names).to.match(/^broadcast: the ranks do not agree: rank 0 gives .*b.*, rank 1 gives .*c/);
      expect(ops).to.match(/op sum, rank 1 gives .* op mean/);
      expect(kinds).to.match(/rank 0 calls allReduce\(2 float64 .*rank 1 calls broadcast\(2 float64/);
      expect(plain).to.match(/rank 0 gives allReduce\(2 float64 values, sum\), rank 1 gives .*float64 \[2\]/);
      expect(after).to.equal("3");
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
