import { homedir } from "node:os";
import { join } from "node:path";

/** The compiled kernel. */
export const kernelFolder = __dirname;

/** The compiled library. */
export const libraryFolder = join(kernelFolder, "..", "lib");

/** What has been installed: the package's own files, and its assets. */
export const packageFolder = join(kernelFolder, "..", "..");

/** Where what took long to find out is kept from one process to the next. */
export function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "saddle");
}

/** The module that a process begins with which runs cells, a notebook's or a rank's. */
export function entryOf(process: "cell" | "rank" | "mpiRank"): string {
  return join(kernelFolder, "processes", `${process}.js`);
}
