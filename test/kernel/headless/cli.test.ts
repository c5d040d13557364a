import { expect } from "chai";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Notebook } from "../../../kernel/headless/notebook";
import { faultsIn } from "../../support/nbformat";
import { emptyFolder, program } from "../support/client";

const code = (source: string, tags: string[] = [], more: object = {}) => ({
  ...{ cell_type: "code", source, metadata: { tags, own: { a: [1] } }, outputs: [], execution_count: null },
  ...more,
});
const python = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } };

describe("saddle run of notebooks from elsewhere", () => {
  let folder: string;
  beforeEach(() => (folder = emptyFolder()));
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (name: string, cells: readonly object[], more: object = {}) => {
    const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 4, ...more };
    writeFileSync(join(folder, `${name}.ipynb`), JSON.stringify(notebook));
  };
  const saddle = (command: string, ...args: string[]) =>
    spawnSync(process.execPath, [program, command, ...args], { cwd: folder, encoding: "utf8" });
  const run = (...args: string[]) => saddle("run", ...args);
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), "utf8")) as Notebook;
  const shown = ({ cells }: Notebook) =>
    cells.map(({ outputs = [] }) =>
      outputs.map((output) =>
        "ename" in output ? output.ename : "text" in output ? String(output.text) : "data",
      ),
    );

  it("names what is no notebook in TypeScript, leaves it as it is, and runs the others", () => {
    const cell = code("console.log('ran')");
    put("good", [cell]);
    const text = readFileSync(join(folder, "good.ipynb"), "utf8");
    const broken: Readonly<Record<string, string | Uint8Array>> = {
      ...{
        empty: "",
        cut: text.slice(0, 50),
        list: "[]",
        word: "x",
        old: '{"nbformat": 3, "worksheets": []}',
      },
      utf16: Buffer.from(text, "utf16le"),
    };
    for (const [name, bytes] of Object.entries(broken)) writeFileSync(join(folder, `${name}.ipynb`), bytes);
    mkdirSync(join(folder, "folder.ipynb"));
    put("bare", [{ cell_type: "code", source: "1" }]);
    put("typed", [code(1 as never)]);
    put("fielded", [{ ...cell, colour: "red" }]);
    put("python", [cell], { metadata: python });
    put("r", [cell], { metadata: { kernelspec: { name: "ir", display_name: "R" } } });
    put("julia", [cell], { metadata: { language_info: { name: "julia" } } });
    const bad = [
      ...Object.keys(broken),
      "folder",
      "bare",
      "typed",
      "fielded",
      "python",
      "r",
      "julia",
      "missing",
    ];
    const before = readFileSync(join(folder, "python.ipynb"), "utf8");
    writeFileSync(join(folder, "marked.ipynb"), `\uFEFF${text}`);
    const paths = [...bad, "good", "marked"].map((name) => `${name}.ipynb`);
    const { status, stderr } = run(...paths, "--in-place", "--html");
    expect(status).to.equal(1);
    const lines = stderr.trim().split("\n");
    expect(lines).to.have.length(bad.length);
    for (const [index, name] of bad.entries())
      expect(lines[index]).to.contain(join(folder, `${name}.ipynb: `));
    expect(lines[bad.indexOf("python")]).to.contain('in python for the kernel "python3"');
    expect(lines[bad.indexOf("old")]).to.contain("nbformat 3");
    expect(lines[bad.indexOf("fielded")]).to.contain('cell 1 has a field "colour"');
    expect(readFileSync(join(folder, "python.ipynb"), "utf8")).to.equal(before);
    for (const name of ["good", "marked"]) expect(shown(read(`${name}.ipynb`))).to.deep.equal([["ran\n"]]);
    expect(readdirSync(folder).filter((file) => file.endsWith(".html"))).to.have.length(2);
  }).timeout(60_000);

  it("leaves what it does not know as it is, and writes what nbformat has", () => {
    const metadata = {
      ...{
        kernelspec: { name: "deno", display_name: "Deno", language: "typescript", env: {} },
        mine: { a: null },
      },
      language_info: { name: "typescript", version: "5.1", extra: [1] },
    };
    const error = { output_type: "error", status: "error", ename: "E", evalue: "e", traceback: [] };
    const cells = [
      {
        cell_type: "markdown",
        id: "own-id",
        metadata: { x: 1 },
        source: ["![](attachment:", "a.png)"],
        attachments: { "a.png": { "image/png": "AA==" } },
      },
      { cell_type: "raw", metadata: { format: "text/latex" }, source: "", outputs: [] },
      code("console.log('never')", ["skip-execution"], { execution_count: 9, outputs: [error] }),
      code("console.log('out'); throw new Error('e')", ["raises-exception"], { id: "own-id" }),
      code("process.exit(1)", ["raises-exception"], { id: "not valid" }),
      code("display({ 'text/html': 5 as never }); 1"),
      code(" \n"),
    ];
    put("odd", cells, { metadata });
    put("plain", [code("1")], { nbformat_minor: 0, metadata: { kernelspec: { name: "saddle" } } });
    const { status, stderr } = run("odd.ipynb", "plain.ipynb", "--out", "out");
    expect(status, stderr).to.equal(0);
    const odd = read("out/odd.ipynb");
    expect(odd.metadata).to.deep.equal(metadata);
    expect(odd.cells[0]).to.deep.include({ id: "own-id", metadata: { x: 1 } });
    expect(odd.cells[0].attachments).to.deep.equal({ "a.png": { "image/png": "AA==" } });
    expect(odd.cells.map((cell) => cell.execution_count)).to.deep.equal([
      undefined,
      undefined,
      9,
      1,
      2,
      3,
      null,
    ]);
    expect(shown(odd)).to.deep.equal([
      [],
      [],
      ["E"],
      ["out\n", "Error"],
      ["SessionEnded"],
      ["data", "data"],
      [],
    ]);
    expect(odd.cells[3].metadata).to.deep.include({ own: { a: [1] } });
    expect(faultsIn([odd, read("out/plain.ipynb")])).to.deep.equal([null, null]);
  }).timeout(60_000);

  it("goes on behind failures with --allow-errors, and takes parameters", () => {
    put("a", [code("let rate: number = 1", ["parameters"]), code("throw 1"), code("console.log(rate * 2)")]);
    const { status, stderr } = run(
      "a.ipynb",
      "-p",
      "rate",
      "-1e-1",
      "-p",
      "oops",
      "x",
      "--allow-errors",
      "--in-place",
    );
    expect(status).to.equal(0);
    expect(stderr).to.equal("a.ipynb: given but not declared as a parameter: oops (declared are rate)\n");
    expect(shown(read("a.ipynb"))).to.deep.equal([[], [], ["Thrown"], ["-0.2\n"]]);
    run("a.ipynb", "--parameters", "rate", "4", "--allow-errors", "--in-place");
    expect(shown(read("a.ipynb"))).to.deep.equal([[], [], ["Thrown"], ["8\n"]]);
  }).timeout(60_000);

  it("ends a cell that takes too long, and the notebook with it", () => {
    const later = code("3", [], {
      execution_count: 5,
      outputs: [{ output_type: "stream", name: "stdout", text: "old" }],
    });
    put("slow", [code("1"), code("console.log('before'); for (;;);", ["raises-exception"]), later]);
    put("next", [code("1")]);
    const { status, stderr } = run(
      "slow.ipynb",
      "next.ipynb",
      "--timeout",
      "1.5",
      "--allow-errors",
      "--in-place",
    );
    expect(status).to.equal(1);
    expect(stderr).to.equal("slow.ipynb: code cell 2 took longer than 1.5 s and was interrupted\n");
    const slow = read("slow.ipynb");
    expect(shown(slow)).to.deep.equal([["data"], ["before\n", "Interrupted"], []]);
    expect(faultsIn([slow, read("next.ipynb")])).to.deep.equal([null, null]);
    expect(shown(read("next.ipynb"))).to.deep.equal([["data"]]);
  }).timeout(60_000);

  it("refuses options that mean nothing before anything runs", () => {
    put("a", [code("1")]);
    for (const [args, message] of [
      [["--timeout", "0"], "Wanted a number of seconds"],
      [["--timeout", "soon"], "Wanted a number of seconds"],
      [["--in-place", "--out", "x"], "cannot be used with"],
      [["-p", "rate"], "-p rate: wanted a name and a value"],
      [["-p", "layers", "[1,"], "-p layers [1,: begins as JSON"],
    ] as const) {
      const { status, stdout, stderr } = run("a.ipynb", ...args);
      expect({ status, stdout }).to.deep.equal({ status: 1, stdout: "" });
      expect(stderr).to.contain(message);
    }
    expect(readdirSync(folder)).to.deep.equal(["a.ipynb"]);
  }).timeout(60_000);

  it("notices before anything runs where it cannot write", () => {
    put("a", [code("1")]);
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "taken", "a.ipynb"), { recursive: true });
    mkdirSync(join(folder, "taken", "index.html"));
    for (const command of ["run", "site"]) {
      for (const out of ["file", "file/below", "taken", "/proc/nowhere"]) {
        const { status, stdout, stderr } = saddle(command, "a.ipynb", "--out", out);
        expect({ status, stdout }, `${command} ${out}`).to.deep.equal({ status: 1, stdout: "" });
        expect(stderr).to.match(/^\S+: cannot be written.*\n$/);
      }
      const twice = saddle(command, "a.ipynb", "./a.ipynb", "--out", "out");
      expect([twice.status, twice.stdout]).to.deep.equal([1, ""]);
      expect(twice.stderr).to.contain("two of the notebooks would be written there");
    }
    // No room for a single byte, as on a full disk.
    const command = `ulimit -f 0; exec "${process.execPath}" "${program}" run a.ipynb --out full`;
    const full = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
    expect([full.status, full.stdout]).to.deep.equal([1, ""]);
    expect(full.stderr).to.contain("full: cannot be written to (E");
  }).timeout(90_000);

  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`keeps what has run at ${signal}`, async () => {
      put("a", [code("console.log('first')"), code("console.log('second'); for (;;);"), code("3")]);
      put("b", [code("1")]);
      const args = [program, "run", "a.ipynb", "b.ipynb", "--out", "out", "--html"];
      const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
      let stderr = "";
      child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
      await written(join(folder, "out", "a.ipynb"), "second\\n");
      child.kill(signal);
      expect(await once(child, "exit")).to.deep.equal([status, null]);
      expect(stderr).to.equal("a.ipynb: code cell 2 was interrupted\nnot run: b.ipynb\n");
      const kept = read("out/a.ipynb");
      expect(shown(kept)).to.deep.equal([["first\n"], ["second\n", "Interrupted"], []]);
      expect(faultsIn([kept])).to.deep.equal([null]);
      expect(readFileSync(join(folder, "out", "a.html"), "utf8")).to.contain("second");
      expect(readdirSync(join(folder, "out")).sort()).to.deep.equal(["a.html", "a.ipynb"]);
    }).timeout(60_000);
  }

  it("keeps what has run when it is killed", async () => {
    put("a", [code("console.log('first')"), code("console.log('second'); await new Promise(() => {})")]);
    const child = spawn(process.execPath, [program, "run", "a.ipynb", "--in-place"], {
      cwd: folder,
      stdio: "ignore",
    });
    await written(join(folder, "a.ipynb"), "second\\n");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(shown(read("a.ipynb"))).to.deep.equal([["first\n"], ["second\n"]]);
    expect(faultsIn([read("a.ipynb")])).to.deep.equal([null]);
  }).timeout(60_000);
});

/** Resolves when a file has `text` among what a cell has shown. */
async function written(path: string, text: string): Promise<void> {
  const has = () => existsSync(path) && readFileSync(path, "utf8").includes(`"${text}"`);
  while (!has()) await new Promise((resolve) => setTimeout(resolve, 50));
}
