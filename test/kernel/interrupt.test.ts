import { expect } from "chai";
import { setTimeout as delay } from "node:timers/promises";
import { KernelClient, printedText, resultText } from "./support/client";
import { endless, isAlive } from "./support/endless";

describe("an interrupt", () => {
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start();
    const code = `import { cpu, tensor, withDevice } from "saddle";\nlet state = 0;\nawait tensor([1]).sum().item()`;
    expect(resultText(await kernel.execute(code))).to.equal("1");
  });
  after(() => kernel.close());

  const interruptAfter = (text: string) => async () => {
    await kernel.printed(text);
    await delay(30);
    expect(await kernel.request("control", "interrupt_request", {})).to.deep.include({ status: "ok" });
  };
  const interruptWhenRunning = interruptAfter("running");

  let round = 0;
  const ends = (names: readonly string[], when: string) => {
    for (const name of names) {
      const code = endless[name];
      it(`ends ${name}${when}, and the variables are kept`, async () => {
        const cell = `state = ${++round}; console.log("running"); ${code}`;
        // What waits to be called when the cell is interrupted is called all the same.
        const interrupt = code.includes("deep") ? interruptAfter("deep") : interruptWhenRunning;
        const { reply } = await kernel.execute(cell, {}, interrupt);
        expect(reply["ename"]).to.equal("Interrupted");
        expect(resultText(await kernel.execute("state"))).to.equal(String(round));
      });
    }
  };

  ends(Object.keys(endless), "");

  describe("when Node keeps track of what goes on asynchronously", () => {
    before(async () => {
      const code = "await withDevice(cpu, async () => { await null; return tensor([1, 2]).sum().item(); })";
      expect(resultText(await kernel.execute(code))).to.equal("3");
    });

    ends(Object.keys(endless), " as well");
  });

  it("that is heard just as it would terminate what runs harms nothing that runs next", async () => {
    for (let rest = 80; rest <= 120; rest += 4) {
      const script = `trap "sleep ${(rest / 1000).toFixed(3)}; exit 1" INT; echo running; sleep 60 & wait`;
      const cell = `state = ${++round};
require("child_process").execFileSync("sh", ["-c", ${JSON.stringify(script)}], { stdio: "inherit" });`;
      const { reply } = await kernel.execute(cell, {}, interruptWhenRunning);
      expect(reply["ename"]).to.be.oneOf(["Interrupted", "Error"]);
      expect(resultText(await kernel.execute("state"))).to.equal(String(round));
    }
  });

  it("that comes while a cell is compiled keeps it from running", async () => {
    // Long enough to be compiled for longer than a message takes.
    const statements = Array.from({ length: 3000 }, (_, i) => `{ const a: number = ${i}; void a; }`);
    const { reply } = await kernel.execute(["state = -1", ...statements].join("\n"), {}, async () => {
      await kernel.next((_, { type }) => type === "execute_input");
      await kernel.request("control", "interrupt_request", {});
    });
    expect(reply["ename"]).to.equal("Interrupted");
    expect(resultText(await kernel.execute("state"))).to.equal(String(round));
  });

  it("is heard while a decomposition runs, whose result is abandoned", async () => {
    const matrix = `import { arange, linalg } from "saddle";
const waves = withDevice(cpu, () => arange(4_000_000).reshape([2000, 2000]).sin());
await waves.sum().item() < 1e9`;
    expect(resultText(await kernel.execute(matrix))).to.equal("true");
    const cell = `state = ${++round}; console.log("running");
state = (await linalg.eigh(waves).eigenvalues.data()).length;`;
    const { reply } = await kernel.execute(cell, {}, interruptWhenRunning);
    expect(reply["ename"]).to.equal("Interrupted");
    expect(resultText(await kernel.execute("state"))).to.equal(String(round));
    // The same session goes on to decompose.
    const next = "(await linalg.eigvalsh(waves.slice([0, 0], [3, 3])).data()).length";
    expect(resultText(await kernel.execute(next))).to.equal("3");
  }).timeout(60_000);

  it("comes as a signal as well", async () => {
    const { reply } = await kernel.execute(`console.log("running"); while (true) {}`, {}, async () => {
      await kernel.printed("running");
      kernel.process.kill("SIGINT");
    });
    expect(reply["ename"]).to.equal("Interrupted");
  });

  it("keeps a loop that awaits from going on in the background", async () => {
    const code = `console.log("running");
for (let i = 0; ; i++) { await new Promise((done) => setTimeout(done, 5)); state = i; }`;
    await kernel.execute(code, {}, interruptWhenRunning);
    await delay(30);
    const first = resultText(await kernel.execute("state"));
    await delay(30);
    expect(resultText(await kernel.execute("state"))).to.equal(first);
  });

  it("aborts the cells that wait, unless they are told to go on", async () => {
    const first = kernel.execute(`console.log("running"); while (true) {}`, {}, interruptWhenRunning);
    const second = kernel.execute("1");
    expect((await first).reply["status"]).to.equal("error");
    expect((await second).reply["status"]).to.equal("aborted");
  });

  it("finds heartbeat, completion and inspection answering while a cell runs", async () => {
    const code = `console.log("running"); while (true) {}`;
    await kernel.execute(code, {}, async () => {
      await kernel.printed("running");
      await kernel.beat();
      const completed = await kernel.request("shell", "complete_request", { code: "Math.ab", cursor_pos: 7 });
      expect(completed["matches"]).to.deep.equal(["abs"]);
      const inspected = await kernel.request("shell", "inspect_request", { code: "state", cursor_pos: 3 });
      expect(inspected["found"]).to.equal(true);
      await kernel.request("control", "interrupt_request", {});
    });
  });
});

