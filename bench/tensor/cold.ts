/**
 * Cold first calls of the peers. Theirs may take a minute to compile, and being pinned they take it again each time,
 * so what Mesa compiled for them is kept and their first call is timed when there was nothing yet. Saddle always starts
 * cold.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { outputFolder } from "./files";
import type { LibraryName } from "./libraries";
import type { Workload } from "./workload";

const driver = basename(process.env.VK_ICD_FILENAMES ?? "default");

/** Where Mesa is to keep the shaders of a library on a workload. */
export function compiledFolder(library: LibraryName, workload: Workload): string {
  const folder = join(outputFolder, "compiled", driver, `${library}-${workload.name}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

const timeFile = (folder: string): string => `${folder}.json`;

/** Milliseconds, if the next call would find its shaders compiled; drivers that keep none are cold each time. */
export function knownFirstCall(folder: string): number | undefined {
  if (readdirSync(folder).length === 0 || !existsSync(timeFile(folder))) return undefined;
  return JSON.parse(readFileSync(timeFile(folder), "utf8")) as number;
}

export function rememberFirstCall(folder: string, time: number): void {
  writeFileSync(timeFile(folder), JSON.stringify(time));
}
