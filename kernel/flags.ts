/** All that Node and V8 are told to do otherwise than by themselves. */
import type * as childProcess from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { cacheFolder } from "./folders";

/** What a process must be started with for an interrupt to mend Node's notes of what it runs (see unwinding.ts). */
export const unwindingFlags = ["--expose-internals", "--disable-warning=internal/test/binding"];

/** What a process that runs cells must be started with. */
export const processFlags = [
  "--disable-warning=ExperimentalWarning",
  ...unwindingFlags,
  // Lets a compiled function say how text that it evaluates is to import (see evaluator.ts).
  "--experimental-vm-modules",
];

/** How much the compiler makes between two collections, in megabytes. */
export const semiSpace = 64;

/** What the compiler's thread is faster with, by the flag of V8 that it sets. */
const compilerFlags: Readonly<Record<string, string>> = {
  // A heap that begins small is collected ten times while the library's types are read, all of which stay.
  "--min-semi-space-size": `--min-semi-space-size=${semiSpace}`,
  // How many bytes of a function's bytecode are to be run before V8 makes machine code of it: at its own figure, half
  // of this, two thirds as much time as the reading takes goes to machine code beside it. Later ones count calls.
  "--interrupt-budget": `--interrupt-budget=${132 * 1024}`,
  // V8 drops bytecode that has not run for a while, which the next start would have to make again (see codeCache.ts).
  "--flush-bytecode": "--no-flush-bytecode",
};

/** Where the names of V8's flags are kept: to ask for them takes as long as half of a start. */
function namesFile(): string {
  return join(cacheFolder(), `v8-${process.versions.v8}.flags`);
}

/**
 * Sets those flags for the compiler that this V8 is known to have; it complains of others on standard error. A first
 * start with a version of Node knows of none.
 * @returns what was set, such as `--min-semi-space-size=64`
 */
export function setCompilerFlags(): string[] {
  const known = new Set(knownNames());
  const set = Object.entries(compilerFlags).flatMap(([name, flag]) => (known.has(name) ? [flag] : []));
  set.forEach(setFlagsFromString);
  return set;
}

/** Asks this Node for the flags of its V8, unless that has been done, beside whatever else is going on. */
export function learnFlags(): void {
  if (knownNames().length > 0) return;
  // Only a first start needs it, and all others wait for what they load.
  const { spawn } = createRequire(__filename)("node:child_process") as typeof childProcess;
  const node = spawn(process.execPath, ["--v8-options"], { stdio: ["ignore", "pipe", "ignore"] });
  const chunks: Buffer[] = [];
  node.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  node.on("error", () => undefined);
  node.on("close", (status) => {
    if (status === 0) keepNames(namesIn(Buffer.concat(chunks).toString()));
  });
  // Nobody waits for it.
  node.unref();
  (node.stdout as unknown as { unref(): void }).unref();
}

/** The flags that `node --v8-options` tells of. */
export function namesIn(help: string): string[] {
  return [...help.matchAll(/^ +(--[a-z0-9-]+) \(/gm)].map(([, name]) => name);
}

function knownNames(): string[] {
  try {
    return readFileSync(namesFile(), "utf8").split("\n");
  } catch {
    return [];
  }
}

function keepNames(names: readonly string[]): void {
  try {
    mkdirSync(dirname(namesFile()), { recursive: true });
    const own = `${namesFile()}.${process.pid}`;
    writeFileSync(own, names.join("\n"));
    renameSync(own, namesFile());
  } catch {
    // Without a folder that can be written to, each process asks anew, and sets none.
  }
}
