import { expect } from "chai";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KernelClient, emptyFolder, printedText, resultText, valueIn } from "./support/client";
import type { Execution } from "./support/client";

function tracebackOf({ reply }: Execution): string {
  return (reply["traceback"] as string[]).join("\n");
}

describe("a cell", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const valueOf = (code: string) => valueIn(kernel, code);

  it("shows the value of its last expression, and none that is undefined", async () => {
    expect(await valueOf("const a = [1, 2];\na.map((x) => 2 * x)")).to.equal("[ 2, 4 ]");
    expect(await valueOf("null")).to.equal("null");
    expect(await valueOf("undefined")).to.equal(undefined);
    expect(await valueOf("const quiet = 1")).to.equal(undefined);
  });

  it("that is an object literal is an object, and not a block", async () => {
    await valueOf("const known = 3; interface Pair { a: number; b?: string }");
    const objects: [code: string, value: string][] = [
      ["{a: 1, b: 2}", "{ a: 1, b: 2 }"],
      ["{a: 1}", "{ a: 1 }"],
      ["{a: 1};", "{ a: 1 }"],
      ["{}", "{}"],
      ["{ known }", "{ known: 3 }"],
      ["// first\n{ a: { b: [1] }, } /* and */ // last", "{ a: { b: [ 1 ] } }"],
      [
        "{ ...{ a: 1 }, f(x: number): number { return x }, ['k' + 1]: 2 }",
        "{ a: 1, f: [Function: f], k1: 2 }",
      ],
      ["{ a: 1 } as Pair", "{ a: 1 }"],
      ["{ a: 1, b: 'x' } satisfies Pair;", "{ a: 1, b: 'x' }"],
      ["{ a: await Promise.resolve(4), b: <T,>(x: T) => x }", "{ a: 4, b: [Function: b] }"],
    ];
    for (const [code, value] of objects) {
      expect(await valueOf(code), code).to.equal(value);
      const content = await kernel.request("shell", "is_complete_request", { code });
      expect(content["status"], code).to.equal("complete");
    }
    const blocks = ["{ const a = 1; }", "{ a: for (;;) { break a; } }", "{ known; }", "{ if (known) {} }"];
    for (const code of blocks) expect(await valueOf(code), code).to.equal(undefined);
    expect(await valueOf("{ const a = 5; }\nknown")).to.equal("3");
  });

  it("that is an object literal has its errors in their places", async () => {
    const wrong = await kernel.execute("{ a: 1,\n  b: known.x, c: 2 } as { a: number }");
    expect(tracebackOf(wrong)).to.match(/In\[\d+\]:2:12 - Property 'x'/);
    const oneLine = await kernel.execute("/**/ { a: (() => { throw new Error('inside') })() };");
    expect(tracebackOf(oneLine)).to.match(/In\[\d+\]:1:26\n {4}at In\[\d+\]:1:48/);
  });

  it("that ends with a timer says so in a line", async () => {
    expect(await valueOf("setTimeout(() => undefined, 100)")).to.equal("Timeout (once, after 100 ms)");
    expect(await valueOf("const ticking = setInterval(() => undefined, 100); ticking")).to.equal(
      "Timeout (every 100 ms)",
    );
    expect(await valueOf("clearInterval(ticking); ticking")).to.equal("Timeout (over)");
    expect(await valueOf("setImmediate(() => undefined)")).to.equal("Immediate");
  });

  it("sees the variables, functions, classes and types of those before it", async () => {
    await valueOf("class Point { constructor(readonly x: number) {} }\ninterface Named { name: string }");
    expect(await valueOf("const n: Named = { name: 'p' };\nnew Point(3).x")).to.equal("3");
  });

  it("may declare a name again, with another type", async () => {
    await valueOf("const again = 1; let other = 'a'");
    expect(await valueOf("const again = 'text'; let other = 2; [again, other]")).to.equal("[ 'text', 2 ]");
  });

  it("may be run again, and its names stay", async () => {
    for (let round = 0; round < 2; round++) {
      await valueOf("let kept = 1, keptToo = 2; enum Kind { A, B }\nimport { join } from 'node:path'");
    }
    await valueOf("1");
    expect(await valueOf("[kept, keptToo, Kind.B, join('a', 'b')]")).to.equal("[ 1, 2, 1, 'a/b' ]");
    await valueOf("let keptToo = 3");
    await valueOf("let keptToo = 3");
    expect(await valueOf("2")).to.equal("2");
    expect(await valueOf("[kept, keptToo]")).to.equal("[ 1, 3 ]");
  });

  it("sees the namespaces of those before it, until they declare something else of that name", async () => {
    const space = "namespace Space { export const size = 4; export type Name = string }";
    for (const code of [space, space, "namespace Types { export type T = number }", "1"]) await valueOf(code);
    await valueOf(
      "class Merged { x = 1 }\nnamespace Merged { export const zero = new Merged(); }\nimport Zero = Merged.zero",
    );
    await valueOf("2");
    const code =
      "const named: Space.Name = 'n', typed: Types.T = 1; [Space.size, Zero.x, Merged.zero.x, named]";
    expect(await valueOf(code)).to.equal("[ 4, 1, 1, 'n' ]");
    await valueOf("namespace Types { export type T = string }");
    expect(await valueOf("const retyped: Types.T = 's'; retyped")).to.equal("'s'");
    await valueOf("class Merged { y = 2 }");
    expect((await kernel.execute("Merged.zero")).reply["status"]).to.equal("error");
    await valueOf("const Space = 3");
    expect(await valueOf("const three: number = Space; three")).to.equal("3");
  });

  it("declares globally, for good", async () => {
    const third = `declare global { interface Array<T> { third(): T } }
Array.prototype.third = function () { return this[2]; };`;
    expect(await valueOf(`${third}\n[1, 2, 3].third()`)).to.equal("3");
    await valueOf("declare global { interface Array<T> { fourth?: T } }");
    // Run again, it says what it has said.
    await valueOf(third);
    expect(await valueOf("const added: number = [4, 5, 6].third(); [added, [0].fourth]")).to.equal(
      "[ 6, undefined ]",
    );
    expect(await valueOf("Array.from([1])")).to.equal("[ 1 ]");
    await valueOf("declare global { var everywhere: number }\nglobalThis.everywhere = 3");
    expect(await valueOf("everywhere += 1; [everywhere, globalThis.everywhere]")).to.equal("[ 4, 4 ]");
  });

  it("sees what those before it declare with var in loops and blocks", async () => {
    await valueOf(`class Item { id = 1 }
for (var step = 0; step < 3; step++) { var half = { of: step / 2 }; }
try { var [first, { id }] = ["a", new Item()] as const; if (first === "a") { var item = new Item(); } } catch {}
for (const x of [1]) { const inside = x; }
(() => { if (true) { var hidden = 1; } })();`);
    await valueOf("1");
    expect(await valueOf("const n: number = step + half.of + id + item.id; [n, first.length]")).to.equal(
      "[ 6, 1 ]",
    );
    await valueOf("const library = require('saddle') as typeof import('saddle')");
    await valueOf(
      "while (true) { var zeros = library.zeros([2]); var many = new Map<string, Item>(); break; }",
    );
    expect(
      await valueOf("many.set('a', item); const shape: readonly number[] = zeros.shape; shape"),
    ).to.equal("[ 2 ]");
    await valueOf("for (var never = 5; never < 0; never++); if (id > 0) var alone = 'b';");
    await kernel.execute(
      "for (var letter of ['a', 'b', 'c']) if (letter === alone) throw new Error('found');",
    );
    expect(await valueOf("[never, alone, letter]")).to.equal("[ 5, 'b', 'b' ]");
    for (const name of ["inside", "hidden"]) {
      expect((await kernel.execute(name)).reply["evalue"]).to.contain(`Cannot find name '${name}'`);
    }
  });

  it("assigns the variables that functions of earlier cells see", async () => {
    await valueOf("let rate = 0.1; const show = () => rate");
    expect(await valueOf("rate = 0.5; show()")).to.equal("0.5");
  });

  it("reads and assigns variables of earlier cells in the shorthand of an object", async () => {
    await valueOf("let height = 2, depth = 3; const area = () => height * depth");
    expect(await valueOf("const width = 1; const box = { width, height };\nbox")).to.equal(
      "{ width: 1, height: 2 }",
    );
    await valueOf("({ height, depth = 7 } = { height: 5 } as { height: number; depth?: number });");
    expect(await valueOf("[area(), ((height: number) => ({ height }))(4)]")).to.equal(
      "[ 35, { height: 4 } ]",
    );
  });

  it("awaits at the top level, in loops as well", async () => {
    expect(await valueOf("await Promise.resolve(5)")).to.equal("5");
    expect(await valueOf("let sum = 0;\nfor await (const x of [1, 2, 3]) sum += x;\nsum")).to.equal("6");
  });

  it("writes down types that have no name here, after an await too", async () => {
    await valueOf(`const devices = await (require("saddle") as typeof import("saddle")).report.devices();`);
    expect(await valueOf("devices.numbers.devices.length > 0")).to.equal("true");
  });

  it("may export, which every cell does anyway", async () => {
    expect(await valueOf("export const shared = 4;\nshared")).to.equal("4");
    await valueOf("let total = 1; const useTotal = () => total; interface Row { id: number }");
    await valueOf("export { total, useTotal }");
    expect(await valueOf("[total, useTotal()]")).to.equal("[ 1, 1 ]");
    await valueOf("total = 5;\nexport {\n  total as sum,\n  useTotal,\n}; export type { Row as Line }");
    expect(await valueOf("const line: Line = { id: sum }; [line, total, useTotal()]")).to.equal(
      "[ { id: 5 }, 5, 5 ]",
    );
    await valueOf("export { join as joined } from 'node:path'; export * as paths from 'node:path'");
    expect(await valueOf("[joined('a', 'b'), paths.basename('a/b')]")).to.equal("[ 'a/b', 'b' ]");
    const { reply } = await kernel.execute("1;\nexport * from 'node:fs'");
    expect(reply["evalue"]).to.contain("import * as name from 'node:fs'");
    const wrong = await kernel.execute("export { total as sum };\n\nconst text: string = total;");
    expect(tracebackOf(wrong)).to.contain("> 3 | const text: string = total;");
  });

  it("is refused with its own lines when a type is wrong", async () => {
    const failed = await kernel.execute("const fine = 1;\n\nconst wrong: string = 5;\nconsole.log(fine)");
    expect(failed.reply["ename"]).to.equal("CompileError");
    expect(tracebackOf(failed)).to.match(/In\[\d+\]:3:7 - Type 'number' is not assignable to type 'string'/);
    expect(tracebackOf(failed)).to.contain("> 3 | const wrong: string = 5;\n    |       ^^^^^");
    expect(failed.outputs.map(({ type }) => type)).to.deep.equal(["error"]);
  });

  it("is checked strictly, unless it says otherwise", async () => {
    const failed = await kernel.execute("function loose(x) { return x }");
    expect(tracebackOf(failed)).to.contain("implicitly has an 'any' type");
    expect(await valueOf("// @ts-nocheck\nconst unchecked: string = 5;\nunchecked")).to.equal("5");
  });

  it("has tracebacks in its own coordinates, through an await as well", async () => {
    await valueOf("const deep = async () => {\n  await null;\n  throw new RangeError('too deep');\n};");
    const failed = await kernel.execute("\nawait deep();");
    expect(failed.reply["ename"]).to.equal("RangeError");
    expect(tracebackOf(failed)).to.match(/at \w*\.?deep \(In\[\d+\]:3:9\)/);
    expect(tracebackOf(failed)).to.match(/at async .*In\[\d+\]:2:1/);
    expect(tracebackOf(failed)).not.to.contain("node:");
  });

  it("tells what is behind an error", async () => {
    const failed = await kernel.execute(
      `throw new Error("outer", { cause: new AggregateError([new TypeError("inner"), 5], "both") })`,
    );
    expect(tracebackOf(failed)).to.contain("Caused by: AggregateError: both");
    expect(tracebackOf(failed)).to.match(
      /One of them: TypeError: inner\n {4}at In\[\d+\]:1:\d+\nOne of them: 5$/,
    );
  });

  it("keeps what it has assigned before it fails", async () => {
    await kernel.execute("let kept = 7;\nthrow new Error('after')");
    expect(await valueOf("kept")).to.equal("7");
  });

  it("may throw what is no error", async () => {
    const { reply } = await kernel.execute("throw 5");
    expect([reply["ename"], reply["evalue"]]).to.deep.equal(["Thrown", "5"]);
  });

  it("shows values that show themselves", async () => {
    const code = `({ async [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>x</b>" } } })`;
    const { outputs } = await kernel.execute(code);
    const data = outputs[0].content["data"] as Record<string, string>;
    expect(data["text/html"]).to.equal("<b>x</b>");
    expect(data["text/plain"]).to.be.a("string");
  });

  it("shows HTML, Markdown, formulas, drawings, JSON, images and tables", async () => {
    const code = `display.html("<i>h</i>"); display.markdown("*m*"); display.latex("x^2"); display.svg("<svg/>");
display.json({ a: [1] }); display.image(Buffer.from("89504e470d0a1a0a", "hex"), { width: 30 });
display.table([{ n: 1 / 3, s: "<" }, { n: 20 }])`;
    const { outputs } = await kernel.execute(code);
    expect(outputs.map(({ type }) => type)).to.deep.equal(Array.from({ length: 7 }, () => "display_data"));
    const shown = outputs.map(({ content }) => content["data"] as Record<string, unknown>);
    expect(shown.slice(0, 6).map((data) => Object.entries(data)[0])).to.deep.equal([
      ["text/html", "<i>h</i>"],
      ["text/markdown", "*m*"],
      ["text/latex", "$$x^2$$"],
      ["image/svg+xml", "<svg/>"],
      ["application/json", { a: [1] }],
      ["image/png", "iVBORw0KGgo="],
    ]);
    expect(outputs[5].content["metadata"]).to.deep.equal({ "image/png": { width: 30 } });
    expect(shown[6]["text/plain"]).to.equal("       n  s\n0.333333  <\n      20");
    expect(shown[6]["text/html"]).to.contain(`<td style="text-align: right">0.333333</td><td>&lt;</td>`);
  });

  it("updates a display and clears its output", async () => {
    const { outputs } = await kernel.execute(
      `const shown = display({ "text/plain": "one" }, { id: "place" });\nshown.update("two");\nclearOutput(true)`,
    );
    expect(outputs.map(({ type }) => type)).to.deep.equal([
      "display_data",
      "update_display_data",
      "clear_output",
    ]);
    expect(outputs[1].content["transient"]).to.deep.equal({ display_id: "place" });
  });

  it("asks for input", async () => {
    const asked = kernel.next((channel) => channel === "stdin");
    const execution = kernel.execute("await input('name? ')");
    expect((await asked).content).to.deep.equal({ prompt: "name? ", password: false });
    kernel.send("stdin", "input_reply", { value: "Ada" });
    expect(resultText(await execution)).to.equal("'Ada'");
    const hidden = kernel.next((channel) => channel === "stdin");
    const secret = kernel.execute("(await input('word? ', { password: true })).length");
    expect((await hidden).content).to.deep.equal({ prompt: "word? ", password: true });
    kernel.send("stdin", "input_reply", { value: "sesame" });
    expect(resultText(await secret)).to.equal("6");
    const refused = await kernel.execute("await input()", { allow_stdin: false });
    expect(refused.reply["evalue"]).to.contain("nobody to ask");
  });

  it("has Node's types and modules in a folder without a package", async () => {
    expect(await valueOf("import { join } from 'node:path';\njoin('a', 'b')")).to.equal("'a/b'");
    expect(await valueOf("const fs = await import('fs');\ntypeof fs.existsSync")).to.equal("'function'");
    expect(await valueOf("typeof (await eval('import(\"node:fs\")')).existsSync")).to.equal("'function'");
  });

  it("has __dirname, the notebook's folder", async () => {
    const same = "[__dirname, { __dirname }.__dirname].every((folder) => folder === process.cwd())";
    expect(await valueOf(same)).to.equal("true");
    expect(await valueOf("const here = () => __dirname; here() === process.cwd()")).to.equal("true");
    expect(await valueOf("((__dirname: number) => __dirname)(3)")).to.equal("3");
  });

  it("has the arrays' methods that Node has", async () => {
    const code = "const list: readonly number[] = [3, 1, 2];\nconst typed = new Float32Array(list);";
    await valueOf(code);
    expect(
      await valueOf("[list.toSorted(), list.toReversed(), list.toSpliced(0, 1), list.with(0, 9)]"),
    ).to.equal("[ [ 1, 2, 3 ], [ 2, 1, 3 ], [ 1, 2 ], [ 9, 1, 2 ] ]");
    expect(await valueOf("[...typed.toSorted((a, b) => b - a).with(0, 7).toReversed()]")).to.equal(
      "[ 1, 2, 7 ]",
    );
  });

  it("imports saddle in a folder without a package, with its types", async () => {
    await valueOf(`import { currentFrontend } from "saddle";`);
    expect(await valueOf("typeof currentFrontend()?.display")).to.equal("'function'");
    const failed = await kernel.execute("const n: number = currentFrontend();");
    expect(tracebackOf(failed)).to.contain("Frontend");
  });
});

