import { expect } from "chai";
import { isInstalled, launchers, type Engine } from "../../../lib/parallel/support/ranks";
import { KernelClient, printedText, resultText } from "../../support/client";

/** What a cell on ranks is to do over an implementation of MPI. */
export function describeCellsOver(engine: Exclude<Engine, "shm">): void {
  describe(`a cell on ranks over ${engine}`, () => {
    let kernel: KernelClient;
    before(async function () {
      if (!isInstalled(engine)) this.skip();
      Object.assign(process.env, { SADDLE_DEVICE: "cpu", MPIEXEC: launchers[engine] });
      kernel = await KernelClient.start();
    });
    after(async () => {
      Reflect.deleteProperty(process.env, "SADDLE_DEVICE");
      Reflect.deleteProperty(process.env, "MPIEXEC");
      await kernel?.close();
    });

    it("gets the notebook's variables, computes together, prints by rank, and brings back", async () => {
      await kernel.execute(
        'import { parallel, tensor } from "saddle";\nconst x = tensor([1, 2, 3]); let sum = 0;',
      );
      const execution = await kernel.execute(`%%parallel --engine mpi --devices 3 --pull sum
console.log("from", rank);
sum = await (await parallel.allReduce(parallel.shard(x).sum())).item();
worldSize`);
      expect(execution.reply["status"], JSON.stringify(execution.reply)).to.equal("ok");
      const lines = printedText(execution).split("\n");
      expect(lines.slice(0, 3).sort()).to.deep.equal(["[0] from 0", "[1] from 1", "[2] from 2"]);
      expect(resultText(execution)).to.equal("[0] 3\n[1] 3\n[2] 3");
      expect(resultText(await kernel.execute("sum"))).to.equal("6");
    });

    it("names missing ranks, interrupts loops, tells failures, and keeps its variables through them", async () => {
      await kernel.execute("%%parallel --engine mpi --devices 3\nconst kept = rank;");
      const late = await kernel.execute(
        "%%parallel --engine mpi --devices 3 --timeout 2\nif (rank === 1) { while (true) {} }\nawait parallel.barrier();",
      );
      expect(late.reply["evalue"]).to.match(
        /^after 2 s rank 1 had not finished; rank 0 waited in barrier #\d+; rank 2/,
      );
      const failed = await kernel.execute(
        "%%parallel --engine mpi --devices 3\nif (rank === 2) throw new RangeError('far');\nawait parallel.barrier();",
      );
      expect(failed.reply["ename"]).to.equal("RangeError");
      const execution = await kernel.execute(
        "%%parallel --engine mpi --devices 3\nawait parallel.allReduce(kept)",
      );
      expect(resultText(execution), JSON.stringify(execution.reply)).to.equal("[0] 3\n[1] 3\n[2] 3");
    });

    it("names who waits and who has finished", async () => {
      const failed = await kernel.execute(
        "%%parallel --engine mpi --devices 3\nfor (let i = 0; i < (rank === 1 ? 2 : 3); i++) await parallel.allReduce(i);",
      );
      expect(failed.reply["ename"]).to.equal("RankMissing");
      expect(failed.reply["evalue"]).to.match(/^rank [02] waits in allReduce #3, rank 1 has finished;/);
      const execution = await kernel.execute(
        "%%parallel --engine mpi --devices 3\nawait parallel.allReduce(1)",
      );
      expect(resultText(execution), JSON.stringify(execution.reply)).to.equal("[0] 3\n[1] 3\n[2] 3");
    });

    const deaths = {
      "process.kill(process.pid, 'SIGKILL')":
        /^rank 1 was ended by SIGKILL \(by hand, or for want of memory\)\. The/,
      "process.exit(3)": /^rank 1 ended itself with exit status 3\. The/,
      "process.exit()": /^rank 1 ended itself with exit status 0\. The/,
    };
    for (const [death, reason] of Object.entries(deaths)) {
      it(`names a dead rank and how it died: ${death}`, async () => {
        const failed = await kernel.execute(
          `%%parallel --engine mpi --devices 3\nif (rank === 1) ${death};\nawait parallel.barrier();`,
        );
        expect(failed.reply["ename"]).to.equal("RankEnded");
        expect(failed.reply["evalue"]).to.match(reason);
        expect(printedText(failed, "stderr")).not.to.contain("saddle rank ended");
      });
    }

    it("goes on after the death of a rank", async () => {
      const execution = await kernel.execute(
        "%%parallel --engine mpi --devices 3\nawait parallel.allReduce(1)",
      );
      expect(resultText(execution), JSON.stringify(execution.reply)).to.equal("[0] 3\n[1] 3\n[2] 3");
    });
  });
}
