import { expect } from "chai";
import { KernelClient, printedText, resultText } from "./support/client";
import type { Message } from "./support/client";

/** Cells that never stop to print; each first prints or shows "started". */
const printing: Readonly<Record<string, string>> = {
  "console.log": `for (let i = 0; ; i++) console.log("started", i)`,
  "process.stdout.write": `for (let i = 0; ; i++) process.stdout.write("started " + i + "\\n")`,
  "console.error": `for (let i = 0; ; i++) console.error("started", { i, text: "x".repeat(i % 50) })`,
  "both streams": `for (let i = 0; ; i++) { console.warn("started"); console.info(i); }`,
  "console.table": `for (let i = 0; ; i++) { console.table([{ i, name: "started" }]); }`,
  display: `for (let i = 0; ; i++) display("started " + i)`,
  "callbacks of a write": `await new Promise(() => {
  const again = (): void => { for (let i = 0; i < 9; i++) console.log("started", i); process.stdout.write("", again); };
  again();
});`,
  "a pipe": `import { Readable } from "stream";
import { pipeline } from "stream/promises";
const lines = function* () { for (let i = 0; ; i++) yield "started " + i + "\\n"; };
await pipeline(Readable.from(lines()), process.stdout);`,
  "what a value shows of itself": `const endless = { [Symbol.for("nodejs.util.inspect.custom")]() { for (;;) console.log("started"); } };
console.log(endless);`,
  "large texts": `for (;;) console.log("started".repeat(30_000))`,
};

const saysStarted = ({ content }: Message) => JSON.stringify(content).includes("started");

describe("output after an interrupt", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const interrupt = async (code: string) => {
    const started = kernel.next(
      (channel, message) => channel === "iopub" && saysStarted(message) && isOutput(message),
    );
    const { reply } = await kernel.execute(code, {}, async () => {
      await started;
      await kernel.request("control", "interrupt_request", {});
    });
    expect(reply["ename"], String(reply["evalue"])).to.equal("Interrupted");
  };
  const isOutput = ({ type }: Message) => type === "stream" || type === "display_data";

  for (const [name, code] of Object.entries(printing)) {
    it(`of ${name} is heard, ten times over`, async () => {
      for (let round = 0; round < 10; round++) {
        await interrupt(code);
        const next = await kernel.execute(
          `console.log("out ${round}"); console.error("err ${round}"); ${round}`,
        );
        expect(printedText(next, "stdout")).to.equal(`out ${round}\n`);
        expect(printedText(next, "stderr")).to.equal(`err ${round}\n`);
        expect(resultText(next)).to.equal(String(round));
      }
    });
  }
});
