import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Notebook } from "../../../kernel/headless/notebook";
import { emptyFolder, program } from "../support/client";

describe("saddle run", () => {
  const folder = emptyFolder();
  after(() => rmSync(folder, { recursive: true }));

  const run = (name: string, cells: readonly object[]) => {
    const path = join(folder, `${name}.ipynb`);
    const written = cells.map((cell) => ({ metadata: {}, ...cell }));
    writeFileSync(path, JSON.stringify({ cells: written, metadata: {}, nbformat: 4, nbformat_minor: 4 }));
    const out = join(folder, "out");
    const args = [program, "run", path, "--out", out, "--html"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const executed = JSON.parse(readFileSync(join(out, `${name}.ipynb`), "utf8")) as Notebook;
    return { status, stdout, stderr, executed, html: readFileSync(join(out, `${name}.html`), "utf8") };
  };
  const code = (source: string, metadata = {}) => ({ cell_type: "code", source, metadata, outputs: [] });
  const markdown = (source: string) => ({ cell_type: "markdown", source });

  it("writes the executed notebook and a page, and ends with the page's path", () => {
    const { status, stdout, executed, html } = run("good", [
      markdown("# Curves\n\nThe number $\\kappa = 5$."),
      code("const place = display('early');\nconsole.log('1 < 2')"),
      code("place.update({ 'text/html': '<em>late</em>' });\n6 * 7"),
    ]);
    expect(status).to.equal(0);
    expect(stdout.trim().split("\n").at(-1)).to.equal(join(folder, "out", "good.html"));
    expect(stdout).to.match(/good \[2\/2\] [\d.]+ s {2}place\.update/);
    const [, first, second] = executed.cells;
    expect(first.outputs?.map(({ output_type: type }) => type)).to.deep.equal(["display_data", "stream"]);
    expect(JSON.stringify(first.outputs)).to.contain("<em>late</em>");
    expect(second.outputs?.[0]).to.deep.include({ output_type: "execute_result", execution_count: 2 });
    expect(executed).to.deep.include({ nbformat: 4, nbformat_minor: 5 });
    for (const part of ["<title>Curves</title>", "<math", "<em>late</em>", "1 &lt; 2", "42"]) {
      expect(html).to.contain(part);
    }
    expect(html).not.to.match(/(src|href)="https?:/);
  });

  it("stops at a cell that fails, says why, and has status 1", () => {
    const { status, stderr, executed } = run("bad", [
      code("1"),
      code("const fails = () => {\n  throw new Error('as it should');\n};\nfails()"),
      code("'never'"),
    ]);
    expect(status).to.equal(1);
    expect(stderr).to.contain("code cell 2 failed").and.to.contain("Error: as it should");
    expect(stderr).to.contain("> 2 |   throw new Error('as it should');");
    expect(executed.cells.map((cell) => cell.execution_count)).to.deep.equal([1, 2, null]);
  });

  it("goes on behind a cell that is meant to fail", () => {
    const { status } = run("meant", [code("throw 1", { tags: ["raises-exception"] }), code("2")]);
    expect(status).to.equal(0);
  });
});
