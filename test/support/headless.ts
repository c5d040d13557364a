import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

export const repository = join(__dirname, "..", "..", "..");

interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: string | string[];
  readonly data?: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Cell {
  readonly cell_type: string;
  readonly source: string | string[];
  readonly outputs?: readonly Output[];
}

export interface HeadlessRun {
  readonly status: number | null;
  readonly stderr: string;
  readonly cells: readonly Cell[];
  /** The HTML page. */
  readonly page: string;
}

/** Runs a notebook with `saddle run` into `folder`, from there, as a user would from anywhere. */
export function runNotebook(notebook: string, folder: string): HeadlessRun {
  const program = join(repository, "dist", "kernel", "main.js");
  const { status, stderr } = spawnSync(
    process.execPath,
    [program, "run", notebook, "--out", folder, "--html"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  const name = basename(notebook, ".ipynb");
  const read = (suffix: string) => readFileSync(join(folder, name + suffix), "utf8");
  const { cells } = JSON.parse(read(".ipynb")) as { cells: Cell[] };
  return { status, stderr, cells, page: read(".html") };
}

/** A notebook of code cells. */
export function notebookOf(sources: readonly string[]): string {
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const kernelspec = { name: "saddle", display_name: "Saddle", language: "typescript" };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells });
}

/** All that a cell wrote and showed, as text. */
export function textOf(cell: Cell): string {
  return (cell.outputs ?? []).flatMap(({ text, data }) => text ?? data?.["text/plain"] ?? []).join("");
}
