import { expect } from "chai";
import { KernelClient, printedText } from "./support/client";

const megabyte = 1 << 20;

describe("the output of a cell", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const numbers = Array.from({ length: 1000 }, (_, i) => `${i}\n`).join("");

  it("is there before idle: 1,000 prints, again and again", async () => {
    for (let round = 0; round < 5; round++) {
      const execution = await kernel.execute("for (let i = 0; i < 1000; i++) console.log(i)");
      expect(printedText(execution)).to.equal(numbers);
    }
  });

  it("is there before idle: 10 MB at once and in pieces", async () => {
    const once = await kernel.execute(`process.stdout.write("x".repeat(10 * ${megabyte}))`);
    expect(printedText(once).length).to.equal(10 * megabyte);
    const code = `for (let i = 0; i < 1024; i++) process.stdout.write(String(i % 10).repeat(10240))`;
    const pieces = printedText(await kernel.execute(code));
    expect(pieces.length).to.equal(10 * megabyte);
    expect(pieces.replace(/(.)\1*/g, "$1")).to.equal(
      numbers.replace(/\d*(\d)\n/g, "$1").padEnd(1024, "0123456789"),
    );
  });

  it("has what child processes print where they print it", async () => {
    const child = `require("child_process").execSync("echo child", { stdio: "inherit" })`;
    const execution = await kernel.execute(`console.log("before"); ${child}; console.log("after")`);
    expect(printedText(execution)).to.equal("before\nchild\nafter\n");
  });

  it("has what child processes and native code print though the cell itself prints nothing", async () => {
    const child = `require("child_process").execSync("echo child", { stdio: "inherit" })`;
    for (const [code, text] of [
      [child, "child\n"],
      [`require("fs").writeSync(1, "native"); 1`, "native"],
    ]) {
      const fresh = await KernelClient.start();
      for (let round = 0; round < 3; round++) {
        const execution = await fresh.execute(code);
        expect(printedText(execution), `cell ${round + 1}`).to.equal(text);
      }
      await fresh.close();
    }
  });

  it("goes on after somebody has ended or destroyed its streams", async () => {
    const code = `import { Readable } from "stream"; import { pipeline } from "stream/promises";
await pipeline(Readable.from(["piped "]), process.stdout);
await new Promise<void>((done) => process.stdout.end("ended ", done)); process.stdout.destroy();
console.log("printed");`;
    expect(printedText(await kernel.execute(code))).to.equal("piped ended printed\n");
    expect(printedText(await kernel.execute(`console.log("again")`))).to.equal("again\n");
  });

  it("has what child processes print that were given its streams", async () => {
    const code = `require("child_process").spawnSync("echo", ["child"], { stdio: [0, process.stdout, process.stderr] });
require("fs").writeSync(process.stdout.fd, "native\\n"); 0`;
    expect(printedText(await kernel.execute(code))).to.equal("child\nnative\n");
  });

  it("has what is written past Node, by native code and by children that run on", async () => {
    const native = `require("fs").writeSync(1, "native\\n");`;
    const child = `const child = require("child_process").spawn("sh", ["-c", "sleep 0.1; echo child"], { stdio: "inherit" });`;
    const code = `console.log("before"); ${native} ${child}
await new Promise((done) => child.on("exit", done)); console.log("after")`;
    expect(printedText(await kernel.execute(code))).to.equal("before\nnative\nchild\nafter\n");
  });

  it("belongs to the cell that has set the timer, though another may run by then", async () => {
    const late = kernel.next((_, { type, content }) => type === "stream" && content["text"] === "late\n");
    await kernel.execute(`setTimeout(() => console.log("late"), 30); console.log("early")`);
    const early = kernel.latest;
    const second = await kernel.execute(
      `await new Promise((done) => setTimeout(done, 90)); console.log("second")`,
    );
    expect(printedText(second)).to.equal("second\n");
    expect((await late).parent).to.equal(early);
  });

  it("has displays between prints, and prints after an await", async () => {
    const code = `console.log(1); display("two"); console.error(3); await null; console.log(4)`;
    const { outputs } = await kernel.execute(code);
    expect(outputs.map(({ type, content }) => (type === "stream" ? content["text"] : "two"))).to.deep.equal([
      "1\n",
      "two",
      "3\n",
      "4\n",
    ]);
  });

  it("keeps characters of several bytes whole", async () => {
    const execution = await kernel.execute(`process.stdout.write("é😀".repeat(100_000))`);
    expect(printedText(execution)).to.equal("é😀".repeat(100_000));
  });
});
