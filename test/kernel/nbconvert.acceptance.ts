import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Cell, textOf } from "../support/headless";
import { emptyFolder, program, root } from "./support/client";

// The system's Python is the one that has Debian's Jupyter.
const nbconvert = ["-W", "ignore", "-m", "nbconvert", "--to", "notebook", "--execute"];

describe("Jupyter's own nbconvert", () => {
  const folder = emptyFolder();
  const notebooks = join(root, "notebooks");
  const env = { ...process.env, JUPYTER_PATH: join(folder, "share", "jupyter"), JUPYTER_RUNTIME_DIR: folder };
  before(() => execFileSync(process.execPath, [program, "install", "--prefix", folder]));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const file of readdirSync(notebooks).filter((name) => name.endsWith(".ipynb"))) {
    it(`executes ${file}, and each cell shows there what it shows headless`, () => {
      const options = ["--ExecutePreprocessor.timeout=600", "--output-dir", folder, join(notebooks, file)];
      execFileSync("/usr/bin/python3", [...nbconvert, ...options], { env, stdio: "pipe" });
      const executed = cellsOf(join(folder, file));
      expect(executed.flatMap(({ outputs = [] }) => outputs.filter(isError))).to.deep.equal([]);
      expect(executed.map((cell) => textOf(cell) !== "")).to.deep.equal(
        cellsOf(join(notebooks, file)).map((cell) => textOf(cell) !== ""),
      );
      expect(executed.flatMap(({ outputs = [] }) => outputs.filter(isFigure))).not.to.be.empty;
    });
  }
});

type Output = NonNullable<Cell["outputs"]>[number];

function cellsOf(path: string): Cell[] {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { cells: Cell[] };
  return cells.filter((cell) => cell.cell_type === "code");
}

const isError = ({ output_type: type }: Output) => type === "error";
const isFigure = ({ data = {} }: Output) => "application/vnd.plotly.v1+json" in data;