describe("a cell that imports", () => {
  let kernel: KernelClient;
  const folder = emptyFolder();
  before(async () => (kernel = await KernelClient.start({ folder })));
  after(() => kernel.close());

  const install = (name: string, files: Record<string, string>) => {
    const home = join(folder, "node_modules", name);
    mkdirSync(home, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text);
  };

  it("finds a package that is installed after it has been missed", async () => {
    const code = `import { late } from "late-package";\nlate`;
    expect((await kernel.execute(code)).reply["evalue"]).to.contain("Cannot find module 'late-package'");
    install("late-package", {
      "package.json": `{ "name": "late-package", "main": "index.js", "types": "index.d.ts" }`,
      "index.js": "exports.late = 'here'",
      "index.d.ts": "export declare const late: string;",
    });
    expect(resultText(await kernel.execute(code))).to.equal("'here'");
  });

  it("loads an ES module that awaits at its top level", async () => {
    install("slow-module", {
      "package.json": `{ "name": "slow-module", "type": "module", "exports": "./index.js" }`,
      "index.js": "export const slow = await Promise.resolve(42);",
    });
    expect(resultText(await kernel.execute(`import { slow } from "slow-module";\nslow`))).to.equal("42");
    expect(resultText(await kernel.execute(`(await import("slow-module")).slow`))).to.equal("42");
  });

  it("reads a local module again when it has changed", async () => {
    writeFileSync(join(folder, "local.ts"), "export const answer: number = 1;\n");
    const code = `import { answer } from "./local";\nanswer`;
    expect(resultText(await kernel.execute(code))).to.equal("1");
    writeFileSync(join(folder, "local.ts"), `export const answer: string = "two";\n`);
    expect(resultText(await kernel.execute(code))).to.equal("'two'");
    const failed = await kernel.execute(
      `import { answer as typed } from "./local";\nconst n: number = typed;`,
    );
    expect(failed.reply["evalue"]).to.contain("not assignable to type 'number'");
  });

  it("imports a local module that ends with an expression", async () => {
    writeFileSync(join(folder, "first.ts"), "export const one = 1;\nconsole.log('loaded');\n");
    writeFileSync(
      join(folder, "last.ts"),
      "import { one } from './first';\nexport const two = one + 1;\ntwo;\n",
    );
    const execution = await kernel.execute(`import { two } from "./last";\ntwo`);
    expect([printedText(execution), resultText(execution)]).to.deep.equal(["loaded\n", "2"]);
    expect(resultText(await kernel.execute("two + 1"))).to.equal("3");
  });

  it("imports a local module by the name of its file", async () => {
    writeFileSync(join(folder, "named.ts"), "export const named = 1;\n");
    writeFileSync(join(folder, "naming.ts"), "export { named as renamed } from './named.ts';\n");
    const code = `import { renamed } from "./naming.ts";\n[renamed, (await import("./named.ts")).named]`;
    expect(resultText(await kernel.execute(code))).to.equal("[ 1, 1 ]");
  });

  it("says which line of a local module is wrong", async () => {
    writeFileSync(join(folder, "broken.ts"), "\nexport const wrong: number = 'x';\n");
    const failed = await kernel.execute(`import { wrong } from "./broken";\nwrong`);
    expect(tracebackOf(failed)).to.match(/broken\.ts:2:14 - Type 'string'/);
  });

  it("reads JSON", async () => {
    writeFileSync(join(folder, "table.json"), `{ "rows": [1, 2] }`);
    const code = `import table from "./table.json";\ntable.rows.length`;
    expect(resultText(await kernel.execute(code))).to.equal("2");
    const late = `const late = await import("./table.json"); [late.rows.length, late.default.rows.length]`;
    expect(resultText(await kernel.execute(late))).to.equal("[ 2, 2 ]");
  });

  it("reads JSON again that has changed", async () => {
    const code = `import moving from "./moving.json";\nmoving.step`;
    for (const step of [1, 2]) {
      writeFileSync(join(folder, "moving.json"), JSON.stringify({ step }));
      expect(resultText(await kernel.execute(code))).to.equal(String(step));
      await delay(20);
    }
  });

  it("prints in its order", async () => {
    const execution = await kernel.execute(`console.log("a"); console.error("b"); console.log("c")`);
    expect(printedText(execution)).to.equal("a\nc\n");
    expect(execution.outputs.map(({ content }) => content["text"])).to.deep.equal(["a\n", "b\n", "c\n"]);
  });
});
