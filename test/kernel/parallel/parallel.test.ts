import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { RankEnd } from "../../../kernel/contract/rankMessages";
import { resultsOf } from "../../../kernel/parallel/cell/summary";
import { displayKey, type MimeBundle } from "../../../lib/util/frontend";
import { KernelClient, printedText, resultText } from "../support/client";
import type { Execution } from "../support/client";

function tracebackOf({ reply }: Execution): string {
  return (reply["traceback"] as string[]).join("\n");
}

/** The processes that a process has started, and those that they have. */
function descendants(pid: number | undefined): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const parents = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number): number[] =>
    parents.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...childrenOf(child)]);
  return childrenOf(pid ?? 0);
}

describe("the result of a cell on ranks", () => {
  const end = (result: MimeBundle | undefined) => ({ outcome: { result } }) as RankEnd;
  const textOf = (ends: readonly RankEnd[]) => {
    const result = resultsOf(ends) as Record<symbol, () => MimeBundle> | undefined;
    return result?.[displayKey]()["text/plain"];
  };
  const rich = { "text/html": "<i>a</i>", "text/plain": "a" };
  const plain = { "text/plain": "b" };

  it("has the values of all ranks, but those that are shown by themselves", () => {
    expect(textOf([end(plain), end(plain)])).to.equal("[0] b\n[1] b");
    expect(textOf([end(rich), end(rich)])).to.equal(undefined);
    expect(textOf([end(rich), end(plain)])).to.equal("[1] b");
    expect(textOf([end(undefined), end(plain)])).to.equal("[0] undefined\n[1] b");
    expect(textOf([end(undefined), end(undefined)])).to.equal(undefined);
  });
});