describe("an interrupt while the library is loaded and the device opened", () => {
  for (const wait of [0, 50, 100, 200]) {
    it(`keeps the session, ${wait} ms after the cell has begun`, async () => {
      const kernel = await KernelClient.start();
      await kernel.execute("let state = 1");
      const code = `console.log("running");
const { tensor } = require("saddle") as typeof import("saddle");
for (;;) tensor([1, 2]).sum();`;
      const { reply } = await kernel.execute(code, {}, async () => {
        await kernel.printed("running");
        await delay(wait);
        await kernel.request("control", "interrupt_request", {});
      });
      expect(reply["ename"]).to.equal("Interrupted");
      const next = `import { tensor as again } from "saddle";\n(await again([1, 2]).sum().item()) + state`;
      expect(resultText(await kernel.execute(next))).to.equal("4");
      await kernel.close();
    });
  }
});

describe("the death of the session", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  for (const [code, reason] of [
    [`process.kill(process.pid, "SIGKILL"); await new Promise(() => undefined)`, /ended by SIGKILL/],
    ["process.exit(7)", /exit status 7/],
    ["process.abort()", /ended by SIGABRT/],
  ] as const) {
    it(`is an error of the cell: ${code.slice(0, 20)}…`, async () => {
      await kernel.execute("const lost = 1");
      const execution = await kernel.execute(`console.log("last words");\n${code}`);
      expect(execution.reply["ename"]).to.equal("SessionEnded");
      expect(execution.reply["evalue"]).to.match(reason);
      expect(printedText(execution)).to.equal("last words\n");
      const next = await kernel.execute("typeof lost");
      expect(next.reply["evalue"]).to.contain("Cannot find name 'lost'");
      expect(resultText(await kernel.execute("1 + 1"))).to.equal("2");
    });
  }

  it("leaves no process behind when the kernel is killed", async () => {
    const { outputs } = await kernel.execute(
      `const child = require("child_process").spawn("sleep", ["60"]);\n[process.pid, child.pid].join()`,
    );
    const pids = /[\d,]+/.exec(JSON.stringify(outputs[0].content["data"]))![0].split(",").map(Number);
    kernel.process.kill("SIGKILL");
    await delay(500);
    expect(pids.filter(isAlive)).to.deep.equal([]);
    kernel = await KernelClient.start();
  });

  it("comes with a shutdown, in the middle of a cell too", async () => {
    const { outputs } = await kernel.execute("process.pid");
    const pid = Number((outputs[0].content["data"] as Record<string, string>)["text/plain"]);
    kernel.send("shell", "execute_request", { code: "while (true) {}" });
    await delay(50);
    await kernel.close();
    expect(isAlive(pid)).to.equal(false);
    kernel = await KernelClient.start();
  });
});
