import { expect } from "chai";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KernelClient, emptyFolder, printedText, resultText } from "./support/client";

describe("the protocol", () => {
  let kernel: KernelClient;
  before(async () => (kernel = await KernelClient.start()));
  after(() => kernel.close());

  const complete = (code: string, cursor_pos = Array.from(code).length) =>
    kernel.request("shell", "complete_request", { code, cursor_pos });
  const inspect = async (code: string, cursor_pos: number, type = "text/plain") => {
    const { data } = await kernel.request("shell", "inspect_request", { code, cursor_pos });
    return (data as Record<string, string>)[type];
  };
  const isComplete = (code: string) => kernel.request("shell", "is_complete_request", { code });

  it("tells what the kernel is", async () => {
    const info = await kernel.request("shell", "kernel_info_request", {});
    expect(info).to.deep.include({ status: "ok", implementation: "saddle", protocol_version: "5.5" });
    expect(info["language_info"]).to.deep.include({ name: "typescript", file_extension: ".ts" });
  });

  it("welcomes who subscribes to what it publishes", async () => {
    const welcome = kernel.next(
      (_, { type, content }) => type === "iopub_welcome" && content["subscription"] === "kernel",
    );
    kernel.subscribe("kernel");
    expect(await welcome).to.deep.include({ parent: undefined, content: { subscription: "kernel" } });
  });

  it("drops messages that are not signed with the key", async () => {
    kernel.send("shell", "execute_request", { code: "var forged = true" }, { signingKey: "another key" });
    expect((await kernel.execute("typeof forged")).reply["evalue"]).to.contain("Cannot find name");
  });

  it("executes silently, without history, and with user expressions", async () => {
    const { reply: before } = await kernel.execute("const x = 20");
    const silent = await kernel.execute("x + 1", { silent: true, store_history: false });
    expect(silent.outputs).to.deep.equal([]);
    const { reply } = await kernel.execute("1", { user_expressions: { double: "2 * x", broken: "y" } });
    expect(reply["execution_count"]).to.equal((before["execution_count"] as number) + 1);
    const { double, broken } = reply["user_expressions"] as Record<string, Record<string, unknown>>;
    expect(double).to.deep.include({ status: "ok", data: { "text/plain": "40" } });
    expect(broken["status"]).to.equal("error");
  });

  it("aborts what waits behind a cell that fails, and only if it is asked to", async () => {
    const aborted = [kernel.execute("throw 1"), kernel.execute("2")];
    expect((await Promise.all(aborted)).map(({ reply }) => reply["status"])).to.deep.equal([
      "error",
      "aborted",
    ]);
    const going = [kernel.execute("throw 1", { stop_on_error: false }), kernel.execute("2")];
    expect((await Promise.all(going)).map(({ reply }) => reply["status"])).to.deep.equal(["error", "ok"]);
  });

  it("completes by type, with cursors in code points", async () => {
    await kernel.execute("const point = { across: 1, along: 2 }");
    const reply = await complete("'😀'; point.a");
    expect(reply["matches"]).to.have.members(["across", "along"]);
    expect([reply["cursor_start"], reply["cursor_end"]]).to.deep.equal([11, 12]);
    const { _jupyter_types_experimental: types } = reply["metadata"] as Record<string, object[]>;
    expect(types[0]).to.deep.include({ text: "across", type: "property" });
  });

  it("completes the paths of modules", async () => {
    writeFileSync(join(kernel.folder, "neighbour.ts"), "export const near = 1;\n");
    expect((await complete(`import {} from "./nei`))["matches"]).to.include("neighbour");
    expect((await complete(`import {} from "node:f`))["matches"]).to.include("node:fs");
    expect((await complete(`import {} from "sad`))["matches"]).to.include("saddle");
    expect((await complete(`import { joi } from "node:path"`, 12))["matches"]).to.include("join");
  });

  it("completes within magics: names, options, and the TypeScript in them", async () => {
    expect((await complete("%hess"))["matches"]).to.deep.equal(["hessian"]);
    expect((await complete("const h = %hessian f @ x --ma"))["matches"]).to.deep.equal(["matrix-free"]);
    expect((await complete("%time point.acr"))["matches"]).to.deep.equal(["across"]);
  });

  it("inspects names and magics", async () => {
    expect(await inspect("Math.abs(1)", 6)).to.contain("abs(x: number): number");
    expect(await inspect("%time point", 9)).to.contain("across: number");
    expect(await inspect("%hessian f @ x", 3)).to.contain("--matrix-free");
  });

  it("inspects the call within whose arguments the cursor is, and which argument that is", async () => {
    await kernel.execute(`/** Adds them. @param b the other one */
function addTwo(a: number, b: number, ...more: string[]): number { return a + b; }
function over(x: string): string; function over(x: number, y?: boolean): number;
function over(x: unknown): unknown { return x; }
class Holder<T> { constructor(public held: T, times = 1) {} put(value: T, at: Date): this { return this; } }
const pickFrom = <T extends object>(of: T, key: keyof T) => of[key];`);
    const cases: [code: string, signature: string, argument: string][] = [
      ["addTwo(|", "addTwo(a: number, b: number, ...more: string[]): number", "Argument 1: `a: number`"],
      ["addTwo(1, |", "addTwo(a: number", "Argument 2: `b: number` — the other one\n\nAdds them."],
      ["addTwo(\n  1,|\n)", "addTwo(a: number", "Argument 2: `b: number`"],
      ["addTwo(1, 2, 'a', |)", "addTwo(a: number", "Arguments from 3 on: `...more: string[]`"],
      ["addTwo('(, (', `)${[1, 2]}`.length, |", "addTwo(a: number", "Arguments from 3 on"],
      [
        "addTwo(over(1, |), 2)",
        "over(x: number, y?: boolean): number (+1 overload)",
        "Argument 2 of 2: `y?: boolean`",
      ],
      ["addTwo(over(1), |)", "addTwo(a: number", "Argument 2: `b: number`"],
      ["addTwo(1, unheardOf|", "addTwo(a: number", "Argument 2: `b: number`"],
      [
        "new Holder('a', |",
        "Holder(held: string, times?: number): Holder<string>",
        "Argument 2 of 2: `times?: number`",
      ],
      [
        "new Holder('a').put('b', |",
        "put(value: string, at: Date): Holder<string>",
        "Argument 2 of 2: `at: Date`",
      ],
      ["new Holder<|", "Holder<T>(held: T", "Type argument 1 of 1: `T`"],
      [
        "pickFrom({ id: 1 }, |",
        'pickFrom(of: { id: number; }, key: "id"): number',
        'Argument 2 of 2: `key: "id"`',
      ],
      ["[1].map(|", "map(callbackfn:", "Argument 1 of 2: `callbackfn:"],
      ["process.cwd(|", "cwd(): string", "It takes no arguments."],
      ["%time addTwo(1, |", "addTwo(a: number", "Argument 2: `b: number`"],
    ];
    for (const [marked, signature, argument] of cases) {
      const shown = await inspect(marked.replace("|", ""), marked.indexOf("|"));
      expect(shown?.startsWith(signature), `${marked}: ${shown}`).to.equal(true);
      expect(shown, marked).to.contain(argument);
    }
    const found = async (marked: string) => {
      const request = { code: marked.replace("|", ""), cursor_pos: marked.indexOf("|") };
      return (await kernel.request("shell", "inspect_request", request))["found"];
    };
    for (const marked of ["addTwo(1, 2) |", "addTwo(1, // |", "if (|", "unheardOf(|", "%time |"]) {
      expect(await found(marked), marked).to.equal(marked.startsWith("%"));
    }
  });

  it("inspects and completes what is imported as what it is", async () => {
    await kernel.execute(
      `import { tensor, Tensor, nn } from "saddle"; import * as fs from "node:fs"; import { join as joined } from "node:path";`,
    );
    expect(await inspect("tensor", 3)).to.match(/^function tensor\(/);
    expect(await inspect("Tensor", 3)).to.match(/^class Tensor\b/);
    expect(await inspect("nn", 1)).to.match(/^namespace nn\b/);
    expect(await inspect("fs", 1)).to.match(/^module "node:fs"/);
    expect(await inspect("joined", 1)).to.match(/^\(method\) path\.PlatformPath\.join\(/);
    const kinds = async (code: string) => {
      const { metadata } = await complete(code);
      const types = (metadata as { _jupyter_types_experimental: { text: string; type: string }[] })
        ._jupyter_types_experimental;
      return Object.fromEntries(types.map(({ text, type }) => [text, type]));
    };
    expect(await kinds("ensor")).to.deep.include({ tensor: "function", Tensor: "class" });
    expect(await kinds("nn")).to.deep.include({ nn: "module" });
    expect(await kinds("joine")).to.deep.include({ joined: "method" });
  });

  it("inspects and completes what is new in the language", async () => {
    const decorated =
      "class Dial { accessor power = 3; @logged turn() {} } function logged(_: unknown, c: ClassMethodDecoratorContext) {}";
    expect(await inspect(decorated, decorated.indexOf("logged"))).to.match(/^function logged\(/);
    expect(await inspect(decorated, decorated.indexOf("power"))).to.contain("Dial.power: number");
    expect(await inspect("using held = null", 7)).to.match(/^using held: null/);
    expect(await inspect("const p = { a: [1] } satisfies Record<string, number[]>", 7)).to.contain(
      "a: number[]",
    );
    expect(await inspect("let q: NoInfer<string>", 9)).to.match(/^type NoInfer<T>/);
    const matches = async (code: string) => (await complete(code))["matches"];
    expect(await matches("const p = { red: 1 } satisfies { red: number }; p.r")).to.deep.equal(["red"]);
    expect(await matches("using h = { deep: 1, [Symbol.dispose]() {} }; h.de")).to.deep.equal(["deep"]);
    expect(await matches("class Dial { accessor power = 3 } new Dial().po")).to.deep.equal(["power"]);
    expect(await matches("let q: NoInf")).to.deep.equal(["NoInfer"]);
    expect(await matches("const s = 1 satis")).to.include("satisfies");
    if ("Iterator" in globalThis) expect(await matches("[1].values().toArr")).to.deep.equal(["toArray"]);
    if ("union" in Set.prototype) expect(await matches("new Set().unio")).to.deep.equal(["union"]);
  });

  it("inspects with doc comments, as Markdown and as HTML", async () => {
    await kernel.execute(
      "/** Doubles **it**.\n * @param x what is doubled */\nconst twice = (x: number) => 2 * x",
    );
    expect(await inspect("twice(1)", 2, "text/markdown")).to.contain(
      "```typescript\nconst twice: (x: number)",
    );
    expect(await inspect("twice(1)", 2, "text/html")).to.contain("Doubles <strong>it</strong>.");
  });

  it("answers `name?` with a page", async () => {
    const { reply } = await kernel.execute("Math.abs?");
    expect(JSON.stringify(reply["payload"])).to.contain("abs(x: number): number");
    for (const code of ["?Math.abs", "// why\nMath.abs??", "%time?"]) {
      const { payload } = (await kernel.execute(code)).reply as { payload: object[] };
      expect(payload, code).to.have.length(1);
    }
    const unknown = await kernel.execute("nowhereToBeFound?");
    expect(unknown.reply["payload"]).to.deep.equal([]);
    expect(printedText(unknown)).to.contain("Nothing named nowhereToBeFound");
  });

  it("finds nothing where an unknown name is inspected", async () => {
    const code = "nowhereToBeFound";
    expect((await kernel.request("shell", "inspect_request", { code, cursor_pos: 3 }))["found"]).to.equal(
      false,
    );
    await kernel.execute("let whatever: any = 1");
    expect(await inspect("whatever", 3)).to.contain("let whatever: any");
  });

  it("tells whether code is complete", async () => {
    expect(await isComplete("const y = 1")).to.deep.equal({ status: "complete" });
    expect(await isComplete("if (true) {")).to.deep.equal({ status: "incomplete", indent: "  " });
    expect(await isComplete("`open ${")).to.deep.include({ status: "incomplete" });
    expect(await isComplete("%hessian ((x) => {")).to.deep.include({ status: "incomplete" });
    expect(await isComplete("%who")).to.deep.equal({ status: "complete" });
    for (const code of ["Math.max?", "%time?"])
      expect((await isComplete(code))["status"]).to.equal("complete");
    expect((await isComplete("a ? b"))["status"]).to.equal("incomplete");
    expect(await isComplete("let = = 3")).to.deep.equal({ status: "invalid" });
  });

  it("remembers the history", async () => {
    await kernel.execute("'remember me'");
    const { history } = await kernel.request("shell", "history_request", {
      ...{ output: false, raw: true, hist_access_type: "search", pattern: "*remember*", n: 5, unique: true },
    });
    expect((history as unknown[][]).map(([, , input]) => input)).to.deep.equal(["'remember me'"]);
  });

  it("carries comms both ways, and closes those to nowhere", async () => {
    await kernel.execute(
      `comms.register("echo", (comm) => {\n  comm.onMessage = ({ data }) => comm.send({ back: data });\n});`,
    );
    const heard = kernel.next((_, { type }) => type === "comm_msg");
    kernel.send("shell", "comm_open", { comm_id: "a", target_name: "echo", data: {} });
    kernel.send("shell", "comm_msg", { comm_id: "a", data: 5 });
    expect((await heard).content).to.deep.equal({ comm_id: "a", data: { back: 5 } });
    const { comms } = await kernel.request("shell", "comm_info_request", {});
    expect(comms).to.deep.equal({ a: { target_name: "echo" } });
    const closed = kernel.next((_, { type }) => type === "comm_close");
    kernel.send("shell", "comm_open", { comm_id: "b", target_name: "nowhere", data: {} });
    expect((await closed).content["comm_id"]).to.equal("b");
    const { outputs } = await kernel.execute(`comms.open("jupyter.widget", { value: 1 }).id.length`);
    expect(outputs[0].content).to.deep.include({ target_name: "jupyter.widget", data: { value: 1 } });
  });

  it("refuses what it does not know", async () => {
    const reply = await kernel.request("shell", "strange_request", {});
    expect(reply["status"]).to.equal("error");
  });

  it("runs the everyday magics", async () => {
    await kernel.execute("const waited = 5");
    expect(printedText(await kernel.execute("%time waited"))).to.match(/^Wall time: [\d.]+ \S+\n$/);
    expect(resultText(await kernel.execute("%time waited"))).to.equal("5");
    const timed = await kernel.execute("%%time\nconst inner = 1;\ninner");
    expect([resultText(timed), printedText(timed).slice(0, 10)]).to.deep.equal(["1", "Wall time:"]);
    expect(resultText(await kernel.execute("%who"))).to.match(/waited +number +5/);
    expect(resultText(await kernel.execute("const t = %timeit waited + 1 --loops 10\nt.loops"))).to.equal(
      "10",
    );
    const often = await kernel.execute(
      "%%timeit --runs 2 --loops 3\nconst own = waited;\nawait own;\nconsole.log(own)",
    );
    expect(resultText(often)).to.contain("2 runs of 3 loops");
    expect(printedText(often)).to.equal("5\n".repeat(6));
    expect(resultText(await kernel.execute("%lsmagic"))).to.contain("%hessian");
    expect(resultText(await kernel.execute("%help hessian"))).to.contain("--matrix-free");
    await kernel.execute("%reset");
    expect((await kernel.execute("waited")).reply["evalue"]).to.contain("Cannot find name 'waited'");
  });

  it("names the nearest magic, in a code frame", async () => {
    const { reply } = await kernel.execute("1;\n%hesian f @ x");
    expect(reply["evalue"]).to.contain("Did you mean %hessian?");
    expect((reply["traceback"] as string[]).join("\n")).to.contain("> 2 | %hesian f @ x\n    | ^^^^^^^");
  });

  it("places a type error within a magic", async () => {
    const { reply } = await kernel.execute("%time waited.toUpper()");
    expect((reply["traceback"] as string[])[0]).to.match(/In\[\d+\]:1:7/);
  });
});

describe("the history", () => {
  const history = async (kernel: KernelClient, request: object) => {
    const content = { output: false, raw: true, session: 0, ...request };
    return (await kernel.request("shell", "history_request", content))["history"] as unknown[][];
  };

  it("is kept over restarts, though a line of its file be broken", async () => {
    const data = emptyFolder();
    const first = await KernelClient.start({ data });
    for (const code of ["1", "2 + 1"]) await first.execute(code);
    await first.close();
    appendFileSync(join(data, "saddle", "history.jsonl"), '{"session":1,"li\n');
    const second = await KernelClient.start({ data });
    await second.execute("3");
    const tail = await history(second, { hist_access_type: "tail", n: 2 });
    expect(tail).to.deep.equal([
      [1, 2, "2 + 1"],
      [2, 1, "3"],
    ]);
    const range = { hist_access_type: "range", session: -1, start: 1, stop: 2 };
    expect(await history(second, range)).to.deep.equal([[1, 1, "1"]]);
    const search = { hist_access_type: "search", pattern: "?*+*", n: 10, output: true };
    expect(await history(second, search)).to.deep.equal([[1, 2, ["2 + 1", null]]]);
    await second.close();
  });
});
