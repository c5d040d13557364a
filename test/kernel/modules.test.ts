import { expect } from "chai";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KernelClient, emptyFolder, printedText, resultText } from "./support/client";

/** A project with its notebooks beside its sources. */
const project = emptyFolder();
const outside = emptyFolder();

function write(files: Readonly<Record<string, string>>, root = project): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

describe("a module of a project", () => {
  let kernel: KernelClient;
  before(async () => {
    write({
      "tsconfig.base.json": `{ "compilerOptions": { "paths": { "@lib/*": ["lib/*"], "answer": ["lib/answer.ts"] } } }`,
      "tsconfig.json": `{
        // as editors write it
        "extends": "./tsconfig.base.json",
        "compilerOptions": { "baseUrl": ".", "jsx": "react-jsx", "jsxImportSource": "tiny", },
      }`,
      "lib/geo.ts": `import { square } from "./math.js";
interface Point { readonly x: number; readonly y: number }
export function dist({ x, y }: Point): number {
  return Math.sqrt(square(x) + square(y));
}
export default class Line { constructor(readonly end: Point) {} }
`,
      "lib/math.ts": "export const square = (x: number) => x * x;\n",
      "lib/answer.ts": "export const answer = 42;\n",
      "notebooks/.keep": "",
    });
    kernel = await KernelClient.start({ folder: join(project, "notebooks") });
  });
  after(async () => {
    await kernel.close();
    for (const folder of [project, outside]) rmSync(folder, { recursive: true, force: true });
  });

  const valueOf = async (code: string) => {
    const execution = await kernel.execute(code);
    expect(execution.reply["status"], `${code}\n${JSON.stringify(execution.reply)}`).to.equal("ok");
    return resultText(execution)?.replace(/\s+/g, " ");
  };
  const tracebackOf = async (code: string) => {
    const { reply } = await kernel.execute(code);
    expect(reply["status"], code).to.equal("error");
    return (reply["traceback"] as string[]).join("\n");
  };

  it("is found from the notebook's folder, wherever it lies", async () => {
    const home = "import { dist } from '../lib/geo'; const usual = dist; dist({ x: 3, y: 4 })";
    expect(await valueOf(home)).to.equal("5");
    write({ "far.ts": "export const far: string = 'away';\n" }, outside);
    write({
      "near/index.ts": "export * from '../near';\nexport { answer } from 'answer';\n",
      "near.ts": "export const near = 1",
    });
    write({ "notebooks/here/deep.ts": "export { near } from '../../near';\n" });
    symlinkSync(outside, join(project, "notebooks", "linked"));
    const found: Record<string, string> = {
      "import { far } from './linked/far'; far": "'away'",
      [`import { far } from ${JSON.stringify(join(outside, "far"))}; far`]: "'away'",
      "import { near } from '../near'; near": "1",
      "import { near, answer } from '../near/index'; [near, answer]": "[ 1, 42 ]",
      "import { near } from './here/deep'; near": "1",
      "import { dist } from '@lib/geo'; dist === usual": "true",
      "import Line, { dist } from 'lib/geo'; [dist === usual, new Line({ x: 1, y: 2 })]":
        "[ true, Line { end: { x: 1, y: 2 } } ]",
      "import { answer } from 'answer'; answer": "42",
      "(await import('@lib/geo')).dist === usual": "true",
      "require('../lib/geo').dist === usual": "true",
      "const { dist } = require('@lib/geo') as typeof import('@lib/geo'); dist === usual": "true",
    };
    for (const [code, value] of Object.entries(found)) expect(await valueOf(code), code).to.equal(value);
  });

  it("may be written in any kind of JavaScript and TypeScript", async () => {
    write({
      "kinds/one.mts":
        "import { createRequire } from 'node:module'; export const one = 1, req = createRequire(import.meta.url);\n",
      "kinds/two.cts": "import one = require('./one.mjs'); export = { two: one.one + 1 };\n",
      "kinds/three.mjs":
        "import two from './two.cjs'; export const three = (await Promise.resolve(two)).two + 1;\n",
      "kinds/unawaited.mjs": "await null;\n",
      "kinds/four.cjs": "exports.four = require('./plain').plain * 2;\n",
      "kinds/plain.js": "module.exports = { plain: 2 };\n",
      "kinds/module.js":
        "export * from './one.mts'; export * as plain from './plain.js'; export default () => 'module';\n",
      "kinds/view.tsx": "export const view = (name: string) => <b title={name}>{name}</b>;\n",
      "kinds/look.jsx": "export const look = () => <><i /></>;\n",
      "kinds/data.json": `{ "rows": [1, 2] }`,
      "kinds/awaited.ts":
        "for await (const x of [Promise.resolve(8)]) globalThis.eight = x;\nexport { three as late } from './three.mjs';\ndeclare global { var eight: number }\n",
      "node_modules/tiny/package.json": `{ "name": "tiny", "version": "1.0.0", "exports": { "./jsx-runtime": { "types": "./jsx.d.ts", "default": "./jsx.js" } } }`,
      "node_modules/tiny/jsx.js":
        "exports.jsx = exports.jsxs = (type, props) => ({ type, props }); exports.Fragment = 'all';\n",
      "node_modules/tiny/jsx.d.ts":
        "export function jsx(type: unknown, props: object): object; export { jsx as jsxs }; export const Fragment: string;\n" +
        "export namespace JSX { interface IntrinsicElements { b: object; i: object } type Element = object }\n",
    });
    const kinds: Record<string, string> = {
      "import { one, req } from '../kinds/one.mjs'; [one, typeof req('./plain')]": "[ 1, 'object' ]",
      "import two from '../kinds/two.cjs'; two": "{ two: 2 }",
      "import { three } from '../kinds/three.mjs'; three": "3",
      "import { four } from '../kinds/four.cjs'; four": "4",
      "import fallback, { one, plain } from '../kinds/module.js'; [fallback(), one, plain.plain]":
        "[ 'module', 1, 2 ]",
      "import plain from '../kinds/plain'; plain": "{ plain: 2 }",
      "import { view } from '../kinds/view'; view('n')":
        "{ type: 'b', props: { title: 'n', children: 'n' } }",
      "import { look } from '../kinds/look'; look()":
        "{ type: 'all', props: { children: { type: 'i', props: {} } } }",
      "import data, { rows } from '../kinds/data.json'; [data.rows === rows, rows.length]": "[ true, 2 ]",
      "import { late } from '../kinds/awaited'; [late, eight]": "[ 3, 8 ]",
      "[(await import('../kinds/three.mjs')).three, (await import('../kinds/plain.js')).default.plain]":
        "[ 3, 2 ]",
    };
    for (const [code, value] of Object.entries(kinds)) expect(await valueOf(code), code).to.equal(value);
    expect(await tracebackOf("require('../kinds/unawaited.mjs')")).to.contain("awaits at its top level");
  });

  it("may be one of a circle, loads once, and what it imports before it", async () => {
    write({
      "circle/a.ts":
        "import { b } from './b'; console.log('a'); export const a = () => `a${b()}`; export const name = 'A';\n",
      "circle/b.ts":
        "import { name } from './a'; import './c.mjs'; console.log('b'); export const b = () => name;\n",
      "circle/c.mjs": "await null; console.log('c');\n",
    });
    const execution = await kernel.execute(
      "import { b } from '../circle/b'; import { a } from '../circle/a'; [a(), b()]",
    );
    expect([printedText(execution), resultText(execution)]).to.deep.equal(["a\nc\nb\n", "[ 'aA', 'A' ]"]);
    expect(printedText(await kernel.execute("import '../circle/c.mjs'; require('../circle/a');"))).to.equal(
      "",
    );
  });

  it("of a package that is linked may be TypeScript", async () => {
    const main = {
      "src/index.ts": "import { part } from './part.js'; export const name = 'NAME' + part;\n",
      "src/part.ts": "export const part: number = 1;\n",
    };
    const packages: Record<string, object> = {
      "by-main": { main: "src/index.ts" },
      "by-types": { main: "dist/index.js", types: "src/index.ts" },
      "by-exports": { type: "module", exports: "./src/index.ts" },
      "by-conditions": { exports: { ".": { import: "./src/index.ts", require: "./no.cjs" } } },
      "@scope/by-source": { exports: { ".": { types: "./src/index.ts", default: "./dist/index.js" } } },
    };
    for (const [name, manifest] of Object.entries(packages)) {
      const files = Object.entries(main).map(([file, text]): [string, string] => [
        file,
        text.replace("NAME", name),
      ]);
      write(
        Object.fromEntries<string>([
          ...files,
          ["package.json", JSON.stringify({ name, version: "1.0.0", ...manifest })],
        ]),
        join(project, "packages", name),
      );
      const link = join(project, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(project, "packages", name), link);
      expect(
        await valueOf(`import { name as linked } from '${name}'; const text: string = linked; text`),
      ).to.equal(`'${name}1'`);
    }
    write({ "packages/by-main/src/part.ts": "export const part: number = 2;\n" });
    expect(await valueOf("import { name as edited } from 'by-main'; edited")).to.equal("'by-main2'");
  });

  it("imports packages by their conditions", async () => {
    write({
      "node_modules/dual/package.json": `{ "name": "dual", "version": "1.0.0", "exports": {
        ".": { "import": { "types": "./kind.d.mts", "default": "./kind.mjs" }, "require": "./kind.cjs" },
        "./only": { "import": "./kind.mjs" }, "./node": { "node": "./node.cjs", "default": "./missing.js" } } }`,
      "node_modules/dual/kind.mjs": "export const kind = 'import';\n",
      "node_modules/dual/kind.d.mts": "export const kind: 'import';\n",
      "node_modules/dual/kind.cjs": "exports.kind = 'require';\n",
      "node_modules/dual/node.cjs": "exports.kind = 'node';\n",
      "lib/dual.ts": "import { kind } from 'dual'; export const kinds = [kind, require('dual').kind];\n",
    });
    expect(await valueOf("import { kind } from 'dual'; const only: 'import' = kind; only")).to.equal(
      "'import'",
    );
    expect(await valueOf("require('dual').kind")).to.equal("'require'");
    expect(await valueOf("import { kind } from 'dual/only'; kind")).to.equal("'import'");
    expect(await valueOf("import { kind } from 'dual/node'; kind")).to.equal("'node'");
    expect(await valueOf("import { kinds } from '../lib/dual'; kinds")).to.equal("[ 'import', 'require' ]");
    expect(await valueOf("(await import('dual')).kind")).to.equal("'import'");
  });

  it("is loaded again when it has changed, with all that import it, and nothing else", async () => {
    write({
      "edited/value.ts": "export const value = 1;\n",
      "edited/values.mjs": "import { value } from './value'; export const values = [value, value];\n",
      "edited/all.cjs": "exports.values = require('./values.mjs').values;\n",
      "edited/count.ts": "let count = 0;\nexport const increase = () => ++count;\n",
      "edited/data.json": `{ "step": 1 }`,
    });
    const all =
      "import { values } from '../edited/all.cjs'; import { increase } from '../edited/count';\nimport data from '../edited/data.json'; [values[0], increase(), data.step]";
    expect(await valueOf(all)).to.equal("[ 1, 1, 1 ]");
    write({ "edited/value.ts": "export const value = 'two';\n" });
    expect(await valueOf(all)).to.equal("[ 'two', 2, 1 ]");
    write({ "edited/data.json": `{ "step": 20 }` });
    expect(await valueOf(all)).to.equal("[ 'two', 3, 20 ]");
    expect(
      await valueOf(
        "const { values: required } = require('../edited/all.cjs') as { values: unknown[] }; required",
      ),
    ).to.equal("[ 'two', 'two' ]");
    write({ "edited/value.ts": "export const value = [3];\n" });
    expect(await valueOf("(await import('../edited/values.mjs')).values[0].length")).to.equal("1");
    rmSync(join(project, "edited/value.ts"));
    expect(await tracebackOf(all.replace("all.cjs", "values.mjs"))).to.contain("./value");
    write({ "edited/value/index.ts": "export const value = 'folder';\n" });
    expect(await valueOf(all)).to.equal("[ 'folder', 4, 20 ]");
  });

  it("is told in tracebacks by its place, from wherever an error comes", async () => {
    write({
      "places/fail.ts": `type Unused = { readonly of: string };

export function now(): never {
  throw new RangeError("now");
}
export class Later {
  async wait(): Promise<void> {
    await null;
    enum Inside { A }
    if (Inside.A === 0) now();
  }
}
export const timed = () => setTimeout(() => now(), 1);
`,
      "places/loading.tsx": "const x: number = 1;\n\nif (x > 0) throw new Error('loading');\nexport {};\n",
      "places/plain.js": "'use strict';\n\nexports.fail = () => { null.x; };\n",
      "places/awaited.mts":
        "const x: number = await 1;\nawait (async () => { throw new Error(`awaited ${x}`) })();\n",
    });
    await valueOf(
      "import { now, Later, timed } from '../places/fail'; import { fail } from '../places/plain'",
    );
    const nowPlace =
      '> 4 |   throw new RangeError("now");\n    |         ^\n  5 | }\n\n    at now (../places/fail.ts:4:9)';
    expect(await tracebackOf("\nnow()")).to.contain(`${nowPlace}\n    at In[`);
    expect(await tracebackOf("await new Later().wait()")).to.contain(
      `${nowPlace}\n    at Later.wait (../places/fail.ts:10:25)\n    at async In[`,
    );
    expect(await tracebackOf("fail()")).to.contain("../places/plain.js:3:29");
    expect(await tracebackOf("import '../places/loading'")).to.contain("> 3 | if (x > 0) throw");
    expect(await tracebackOf("import '../places/awaited.mjs'")).to.contain("../places/awaited.mts:2:28");
    const { outputs } = await kernel.execute("timed(); await new Promise((done) => setTimeout(done, 50))");
    expect(String(outputs[0].content["text"])).to.match(
      /at now \(\.\.\/places\/fail\.ts:4:9\)\n.*\.\.\/places\/fail\.ts:13:45/,
    );
    // What has been loaded before is told by what it was.
    await valueOf("const older = now");
    write({ "places/fail.ts": "\n\n\n\n\nexport const now = () => { throw new Error('newer') };\n" });
    await valueOf("import { now as newer } from '../places/fail'");
    expect(await tracebackOf("[0].map(older)")).to.contain(nowPlace);
    expect(await tracebackOf("newer()")).to.contain("../places/fail.ts:6:34");
  });

  it("with a mistake says where", async () => {
    write({
      "wrong/syntax.ts": "export const fine = 1;\nexport const broken = ;\n",
      "wrong/syntax.mjs": "export const fine = 1;\n\nexport const = 2;\n",
      "wrong/type.ts": "export const wrong: number = 'x';\n",
      "wrong/through.ts": "export * from './type';\nexport { fine } from './syntax';\n",
      "wrong/data.json": `{ "x": }`,
    });
    const syntax =
      "../wrong/syntax.ts:2:23 - Expression expected.\n\n  1 | export const fine = 1;\n> 2 | export const broken = ;";
    for (const code of [
      "import '../wrong/syntax'",
      "// @ts-nocheck\nimport '../wrong/syntax'",
      "import '../wrong/through'",
    ]) {
      expect(await tracebackOf(code), code).to.contain(syntax);
    }
    expect(await tracebackOf("import '../wrong/type'")).to.contain("../wrong/type.ts:1:14 - Type 'string'");
    expect(await tracebackOf("const name = '../wrong/syntax.mjs'; await import(name)")).to.match(
      /^SyntaxError: .*\n\n.*\n> 3 \| export const = 2;\n.*\^\n.*\n\n {4}at \.\.\/wrong\/syntax\.mjs:3:14/s,
    );
    expect(await tracebackOf("const path = '../wrong/syntax'; require(path)")).to.contain(
      "../wrong/syntax.ts:2:23",
    );
    expect(await tracebackOf("const json = '../wrong/data.json'; require(json)")).to.contain(
      "wrong/data.json",
    );
    expect(await tracebackOf("const gone = '../wrong/gone'; require(gone)")).to.contain("'../wrong/gone'");
  });

  it("is loaded anew after an interrupt has ended it half way", async () => {
    write({
      "slow/loop.ts": "export const done = true;\nif (globalThis.process.env['LOOP']) while (true) {}\n",
      "slow/wait.mjs": "export const done = true; if (process.env.LOOP) await new Promise(() => {});\n",
    });
    for (const name of ["loop", "wait.mjs"]) {
      await valueOf("process.env['LOOP'] = 'yes'");
      const execution = kernel.execute(`import { done } from '../slow/${name}'; done`);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await kernel.request("control", "interrupt_request", {});
      expect((await execution).reply["ename"]).to.equal("Interrupted");
      await valueOf("delete process.env['LOOP']");
      expect(await valueOf(`import { done } from '../slow/${name}'; done`)).to.equal("true");
    }
  });

  it("follows tsconfig.json when that changes", async () => {
    write({ "moved/thing.ts": "export const thing = 'moved';\n" });
    expect(await tracebackOf("import { thing } from '~thing'")).to.contain("Cannot find module '~thing'");
    write({
      "tsconfig.base.json": `{ "compilerOptions": { "paths": { "~thing": ["./moved/thing.ts"] }, "strictNullChecks": false } }`,
    });
    expect(await valueOf("import { thing } from '~thing'; const none: string = null; thing + none")).to.equal(
      "'movednull'",
    );
  });
});
