import { expect } from "chai";
import { murmur2 } from "../../kernel/debug/cellHash";
import { Sources } from "../../kernel/debug/sources";
import { KernelClient, printedText, resultText } from "./support/client";
import type { Message } from "./support/client";

type Body = Record<string, unknown>;

const code = `const scale = (x: number, by: number): number => {
  const scaled = x * by;
  return scaled;
};
let sum = 0;
for (const x of [1, 2, 3]) {
  // adds up
  sum += scale(x, factor);
}
sum`;

describe("the debugger", () => {
  let kernel: KernelClient;
  let path: string;
  let seq = 0;
  before(async () => {
    kernel = await KernelClient.start();
    await kernel.execute("const factor = 10;");
  });
  after(() => kernel.close());

  const ask = async (command: string, given: object = {}) => {
    const content = { type: "request", seq: ++seq, command, arguments: given };
    const reply = await kernel.request("control", "debug_request", content);
    expect(reply, JSON.stringify(reply)).to.deep.include({ request_seq: seq, command, success: true });
    return reply["body"] as Body;
  };
  const event = async (name: string) => {
    const { content }: Message = await kernel.next(
      (_, message) => message.type === "debug_event" && message.content["event"] === name,
    );
    return content["body"] as Body;
  };
  const breakAt = (...lines: number[]) =>
    ask("setBreakpoints", { source: { path }, breakpoints: lines.map((line) => ({ line })) });
  const frames = async () =>
    (await ask("stackTrace", { threadId: 1 }))["stackFrames"] as { id: number; name: string; line: number }[];
  const variables = async (reference: number) => {
    const { variables: list } = await ask("variables", { variablesReference: reference });
    return Object.fromEntries(
      (list as { name: string; value: string }[]).map(({ name, value }) => [name, value]),
    );
  };
  /** Steps or goes on, and tells where the cell stops. */
  const move = async (command: string) => {
    const stopped = event("stopped");
    await ask(command, { threadId: 1 });
    const { reason } = await stopped;
    const [{ line }] = await frames();
    return [reason, line];
  };

  it("knows the code of a cell by its hash, as front ends do", async () => {
    // What JupyterLab's own function gives.
    expect([murmur2("a", 0), murmur2("abcdefg", 3)]).to.deep.equal([2456313694, 1234570577]);
    expect(murmur2("é😀 const x = 1;\n", 0xc70f6907)).to.equal(320265948);
    const info = await ask("debugInfo");
    expect(info).to.deep.include({ isStarted: false, hashMethod: "Murmur2", breakpoints: [] });
    path = (await ask("dumpCell", { code }))["sourcePath"] as string;
    const hash = murmur2(code, info["hashSeed"] as number);
    expect(path).to.equal(`${info["tmpFilePrefix"] as string}${hash}${info["tmpFileSuffix"] as string}`);
    expect(await ask("source", { source: { path } })).to.deep.include({ content: code });
  });

  it("answers with a body all that JupyterLab asks, and what it refuses", async () => {
    const given = { code, variablesReference: 0, variableName: "factor", expression: "factor", frameId: 0 };
    const asked = [
      ...["modules", "debugInfo", "dumpCell", "inspectVariables", "richInspectVariables", "evaluate"],
      ...["copyToGlobals", "threads", "stackTrace", "scopes", "variables", "source", "nonsense"],
    ];
    for (const command of asked) {
      const content = {
        type: "request",
        seq: ++seq,
        command,
        arguments: { ...given, source: { path: "none" } },
      };
      const { body, success, message } = await kernel.request("control", "debug_request", content);
      expect(body, command).to.be.an("object");
      if (success === false) expect((body as { error: Body }).error["format"]).to.equal(message);
    }
    expect(await ask("modules")).to.deep.equal({ modules: [], totalModules: 0 });
  });

  it("stops at breakpoints, steps and shows variables", async () => {
    const initialized = event("initialized");
    await ask("initialize", { linesStartAt1: true });
    await initialized;
    await ask("attach");
    const set = await breakAt(2, 7);
    expect((set["breakpoints"] as Body[]).map(({ verified }) => verified)).to.deep.equal([true, true]);
    await ask("configurationDone");
    let stopped = event("stopped");
    const execution = kernel.execute(code);
    expect(await stopped).to.deep.include({ reason: "breakpoint", threadId: 1 });
    // The comment has no code, so that it stops at the line behind it.
    expect((await frames())[0].line).to.equal(8);
    expect(await move("continue")).to.deep.equal(["breakpoint", 2]);
    const [inner, outer] = await frames();
    expect([inner.name, outer.line]).to.deep.equal(["scale", 8]);

    const { scopes } = await ask("scopes", { frameId: inner.id });
    const [local, ...others] = scopes as { name: string; variablesReference: number }[];
    expect(await variables(local.variablesReference)).to.deep.include({ x: "1", by: "10" });
    const notebook = await variables(others.at(-1)!.variablesReference);
    expect(notebook).to.deep.include({ factor: "10", sum: "0" });
    const evaluated = await ask("evaluate", { expression: "x + factor", frameId: inner.id });
    expect(evaluated["result"]).to.equal("11");

    expect(await move("next")).to.deep.equal(["step", 3]);
    expect(await move("stepOut")).to.deep.equal(["step", 6]);
    expect(await move("continue")).to.deep.equal(["breakpoint", 8]);
    expect((await move("stepIn"))[1]).to.equal(2);
    await breakAt();
    stopped = event("continued");
    await ask("continue", { threadId: 1 });
    await stopped;
    expect(resultText(await execution)).to.equal("60");
  });

  it("lists the cells whose code there is as modules, as many as are asked for", async () => {
    const { modules, totalModules } = await ask("modules");
    const list = modules as { name: string; path: string }[];
    expect(list.map(({ path: each }) => each)).to.include(path);
    expect(totalModules).to.equal(list.length);
    expect((await ask("modules", { startModule: 0, moduleCount: 1 }))["modules"]).to.deep.equal(
      list.slice(0, 1),
    );
  });

  it("shows the notebook's variables while nothing runs", async () => {
    const { variables: list } = await ask("inspectVariables");
    expect((list as { name: string }[]).map(({ name }) => name)).to.include.members([
      "factor",
      "scale",
      "sum",
    ]);
    const { data } = await ask("richInspectVariables", { variableName: "sum" });
    expect(data).to.deep.equal({ "text/plain": "60" });
  });

  it("stops in a function of an earlier cell, where a condition holds, and past an await", async () => {
    await ask("setBreakpoints", { source: { path }, breakpoints: [{ line: 3, condition: "scaled === 20" }] });
    const stopped = event("stopped");
    const execution = kernel.execute("await null;\nconsole.log(scale(1, 1), scale(2, 10))");
    await stopped;
    const [{ line }, { line: caller }] = await frames();
    expect([line, caller]).to.deep.equal([3, 2]);
    await ask("continue", { threadId: 1 });
    expect(printedText(await execution)).to.equal("1 20\n");
  });

  it("can be interrupted where it has stopped", async () => {
    await breakAt(2);
    const stopped = event("stopped");
    const execution = kernel.execute("scale(1, 1); while (true) {}");
    await stopped;
    await kernel.request("control", "interrupt_request", {});
    expect((await execution).reply["ename"]).to.equal("Interrupted");
  });

  it("lets a cell be interrupted that it does not stop, at a statement or between two", async () => {
    for (const loop of ["for (;;) {}", "for (let i = 0; ; i++) console.log(i)"]) {
      const { reply } = await kernel.execute(`console.log("running"); ${loop}`, {}, async () => {
        await kernel.printed("running");
        await kernel.request("control", "interrupt_request", {});
      });
      expect(reply["ename"]).to.equal("Interrupted");
      expect(printedText(await kernel.execute("console.log(1)"))).to.equal("1\n");
    }
  });

  it("debugs the session that takes the place of one that ended", async () => {
    await kernel.execute("process.exit()");
    const again = "const double = (x: number) => {\n  return 2 * x;\n};\ndouble(2)";
    path = (await ask("dumpCell", { code: again }))["sourcePath"] as string;
    await breakAt(2);
    const stopped = event("stopped");
    const execution = kernel.execute(again);
    await stopped;
    await ask("disconnect");
    expect(resultText(await execution)).to.equal("4");
  });

  it("debugs what has run before it was attached, as long as that can run", async () => {
    const earlier = "function half(x: number) {\n  return x / 2;\n}\n0";
    await kernel.execute(earlier);
    path = (await ask("dumpCell", { code: earlier }))["sourcePath"] as string;
    await breakAt(2);
    await ask("attach");
    const stopped = event("stopped");
    const execution = kernel.execute("half(3)");
    await stopped;
    expect((await frames()).map(({ name, line }) => [name, line])[0]).to.deep.equal(["half", 2]);
    await ask("continue", { threadId: 1 });
    expect(resultText(await execution)).to.equal("1.5");
    await ask("disconnect");
  });
});

describe("the sources of a debugger", () => {
  const cell = (i: number) => ({ name: `In[${i}]`, source: `${i}`, maps: [] });

  it("forget the cells that are gone, but for those that may be on their way, and the texts of long ago", () => {
    const sources = new Sources();
    for (let i = 0; i < 100; i++) {
      sources.add(cell(i));
      sources.identify(`${i}`, `In[${i}]`);
    }
    const added = sources.keep([cell(5), cell(200)]);
    expect(added.map(({ name }) => name)).to.deep.equal(["In[200]"]);
    const known = Array.from({ length: 201 }, (_, i) => i).filter(
      (i) => sources.script(`${i}`) !== undefined,
    );
    expect(known).to.deep.equal([5, ...Array.from({ length: 10 }, (_, i) => 90 + i)]);
    const paths = Array.from({ length: 1500 }, (_, i) => sources.dump(`text ${i}`));
    expect(paths.filter((path) => sources.text(path) !== undefined)).to.deep.equal(paths.slice(500));
  });
});
