import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KernelClient, emptyFolder, printedText, program, root } from "./support/client";
import { endless, isAlive } from "./support/endless";

const rounds = 20;
const beats = 60;
const patience = 50; // milliseconds
const megabytes = 10 * 2 ** 20;

/** Cells with much output, and what they are to print. */
const talkative: Readonly<Record<string, [code: string, text: string]>> = {
  "1,000 prints": [
    "for (let i = 0; i < 1000; i++) console.log(i)",
    Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(""),
  ],
  "10 MB in one write": [`process.stdout.write("x".repeat(${megabytes}))`, "x".repeat(megabytes)],
  "10 MB in 1,024 writes": [
    `for (let i = 0; i < 1024; i++) process.stdout.write(String(i % 10).repeat(${megabytes / 1024}))`,
    Array.from({ length: 1024 }, (_, i) => String(i % 10).repeat(megabytes / 1024)).join(""),
  ],
  "a child process": [
    `require("child_process").execSync("seq 1000", { stdio: "inherit" }); console.log("end")`,
    `${Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join("")}end\n`,
  ],
  "native code": [
    `for (let i = 0; i < 100; i++) { require("fs").writeSync(1, "n"); process.stdout.write("j"); }`,
    "nj".repeat(100),
  ],
  "prints after an await": [
    `for (let i = 0; i < 100; i++) { await new Promise((done) => setImmediate(done)); console.log(i); }`,
    Array.from({ length: 100 }, (_, i) => `${i}\n`).join(""),
  ],
};

describe("the kernel, again and again", () => {
  it(`passes jupyter_kernel_test ${rounds} times in a row`, () => {
    const folder = emptyFolder();
    execFileSync(process.execPath, [program, "install", "--prefix", folder]);
    const tests = join(root, "test", "kernel", "support", "jupyter_kernel_tests.py");
    const env = { ...process.env, JUPYTER_PATH: join(folder, "share", "jupyter"), XDG_DATA_HOME: folder };
    for (let round = 0; round < rounds; round++) {
      execFileSync("/usr/bin/python3", ["-W", "ignore", tests], { env, stdio: "pipe" });
    }
    rmSync(folder, { recursive: true });
  });

  it(`loses none of what is printed, ${rounds} times each`, async () => {
    const kernel = await KernelClient.start();
    for (const [name, [code, text]] of Object.entries(talkative)) {
      for (let round = 0; round < rounds; round++) {
        const printed = printedText(await kernel.execute(code));
        expect(printed === text, `${name}, round ${round}: ${printed.length} characters`).to.equal(true);
      }
    }
    await kernel.close();
  });

  it(`answers heartbeat and control within ${patience} ms in any cell that never ends`, async () => {
    const kernel = await KernelClient.start();
    for (const [name, code] of Object.entries(endless)) {
      await kernel.execute(`console.log("running"); ${code}`, {}, async () => {
        await kernel.printed("running");
        const times: number[] = [];
        for (let beat = 0; beat < beats; beat++) {
          times.push(await kernel.beat(), await answerTime(kernel));
          await delay(5);
        }
        await kernel.request("control", "interrupt_request", {});
        const [median, longest] = [times.sort((a, b) => a - b)[beats], Math.max(...times)];
        process.stdout.write(`      ${name}: ${median.toFixed(1)} ms, at most ${longest.toFixed(1)} ms\n`);
        expect(median, name).to.be.at.most(patience);
      });
    }
    await kernel.close();
  });

  for (const [how, end] of [
    ["a shutdown", (kernel: KernelClient) => kernel.close()],
    ["SIGKILL to the kernel", (kernel: KernelClient) => void kernel.process.kill("SIGKILL")],
  ] as const) {
    it(`leaves no process behind after ${how} in any cell that never ends`, async () => {
      for (const [name, code] of Object.entries(endless)) {
        const kernel = await KernelClient.start();
        const { outputs } = await kernel.execute("let state = 0; process.pid");
        const pid = Number((outputs[0].content["data"] as Record<string, string>)["text/plain"]);
        kernel.send("shell", "execute_request", { code: `console.log("running"); ${code}` });
        await kernel.printed("running");
        await delay(50);
        await end(kernel);
        for (let wait = 0; isAlive(pid) && wait < 100; wait++) await delay(50);
        expect(isAlive(pid), name).to.equal(false);
      }
    });
  }
});

/** The milliseconds that control takes to answer. */
async function answerTime(kernel: KernelClient): Promise<number> {
  const start = performance.now();
  await kernel.request("control", "kernel_info_request", {});
  return performance.now() - start;
}
