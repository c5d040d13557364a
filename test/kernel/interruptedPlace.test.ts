import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KernelClient } from "./support/client";

/** Cells that never end, with the lines of theirs, as words of them, that the traceback tells, innermost first. */
const standing: Readonly<Record<string, { readonly code: string; readonly told: readonly string[] }>> = {
  "in a loop": { code: `while (true) {\n  Math.sqrt(2); // here\n}`, told: ["// here"] },
  "in an empty loop": { code: `let i = 0;\nfor (;;) {} // here`, told: ["// here"] },
  "in a function that is called": {
    code: `function spin(n: number) {\n  for (;;) n++; // loop\n}\n\nspin(1); // call`,
    told: ["// loop", "// call"],
  },
  "in a callback of a builtin function": {
    code: `[1].map(() => { // call\n  for (;;) { Math.random(); } // loop\n});`,
    told: ["// loop", "// call"],
  },
  "in a regular expression": { code: `1;\n/^(a+)+$/.test("a".repeat(40) + "b"); // here`, told: ["// here"] },
  "where it catches everything": {
    code: `for (;;) {\n  try {\n    for (;;) Math.random(); // here\n  } catch {}\n}`,
    told: ["// here"],
  },
  "at an await": { code: `await null;\nawait new Promise(() => undefined); // here`, told: ["// here"] },
  "at an await of a function that it awaits": {
    code: `async function nap(ms: number) {
  await null;
  await new Promise((done) => setTimeout(done, ms)); // nap
}
await nap(1);
await nap(100_000); // call`,
    told: ["// nap", "// call"],
  },
  "at an await with something in the background": {
    code: `const background = async () => {
  for (;;) await new Promise((done) => setTimeout(done, 1));
};
void background();
await new Promise(() => undefined); // here`,
    told: ["// here"],
  },
  "at awaits of which one settles": {
    code: `await Promise.all([new Promise((done) => setTimeout(done, 1)), new Promise(() => undefined)]); // here`,
    told: ["// here"],
  },
  "in an async generator": {
    code: `async function* numbers() {
  for (let i = 0; ; i++) {
    await new Promise((done) => setTimeout(done, 1000)); // wait
    yield i;
  }
}
for await (const i of numbers()) void i; // call`,
    told: ["// wait", "// call"],
  },
  "at a stream of which nothing comes": {
    code: `import { Readable } from "stream";\nfor await (const x of new Readable({ read() {} })) void x; // here`,
    told: ["// here"],
  },
  "at a child process": {
    code: `1;\nrequire("child_process").execSync("sleep 60"); // here`,
    told: ["// here"],
  },
  "at a question": { code: `1;\nawait input("name?"); // here`, told: ["// here"] },
  "in calls of the library": {
    code: `import { cpu, random, withDevice } from "saddle";
let t = withDevice(cpu, () => random.normal(random.key(1), [8, 8]));
for (;;) {
  t = t.matmul(t).tanh(); // here
}`,
    told: ["// here"],
  },
};

describe("the traceback of an interrupt", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const interrupted = async (code: string): Promise<string[]> => {
    const { reply } = await kernel.execute(`console.log("running");\n${code}`, {}, async () => {
      await kernel.printed("running");
      await delay(100);
      await kernel.request("control", "interrupt_request", {});
    });
    expect(reply["ename"], String(reply["evalue"])).to.equal("Interrupted");
    return reply["traceback"] as string[];
  };

  for (const [name, { code, told }] of Object.entries(standing)) {
    it(`tells where a cell stands ${name}`, async () => {
      const traceback = (await interrupted(code)).join("\n");
      const lines = `\n${code}`.split("\n");
      const frames = [...traceback.matchAll(/^ {4}at .*?\w+\[\d+\]:(\d+):\d+\)?$/gm)];
      const toldLines = frames.map(([, line]) => lines[Number(line) - 1]);
      expect(toldLines, traceback).to.have.length(told.length);
      told.forEach((words, i) => expect(toldLines[i], traceback).to.include(words));
      expect(traceback.split("\n").find((line) => line.startsWith("> "))).to.include(told[0]);
      expect(traceback).not.to.match(/node:|dist.kernel|eachAwaited/);
    });
  }

  it("leads through an imported module, which is loaded anew if it was not loaded yet", async () => {
    writeFileSync(
      join(kernel.folder, "turning.ts"),
      "export const turn = () => {\n  for (;;) Math.random();\n};\n",
    );
    const traceback = (await interrupted(`import { turn } from "./turning";\nturn();`)).join("\n");
    expect(traceback, traceback).to.match(/at turn \(.*turning[^\n]*\n(.*\n)* {4}at \w+\[\d+\]:3:\d+$/m);
    const endless = `(globalThis as any).isCalm ||= false;
console.log("loading");
while (!(globalThis as any).isCalm) Math.random();
export const calm = "calm";`;
    writeFileSync(join(kernel.folder, "calming.ts"), endless);
    const cell = `import { calm } from "./calming";\ncalm`;
    const { reply } = await kernel.execute(cell, {}, async () => {
      await kernel.printed("loading");
      await kernel.request("control", "interrupt_request", {});
    });
    expect(reply["ename"]).to.equal("Interrupted");
    await kernel.execute("(globalThis as any).isCalm = true");
    const { outputs } = await kernel.execute(cell);
    expect(JSON.stringify(outputs.at(-1)?.content["data"])).to.include("calm");
  });
});
