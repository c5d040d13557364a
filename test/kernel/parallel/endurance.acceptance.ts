import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { KernelClient, resultText } from "../support/client";

/** Resident megabytes of a process and all below it, and how many they are. */
function footprint(pid: number | undefined): { megabytes: number; processes: number } {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,rss="], { encoding: "utf8" }).trim().split("\n");
  const table = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[][] =>
    table.filter(([, ppid]) => ppid === parent).flatMap((row) => [row, ...below(row[0])]);
  const all = below(pid ?? 0);
  return {
    megabytes: all.reduce((sum, [, , kilobytes]) => sum + kilobytes / 1024, 0),
    processes: all.length,
  };
}

function descriptors(pid: number | undefined): number {
  return readdirSync(`/proc/${pid ?? 0}/fd`).length;
}

describe("cells on ranks, one after the other", () => {
  let kernel: KernelClient;
  before(async () => {
    process.env["SADDLE_DEVICE"] = "cpu";
    kernel = await KernelClient.start();
    await kernel.execute('import { parallel, tensor } from "saddle";\nconst data = tensor([1, 2, 3, 4]);');
  });
  after(async () => {
    Reflect.deleteProperty(process.env, "SADDLE_DEVICE");
    await kernel.close();
  });

  const cell =
    "%%parallel\nconst part = parallel.shard(data);\nawait (await parallel.allReduce(part.sum())).item()";

  it("leave no growth after a hundred", async () => {
    for (let i = 0; i < 20; i++) await kernel.execute(cell);
    const before_ = { ...footprint(kernel.process.pid), files: descriptors(kernel.process.pid) };
    for (let i = 0; i < 100; i++) expect(resultText(await kernel.execute(cell))).to.equal("[0] 10\n[1] 10");
    const now = { ...footprint(kernel.process.pid), files: descriptors(kernel.process.pid) };
    expect(now.processes).to.equal(before_.processes);
    expect(now.files).to.equal(before_.files);
    expect(now.megabytes).to.be.below(before_.megabytes * 1.3);
  });

  it("leave nothing behind that fails a hundred times", async () => {
    const segments = readdirSync("/dev/shm").length;
    const before_ = footprint(kernel.process.pid).processes;
    for (let i = 0; i < 100; i++) {
      const failed = await kernel.execute(
        "%%parallel\nif (rank === 1) throw new Error('no');\nawait parallel.barrier();",
      );
      expect(failed.reply["evalue"]).to.equal("rank 1: no");
    }
    expect(resultText(await kernel.execute(cell))).to.equal("[0] 10\n[1] 10");
    expect(footprint(kernel.process.pid).processes).to.equal(before_);
    expect(readdirSync("/dev/shm")).to.have.length(segments);
  });

  it("tell of a rank that runs out of memory, and go on", async () => {
    const failed = await kernel.execute(
      "%%parallel\nconst hoard: number[][] = [];\nif (rank === 1) for (;;) hoard.push(new Array(1e5).fill(Math.random()));\nawait parallel.barrier();",
    );
    expect(failed.reply["ename"]).to.equal("RankEnded");
    expect(failed.reply["evalue"]).to.match(/^rank 1 was ended by SIG(ABRT|KILL|TRAP).*(want of memory)?/);
    expect(resultText(await kernel.execute(cell))).to.equal("[0] 10\n[1] 10");
  });
});
