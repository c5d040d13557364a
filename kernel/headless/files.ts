import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { refuse } from "../../lib/util/errors";

/** Bytes that are written to see whether there is room; who has less has little. */
const largestTrial = 1 << 24;

/** A file's text, refused by its name where it cannot be read or is none. A mark of the byte order is left out. */
export function readText(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    refuse(path, `the notebook cannot be read (${(error as Error).message})`);
  }
  if (bytes.length === 0) refuse(path, "no notebook, as the file is empty");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    return refuse(path, `no notebook, as it is no text in UTF-8 (${(error as Error).message})`);
  }
}

/** Writes all of a file or nothing: who is interrupted leaves the file as it was. */
export function writeWhole(path: string, text: string): void {
  const target = realpathOf(path);
  const written = join(dirname(target), `.${process.pid}.saddle`);
  try {
    const mode = statSync(target, { throwIfNoEntry: false })?.mode;
    writeFileSync(written, text);
    if (mode !== undefined) chmodSync(written, mode & 0o7777);
    renameSync(written, target);
  } catch (error) {
    remove(written);
    refuse(path, `cannot be written (${(error as Error).message})`);
  }
}

/**
 * Refuses what cannot be written, before there is anything to write: files of which one would take another's place,
 * folders that cannot be made or have no room for `size` bytes. Makes the folders of those that can.
 */
export function checkWritable(files: readonly string[], size: number): void {
  const double = files.find((file, index) => files.indexOf(file) < index);
  if (double !== undefined) refuse(double, "two of the notebooks would be written there");
  for (const folder of new Set(files.map((file) => dirname(file)))) tryFolder(folder, size);
  for (const file of files) tryFile(file);
}

function tryFolder(folder: string, size: number): void {
  const trial = join(folder, `.${process.pid}.saddle`);
  try {
    makeFolder(folder);
    writeFileSync(trial, Buffer.alloc(Math.min(Math.max(1, size), largestTrial)));
  } catch (error) {
    refuse(folder, `cannot be written to (${(error as Error).message})`);
  } finally {
    remove(trial);
  }
}

/** One after the other, as Node's recursive way does not end where the system refuses, such as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  if (!existsSync(folder)) makeFolder(dirname(folder));
  mkdirSync(folder);
}

function remove(file: string): void {
  if (existsSync(file)) rmSync(file);
}

function tryFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isFile()) refuse(file, "cannot be written, as there is something that is no file");
  try {
    accessSync(file, constants.W_OK);
  } catch (error) {
    refuse(file, `cannot be written (${(error as Error).message})`);
  }
}

/** Where a link leads to. */
function realpathOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
