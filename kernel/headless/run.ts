import { accessSync, constants, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { executeAll, nameOf, told } from "./execute";
import { checkWritable, writeWhole } from "./files";
import { pageOf } from "./page";
import type { Parameters } from "./parameters";
import type { CreateDispatcher, ExecutionOptions } from "./runner";

export interface RunOptions extends ExecutionOptions {
  /** The folder for what is written, but for `inPlace`. */
  readonly out: string;
  /** Whether what is executed takes the place of what was given. */
  readonly inPlace?: boolean;
  /** Whether each is written as a page, too. */
  readonly html: boolean;
  readonly parameters?: Parameters;
}

/** `saddle run`: executes notebooks one after the other. Returns whether all went well. */
export async function runNotebooks(
  paths: readonly string[],
  { out, inPlace = false, html, ...options }: RunOptions,
  createDispatcher: CreateDispatcher,
): Promise<boolean> {
  const folder = resolve(out);
  const fileOf = (path: string) => (inPlace ? path : join(folder, `${nameOf(path)}.ipynb`));
  const pageFileOf = (path: string) => join(dirname(fileOf(path)), `${nameOf(path)}.html`);
  const absolute = paths.map((path) => resolve(path));
  const written = inPlace ? absolute.filter(isReadable) : absolute;
  checkWritable(
    written.flatMap((path) => [fileOf(path), ...(html ? [pageFileOf(path)] : [])]),
    sizeOf(absolute),
  );
  const pages: string[] = [];
  let allWell = true;
  for await (const { path, notebook, isGood } of executeAll(
    paths,
    { ...options, fileOf },
    createDispatcher,
  )) {
    if (!isGood) allWell = false;
    if (!html || notebook === undefined) continue;
    const page = await told(() => writePage(pageFileOf(path), pageOf(notebook, nameOf(path))));
    if (page === undefined) allWell = false;
    else pages.push(page);
  }
  for (const page of pages) process.stdout.write(`${page}\n`);
  return allWell;
}

function writePage(file: string, html: string): string {
  writeWhole(file, html);
  return file;
}

/** What cannot be read is said when its turn comes, while the others run. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Of files, in bytes: of those that there are. */
export function sizeOf(paths: readonly string[]): number {
  const sizes = paths.map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}
