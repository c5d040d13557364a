import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Cell, textOf } from "./headless";
import { emptyFolder, program, root } from "../kernel/support/client";

const notebooks = join(root, "notebooks");
// The system's Python is the one that has Debian's Jupyter.
const nbconvert = ["-W", "ignore", "-m", "nbconvert", "--to", "notebook", "--execute"];

/** That Jupyter runs these notebooks of ours as we do, through the installed kernel and its own client. */
export function executesWithNbconvert(files: readonly string[]): void {
  const folder = emptyFolder();
  const env = { ...process.env, JUPYTER_PATH: join(folder, "share", "jupyter"), JUPYTER_RUNTIME_DIR: folder };
  before(() => execFileSync(process.execPath, [program, "install", "--prefix", folder]));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const file of files) {
    it(`executes ${file}, and each cell shows there what it shows headless`, () => {
      const options = ["--ExecutePreprocessor.timeout=600", "--output-dir", folder, join(notebooks, file)];
      execFileSync("/usr/bin/python3", [...nbconvert, ...options], { env, stdio: "pipe" });
      const executed = cellsOf(join(folder, file));
      expect(executed.flatMap(({ outputs = [] }) => outputs.filter(isError))).to.deep.equal([]);
      expect(executed.map((cell) => textOf(cell) !== "")).to.deep.equal(
        cellsOf(join(notebooks, file)).map((cell) => textOf(cell) !== ""),
      );
      expect(executed.flatMap(({ outputs = [] }) => outputs.filter(isFigure))).not.to.be.empty;
    }).timeout(600_000);
  }
}

/** Run by every test; the others are left to the acceptance tests. */
export const quickNotebooks = ["00-tour.ipynb", "02-critical-points.ipynb"];

export const slowNotebooks = readdirSync(notebooks).filter(
  (file) => file.endsWith(".ipynb") && !quickNotebooks.includes(file),
);

type Output = NonNullable<Cell["outputs"]>[number];

function cellsOf(path: string): Cell[] {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { cells: Cell[] };
  return cells.filter((cell) => cell.cell_type === "code");
}

const isError = ({ output_type: type }: Output) => type === "error";
const isFigure = ({ data = {} }: Output) => "application/vnd.plotly.v1+json" in data;
