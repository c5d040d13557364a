import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { kernelFolder, libraryFolder } from "../../../../kernel/folders";
import { processClock, startedSince } from "../../../../kernel/session/cell/interrupt/processGroup";
import { verdictOn } from "../../../../kernel/session/cell/interrupt/termination";
import { Interrupted, Turns } from "../../../../kernel/session/cell/interrupt/turns";

describe("where an interrupt ends what runs", () => {
  const [cell, node] = ["In[1]", "node:internal/streams/writable"];
  const [library, gpu] = ["tensor", "gpu"].map((folder) => join(libraryFolder, folder, "a.js"));
  const outlet = join(kernelFolder, "session", "cell", "output", "outlet.js");
  const screen = join(kernelFolder, "session", "cell", "output", "screen.js");

  it("is at a statement of the user's, to which it steps", () => {
    expect(verdictOn([cell, node], true, "user")).to.equal("terminate");
    expect(verdictOn([cell, node], false, "user")).to.equal("into");
    for (const inner of [node, library, gpu, screen]) {
      expect(verdictOn([inner, cell], true, "user")).to.equal("out");
      expect(verdictOn([inner], true, "user")).to.equal("seek");
    }
  });

  it("is in the library's code, and in Node's and Dawn's, only when it is insisted on", () => {
    expect(verdictOn([library, cell], false, "library")).to.equal("terminate");
    expect(verdictOn([gpu, cell], false, "library")).to.equal("out");
    expect(verdictOn([node, cell], false, "library")).to.equal("out");
    for (const inner of [node, library, gpu]) {
      expect(verdictOn([inner, cell], false, "anything")).to.equal("terminate");
    }
  });

  it("is never in the middle of a message, nor where only the event loop runs", () => {
    expect(verdictOn([node, outlet, screen, cell], true, "anything")).to.equal("out");
    expect(verdictOn([], true, "anything")).to.equal("leave");
  });
});

describe("an await that is interrupted", () => {
  it("is the one that has begun last and has not come to its end", async () => {
    const turns = new Turns();
    const reason = async (work: () => Promise<unknown>) => {
      const run = turns.run({ origin: "" }, work).catch((error: unknown) => error);
      await delay(5);
      turns.interrupt();
      const error = await run;
      expect(error).to.be.an.instanceOf(Interrupted);
      return (error as Error).stack ?? "";
    };
    async function never(): Promise<void> {
      turns.resumeAfter(turns.wait(), await new Promise(() => undefined));
    }
    const stack = await reason(async function outer() {
      const first = turns.wait();
      await delay(1);
      turns.resumeAfter(first, undefined);
      const second = turns.wait();
      await never();
      turns.resumeAfter(second, undefined);
    });
    expect(stack).to.match(/^Interrupted: the cell was interrupted\n {4}at never .*\n {4}at (async )?outer /);
    // Nothing is left of what has been awaited.
    expect(await reason(() => new Promise(() => undefined))).not.to.contain("never");
  });

  it("has a trace, but of a million in a row most have none", async () => {
    const turns = new Turns();
    await turns.run({ origin: "" }, async () => {
      let traces = 0;
      const start = performance.now();
      for (let i = 0; i < 100_000; i++) {
        const wait = turns.wait();
        if (wait.place !== undefined) traces++;
        await Promise.resolve();
        turns.resumeAfter(wait, undefined);
      }
      expect(traces).to.be.within(50, 51 * (performance.now() - start + 1));
    });
  });
});

describe("the processes of a group", () => {
  it("are those that have started since, without their leader", async function () {
    const since = processClock();
    if (since === undefined) return this.skip();
    const child = spawn("sh", ["-c", "sleep 60 & sleep 60"], { detached: true });
    await once(child, "spawn");
    const leader = child.pid ?? 0;
    while (startedSince(since, leader).length < 2) await delay(5);
    await delay(30);
    expect(startedSince(processClock() ?? 0, leader)).to.deep.equal([]);
    expect(startedSince(since, leader)).not.to.include(leader);
    process.kill(-leader, "SIGKILL");
  });
});
