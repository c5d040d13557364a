import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { readNotebook, writeNotebook } from "./notebook";
import { pageOf } from "./page";
import { showProgress } from "./progress";
import { runNotebook } from "./runner";
import type { CellFailure, CreateDispatcher } from "./runner";

export interface RunOptions {
  /** The folder for what is written. */
  readonly out: string;
  readonly html: boolean;
}

/** `saddle run`: executes notebooks one after the other. Returns whether all went well. */
export async function runNotebooks(
  paths: readonly string[],
  { out, html }: RunOptions,
  createDispatcher: CreateDispatcher,
): Promise<boolean> {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  const pages: string[] = [];
  let allWell = true;
  for (const path of paths.map((given) => resolve(given))) {
    const { page, failure } = await runOne(path, folder, html, createDispatcher);
    if (page !== undefined) pages.push(page);
    if (failure === undefined) continue;
    allWell = false;
    process.stderr.write(
      `${basename(path)}: code cell ${failure.cell + 1} failed\n${failure.traceback.join("\n")}\n`,
    );
  }
  for (const page of pages) process.stdout.write(`${page}\n`);
  return allWell;
}

async function runOne(
  path: string,
  folder: string,
  html: boolean,
  createDispatcher: CreateDispatcher,
): Promise<{ page?: string; failure: CellFailure | undefined }> {
  const notebook = readNotebook(path);
  const name = basename(path, ".ipynb");
  const count = notebook.cells.filter((cell) => cell.cell_type === "code").length;
  const progress = showProgress(name, count, process.stdout);
  // As in Jupyter, the notebook's own folder is where its cells find files and modules.
  process.chdir(dirname(path));
  const failure = await runNotebook(notebook, createDispatcher, progress);
  progress.end();
  writeNotebook(join(folder, basename(path)), notebook);
  if (!html) return { failure };
  const page = join(folder, `${name}.html`);
  writeFileSync(page, pageOf(notebook, name));
  return { page, failure };
}
