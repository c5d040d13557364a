import { expect } from "chai";
import { KernelClient } from "./support/client";

/** What a cell that fails throws, and the last line that is told of it. */
const stubborn: Readonly<Record<string, readonly [code: string, told: RegExp]>> = {
  "its own cause": [`const own = new Error("a"); own.cause = own; throw own`, /^Caused by: Error again$/],
  "one of two causes of each other": [
    `const one = new Error("one"); const two = new Error("two", { cause: one }); one.cause = two; throw one`,
    /^Caused by: Error again$/,
  ],
  "a stack that is no text": [`throw Object.assign(new Error("x"), { stack: 5 })`, /^Error: x$/],
  "a toString that fails": [
    `class Mute extends Error { override toString(): string { throw 1 } } throw new Mute("m")`,
    /at In\[\d+\]:1:/,
  ],
  "a message that fails": [
    `class Dumb extends Error { override get message(): string { throw 1 } } throw new Dumb()`,
    /at In\[\d+\]:1:/,
  ],
  "a way to be shown that fails": [
    `throw { [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("no") } }`,
    /^}$/,
  ],
};

describe("an error that is hard to tell", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  for (const [name, [code, told]] of Object.entries(stubborn)) {
    it(`is told all the same, and the kernel goes on: ${name}`, async () => {
      const { reply } = await kernel.execute(code);
      expect(reply["status"]).to.equal("error");
      const lines = (reply["traceback"] as string[]).join("\n").split("\n");
      expect(lines[lines.length - 1]).to.match(told);
      expect((await kernel.execute("1 + 1")).reply["status"]).to.equal("ok");
    });
  }

  it("can be interrupted while it is told", async () => {
    const code = `throw { [Symbol.for("nodejs.util.inspect.custom")]() { console.log("telling"); for (;;); } }`;
    const { reply } = await kernel.execute(code, {}, async () => {
      await kernel.printed("telling");
      await kernel.request("control", "interrupt_request", {});
    });
    expect(reply["ename"]).to.equal("Interrupted");
    expect((await kernel.execute("1 + 1")).reply["status"]).to.equal("ok");
  });

  it("is printed without what has called the cell", async () => {
    const { outputs } = await kernel.execute(`console.trace("here"); console.error(new Error("there"))`);
    const text = outputs.map(({ content }) => String(content["text"])).join("");
    expect(text).to.match(/^Trace: here\n {4}at In\[\d+\]:1:9\nError: there\n {4}at In\[\d+\]:1:38\n$/);
  });

  it("is shown if nobody catches it, whatever it is", async () => {
    for (const [thrown, text] of [
      ["{ code: 5 }", "Uncaught { code: 5 }\n"],
      ["Object.create(null)", "Uncaught [Object: null prototype] {}\n"],
    ]) {
      const code = `void Promise.reject(${thrown}); await new Promise((done) => setTimeout(done, 30))`;
      const { outputs } = await kernel.execute(code);
      expect(outputs.map(({ content }) => content["text"])).to.deep.equal([text]);
    }
  });
});
