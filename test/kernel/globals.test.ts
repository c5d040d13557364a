import { expect } from "chai";
import { KernelClient, resultText } from "./support/client";

/** Where the kernel is found by what it compiles. */
const internal = /^__saddle$/;

describe("what a cell has without importing it", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const valueOf = async (code: string) => {
    const execution = await kernel.execute(code);
    expect(execution.reply["status"], `${code}\n${JSON.stringify(execution.reply)}`).to.equal("ok");
    return resultText(execution);
  };
  const isRefused = async (code: string) => (await kernel.execute(code)).reply["ename"] === "CompileError";

  it("type-checks if it is there", async () => {
    const names =
      (await valueOf("Object.getOwnPropertyNames(globalThis).join()"))?.slice(1, -1).split(",") ?? [];
    expect(names).to.include.members(["WebAssembly", "Array", "display"]);
    const refused: string[] = [];
    for (const name of [...names, "module", "exports", "require", "__filename", "__dirname"]) {
      if (!/^\w+$/.test(name) || internal.test(name)) continue;
      if (await isRefused(`${name};`)) refused.push(name);
      if (names.includes(name) && (await isRefused(`globalThis.${name};`)))
        refused.push(`globalThis.${name}`);
    }
    expect(refused).to.deep.equal([]);
  });

  it("is there if it type-checks", async () => {
    const { metadata } = await kernel.request("shell", "complete_request", { code: "", cursor_pos: 0 });
    const entries = (metadata as Record<string, { text: string; type: string }[]>)[
      "_jupyter_types_experimental"
    ];
    const names = entries.filter(({ type }) => /^(var|const|let|function|class|module|enum)$/.test(type));
    expect(names.map(({ text }) => text)).to.include.members([
      "Math",
      "WebAssembly",
      "process",
      "widgets",
      "require",
    ]);
    const absent: string[] = [];
    for (const { text: name } of names) {
      if (name === "undefined" || (await valueOf(`typeof ${name}`)) !== "'undefined'") continue;
      // What may be undefined is to be asked whether it is.
      if (!(await isRefused(`${name}.toString();`))) absent.push(name);
    }
    expect(absent).to.deep.equal([]);
  });

  it("compiles and runs WebAssembly, with its types", async () => {
    // (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    const bytes = "0061736d0100000001070160027f7f017f03020100070701036164640000" + "0a09010700200020016a0b";
    await valueOf(`const wasm = Buffer.from("${bytes}", "hex");`);
    expect(
      await valueOf("const { instance } = await WebAssembly.instantiate(wasm); instance.exports.add(2, 3)"),
    ).to.equal("5");
    expect(await valueOf("WebAssembly.validate(wasm)")).to.equal("true");
    expect(await isRefused("new WebAssembly.Memory({ initial: '1' })")).to.equal(true);
  });

  it("knows the module that it is", async () => {
    const code = `import { createRequire } from "node:module"; import { fileURLToPath } from "node:url"; import { join } from "node:path";
const here = process.cwd();
[import.meta.dirname === here, __dirname === here, import.meta.filename === __filename, module.filename === __filename,
 fileURLToPath(import.meta.url) === __filename, require.main === module, createRequire(import.meta.url)("node:fs") === require("fs"),
 import.meta.resolve("node:fs"), (() => import.meta.dirname)() === here, (await import("node:fs")).existsSync(here)]`;
    expect((await valueOf(code))?.replace(/\\s+/g, " ").match(/true/g)).to.have.length(9);
    expect(await valueOf("exports.given = 3; module.exports.given")).to.equal("3");
    expect(
      await valueOf("let module = 1, exports = 2; const require = 3; [module, exports, require]"),
    ).to.equal("[ 1, 2, 3 ]");
  });
});