describe("a cell on ranks", () => {
  let kernel: KernelClient;
  before(async () => {
    process.env["SADDLE_DEVICE"] = "cpu";
    kernel = await KernelClient.start();
    await run('import { parallel, tensor } from "saddle";\nimport { basename } from "node:path";');
  });
  after(async () => {
    const processes = descendants(kernel.process.pid);
    await kernel.close();
    Reflect.deleteProperty(process.env, "SADDLE_DEVICE");
    while (processes.some(isAlive)) await delay(20);
  });

  /** A process whose end nobody has asked for yet is dead as well. */
  function isAlive(pid: number): boolean {
    const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return stdout.trim() !== "" && !stdout.startsWith("Z");
  }

  const run = async (code: string) => {
    const execution = await kernel.execute(code);
    expect(execution.reply["status"], JSON.stringify(execution.reply)).to.equal("ok");
    return execution;
  };

  it("runs on each, with live output by rank, results in rank order, and a summary", async () => {
    const execution = await run(
      '%%parallel --devices 2\nconsole.log("from", rank);\nawait parallel.allReduce(rank + 1)',
    );
    const lines = printedText(execution).trimEnd().split("\n");
    expect(lines.slice(0, 2).sort()).to.deep.equal(["[0] from 0", "[1] from 1"]);
    expect(lines[2]).to.match(
      /^2 ranks · [\d.]+ s · parallel efficiency \d+ % · 1 collective of 8 bytes a rank$/,
    );
    expect(resultText(execution)).to.equal("[0] 3\n[1] 3");
  });

  it("shows what each rank is doing while it takes longer, in one place", async () => {
    const execution = await run(`%%parallel
for (let i = 0; i < 30; i++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  await parallel.barrier();
}`);
    const shown = execution.outputs.filter(({ type }) => type.endsWith("display_data"));
    const texts = shown.map(({ content }) => (content["data"] as Record<string, string>)["text/plain"]);
    expect(shown.map(({ type }) => type).slice(0, 2)).to.deep.equal(["display_data", "update_display_data"]);
    expect(texts.slice(1, -1).join("\n")).to.match(
      /^\[1\] · (computes|is in barrier #\d+) · [\d.]+ s · \d+ collectives/m,
    );
    expect(texts.at(-1)).to.match(/^(\[[01]\] · is done · [\d.]+ s · 30 collectives · 0 bytes\n?){2}$/);
  });

  it("has variables of its own, which stay from cell to cell and hide the notebook's", async () => {
    await run("const seen = 'notebook'; const other = 1");
    await run("%%parallel\nlet seen = 10 * rank;");
    expect(resultText(await run("%%parallel\nseen += other; seen"))).to.equal("[0] 1\n[1] 11");
    expect(resultText(await run("seen"))).to.equal("'notebook'");
    const failed = await kernel.execute("seen + worldSize");
    expect(tracebackOf(failed)).to.contain("Cannot find name 'worldSize'");
  });

  it("gets the notebook's data, tensors, functions, classes and imports, and what those use", async () => {
    await run(`
const data = { list: [1, 2], map: new Map([["a", 3]]), weights: [tensor([[1, 2], [3, 4]])] };
const scale = 10;
const double = (x: number) => multiply(x, 2);
function multiply(x: number, y: number) { return x * y * scale; }
class Point { constructor(readonly x: number) {} far() { return double(this.x); } }
const point = new Point(4);
let count = 0;
count = 5;`);
    const cell = `%%parallel
const { list, map, weights } = data;
const total = await weights[0].sum().item();
[list.length, map.get("a"), total, double(1), point.far(), point instanceof Point, count, basename("/a/b")]`;
    const expected = "[\n      2,    3,     10, 20,\n     80, true,      5, 'b'\n    ]";
    const text = resultText(await run(cell)) ?? "";
    expect(text.replaceAll(/\s+/g, " ")).to.equal(`[0] ${expected} [1] ${expected}`.replaceAll(/\s+/g, " "));
  });

  it("tells of a variable that cannot be sent before anything starts", async () => {
    await run("const worker = { stop: await Promise.resolve(() => 1) }; let changing = () => 2;");
    const awaited = await kernel.execute("%%parallel\nconsole.log('started'); worker.stop()");
    expect(awaited.reply["evalue"]).to.match(
      /^'worker' cannot be sent to the ranks: it has a function at worker.stop, and/,
    );
    expect(printedText(awaited)).to.equal("");
    const changed = await kernel.execute("%%parallel\nchanging()");
    expect(changed.reply["evalue"]).to.contain("it is not a const, so that it may have been assigned since");
  });

  it("brings back what is pulled, typed, and refuses to lose what is not", async () => {
    await run("let best = 0");
    const lost = await kernel.execute("%%parallel\nbest = 7");
    expect(lost.reply["ename"]).to.equal("CompileError");
    expect(tracebackOf(lost)).to.contain("Bring it back with --pull best");
    expect(tracebackOf(lost)).to.contain("> 2 | best = 7\n    | ^^^^");
    await run(
      "%%parallel --pull best,history\nbest = 7; const history = { losses: [1, 2], last: tensor([5]) };",
    );
    const back = await run("[best, history.losses, await history.last.array()]");
    expect(resultText(back)).to.equal("[ 7, [ 1, 2 ], [ 5 ] ]");
    expect(tracebackOf(await kernel.execute("history.nothing"))).to.contain(
      "Property 'nothing' does not exist",
    );
    const differing = await kernel.execute("%%parallel --pull best\nbest = rank");
    expect(differing.reply["evalue"]).to.match(/^'best' is not the same on rank 0 and rank 1/);
    expect(resultText(await run("best"))).to.equal("7");
    const unknown = await kernel.execute("%%parallel --pull nowhere\n1");
    expect(tracebackOf(unknown)).to.contain("Cannot find name 'nowhere'");
    expect(tracebackOf(unknown)).to.contain(
      "> 1 | %%parallel --pull nowhere\n    |                   ^^^^^^^",
    );
  });

  it("is completed and explained as any other cell", async () => {
    const code = "%%parallel --devices 2\ncomm.ba";
    const completed = await kernel.request("shell", "complete_request", { code, cursor_pos: code.length });
    expect(completed["matches"]).to.deep.equal(["barrier"]);
    const inspected = await kernel.request("shell", "inspect_request", {
      code: "%%parallel\nworldSize",
      cursor_pos: 14,
    });
    const data = inspected["data"] as Record<string, string>;
    expect(data["text/plain"]).to.equal("const worldSize: number\n\nHow many ranks there are.");
    const failed = await kernel.execute("%%parallel\nconst wrong: string = rank;");
    expect(tracebackOf(failed)).to.contain("In[");
    expect(tracebackOf(failed)).to.contain(":2:7 - Type 'number' is not assignable to type 'string'.");
  });

  it("fails with the first failing rank's traceback, and goes on with its variables", async () => {
    await run("const fail = () => { throw new RangeError('too far'); };");
    await run("%%parallel\nconst kept = rank;");
    const failed = await kernel.execute(
      "%%parallel\nif (rank === 1) {\n  fail();\n}\nawait parallel.barrier();",
    );
    expect(failed.reply["ename"]).to.equal("RangeError");
    expect(failed.reply["evalue"]).to.equal("rank 1: too far");
    const [headline, ...rest] = failed.reply["traceback"] as string[];
    expect(headline).to.equal("[rank 1] RangeError: too far");
    expect(rest.join("\n")).to.match(/at fail \(In\[\d+\]:1:28\)\n {4}at .*In\[\d+\]:3:3/);
    expect(rest.at(-1)).to.match(/^rank 0: CommAborted: (barrier #\d+ ended: )?rank 1 has failed$/);
    expect(resultText(await run("%%parallel\nawait parallel.allReduce(kept)"))).to.equal("[0] 1\n[1] 1");
  });

  it("names the ranks that are missing at the timeout", async () => {
    for (const hang of ["while (true) {}", "await new Promise(() => undefined);"]) {
      const failed = await kernel.execute(
        `%%parallel --timeout 2\nif (rank === 1) { ${hang} }\nawait parallel.barrier();`,
      );
      expect(failed.reply["ename"], printedText(failed, "stderr")).to.equal("TimeoutError");
      expect(failed.reply["evalue"]).to.match(
        /^after 2 s rank 1 had not finished; rank 0 waited in barrier #\d+$/,
      );
    }
    expect(resultText(await run("%%parallel\nawait parallel.allReduce(kept)"))).to.equal("[0] 1\n[1] 1");
  });

  it("names who waits and who has finished where ranks take unequally many steps", async () => {
    const failed = await kernel.execute(
      "%%parallel\nfor (let step = 0; step < 3 + rank; step++) await parallel.allReduce(step);",
    );
    expect(failed.reply["ename"]).to.equal("RankMissing");
    expect(failed.reply["evalue"]).to.equal(
      "rank 1 waits in allReduce #4, rank 0 has finished; all ranks must call the same, equally often",
    );
    expect(tracebackOf(failed)).to.match(/at .*In\[\d+\]:2:/);
    expect(resultText(await run("%%parallel\nawait parallel.allReduce(kept)"))).to.equal("[0] 1\n[1] 1");
    for (let cell = 0; cell < 3; cell++) {
      const sum = await run("%%parallel\nfor (let i = 0; i < 5; i++) await parallel.barrier(); rank");
      expect(resultText(sum)).to.equal("[0] 0\n[1] 1");
    }
  });

  it("is through with what it brings back, and with what it left going on", async () => {
    const cell = `%%parallel
const late = (async () => {
  for (let i = 0; i < 3; i++) await parallel.allReduce(i);
})();
if (rank === 1) await late;
rank`;
    expect(resultText(await run(cell))).to.equal("[0] 0\n[1] 1");
    await run("%%parallel --pull total\nconst total = parallel.psum(tensor([rank + 1]));");
    expect(resultText(await run("await total.array()"))).to.equal("[ 3 ]");
  });

  it("says at the timeout what each rank waits in", async () => {
    const failed = await kernel.execute("%%parallel --timeout 2\nawait comm.recv(1 - rank);");
    expect(failed.reply["ename"]).to.equal("TimeoutError");
    expect(failed.reply["evalue"]).to.equal(
      "after 2 s ranks 0 and 1 had not finished; rank 0 waited in recv from rank 1; rank 1 waited in recv from rank 0",
    );
    const one = await kernel.execute(
      "%%parallel --timeout 2\nif (rank === 1) await new Promise(() => undefined);",
    );
    expect(one.reply["evalue"]).to.equal("after 2 s rank 1 had not finished; rank 0 had finished");
    expect(resultText(await run("%%parallel\nawait parallel.allReduce(kept)"))).to.equal("[0] 1\n[1] 1");
  });

  it("is interrupted on every rank, with its variables kept", async () => {
    const interrupted = await kernel.execute(
      "%%parallel\nconsole.log('looping');\nif (rank === 0) { while (true) {} }\nawait parallel.barrier();",
      {},
      async () => {
        await kernel.printed("[0] looping");
        await kernel.request("control", "interrupt_request", {});
      },
    );
    expect(interrupted.reply["ename"]).to.equal("Interrupted");
    expect(resultText(await run("%%parallel\nawait parallel.allReduce(kept)"))).to.equal("[0] 1\n[1] 1");
  });

  it("survives the death of a rank: the others end, the kernel goes on with fresh ones", async () => {
    const before = descendants(kernel.process.pid);
    const failed = await kernel.execute(
      "%%parallel\nif (rank === 1) process.kill(process.pid, 'SIGKILL');\nawait parallel.barrier();",
    );
    expect(failed.reply["ename"]).to.equal("RankEnded");
    expect(failed.reply["evalue"]).to.match(
      /^rank 1 was ended by SIGKILL \(by hand, or for want of memory\)/,
    );
    expect(tracebackOf(await kernel.execute("%%parallel\nkept"))).to.contain("Cannot find name 'kept'");
    expect(resultText(await run("%%parallel\nawait parallel.allReduce(1)"))).to.equal("[0] 2\n[1] 2");
    expect(descendants(kernel.process.pid)).to.have.length(before.length);
  });

  it("takes as many ranks as are asked for, and refuses options that make no sense", async () => {
    expect(resultText(await run("%%parallel --devices 1+2\nworldSize"))).to.equal("[0] 3\n[1] 3\n[2] 3");
    const refusals = {
      "--devices 0": "--devices is 0, wanted a whole number from 1 to 256",
      "--timeout -1": "--timeout is -1, wanted seconds, more than 0",
      "--hosts a:2 --engine shm":
        "--hosts and --launcher are for --engine mpi; shm has the ranks of this machine",
    };
    for (const [options, message] of Object.entries(refusals)) {
      expect((await kernel.execute(`%%parallel ${options}\n1`)).reply["evalue"]).to.equal(message);
    }
    const typed = await kernel.execute("%%parallel --engine smh\n1");
    expect(tracebackOf(typed)).to.contain(
      `Type '"smh"' is not assignable to type '"shm" | "mpi" | undefined'`,
    );
  });
});
