/**
 * Cold first calls. A library's first call on a workload is timed in a process that finds nothing compiled; its times and
 * its memory are then those of a process that finds what Mesa compiled for the first. The peers' first calls may take a
 * minute and, being pinned, they take it again each time: theirs is kept from run to run, Saddle's is made anew.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { outputFolder } from "./files";
import type { LibraryName } from "./libraries";
import type { Workload } from "./workload";

const driver = basename(process.env.VK_ICD_FILENAMES ?? "default");

/** Where Mesa is to keep the shaders of a library on a workload. */
export function compiledFolder(library: LibraryName, workload: Workload): string {
  const folder = join(outputFolder, "compiled", driver, `${library}-${workload.name}`);
  if (library === "saddle") rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Whether a process that starts now finds shaders; not all drivers keep them. */
export function hasCompiled(folder: string): boolean {
  return readdirSync(folder).length > 0;
}

const timeFile = (folder: string): string => `${folder}.json`;

/** Milliseconds, if the next call would find its shaders compiled. */
export function knownFirstCall(folder: string): number | undefined {
  if (!hasCompiled(folder) || !existsSync(timeFile(folder))) return undefined;
  return JSON.parse(readFileSync(timeFile(folder), "utf8")) as number;
}

export function rememberFirstCall(folder: string, time: number): void {
  writeFileSync(timeFile(folder), JSON.stringify(time));
}
