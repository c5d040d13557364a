import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { readNotebook, writeNotebook } from "./notebook";
import type { Notebook } from "./notebook";
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
  for await (const { name, notebook, failure } of executeAll(paths, createDispatcher)) {
    writeNotebook(join(folder, `${name}.ipynb`), notebook);
    if (failure !== undefined) allWell = false;
    if (!html) continue;
    const page = join(folder, `${name}.html`);
    writeFileSync(page, pageOf(notebook, name));
    pages.push(page);
  }
  for (const page of pages) process.stdout.write(`${page}\n`);
  return allWell;
}

export interface Executed {
  /** The file's, without its suffix. */
  readonly name: string;
  readonly notebook: Notebook;
  readonly failure: CellFailure | undefined;
}

/** Executes notebooks one after the other, with progress; says on stderr why one failed. */
export async function* executeAll(
  paths: readonly string[],
  createDispatcher: CreateDispatcher,
): AsyncGenerator<Executed, void> {
  for (const path of paths.map((given) => resolve(given))) {
    const notebook = readNotebook(path);
    const name = basename(path, ".ipynb");
    const count = notebook.cells.filter((cell) => cell.cell_type === "code").length;
    const progress = showProgress(name, count, process.stdout, paths.length > 1);
    // As in Jupyter, the notebook's own folder is where its cells find files and modules.
    process.chdir(dirname(path));
    const failure = await runNotebook(notebook, createDispatcher, progress);
    progress.end();
    if (failure !== undefined) process.stderr.write(messageOf(path, failure));
    yield { name, notebook, failure };
  }
}

function messageOf(path: string, { cell, traceback }: CellFailure): string {
  return `${basename(path)}: code cell ${cell + 1} failed\n${traceback.join("\n")}\n`;
}
