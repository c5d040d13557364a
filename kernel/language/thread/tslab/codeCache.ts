import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { basename, dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";
import { cacheFolder } from "../../../folders";

interface Compiled {
  readonly script: Script;
  readonly file: string;
}

/** What has been loaded without bytecode of an earlier process. */
const unkept: Compiled[] = [];

/**
 * Loads a CommonJS module as `require` does, with the bytecode that V8 has made of it in an earlier process: to compile
 * TypeScript, eight megabytes, takes longer than to run it. (Node 20 has no `module.enableCompileCache`.)
 */
export function loadKept(path: string, cache: NodeJS.Require["cache"]): unknown {
  const run = scriptOf(path).runInThisContext() as (...args: unknown[]) => void;
  const module = new Module(path);
  cache[path] = module;
  run(module.exports, createRequire(path), module, path, dirname(path));
  module.loaded = true;
  return module.exports;
}

/** Keeps the bytecode of what was loaded without any, all functions that have run by now included. */
export function keepBytecode(): void {
  for (const { script, file } of unkept.splice(0)) {
    try {
      mkdirSync(dirname(file), { recursive: true });
      const own = `${file}.${process.pid}`;
      writeFileSync(own, script.createCachedData());
      renameSync(own, file);
    } catch {
      // Without a folder that can be written to, each process compiles anew.
    }
  }
}

function scriptOf(path: string): Script {
  const file = keptFile(path);
  const source = Module.wrap(readFileSync(path, "utf8"));
  const script = new Script(source, { filename: path, cachedData: readIfThere(file) });
  if (script.cachedDataRejected !== false) unkept.push({ script, file });
  return script;
}

/** V8 refuses bytecode of another version or of other flags, but of the text it compares no more than the length. */
function keptFile(path: string): string {
  const { size, mtimeMs } = statSync(path);
  const identity = [path, size, mtimeMs, cachedDataVersionTag()].join("\n");
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 16);
  return join(cacheFolder(), `${basename(path, ".js")}-${hash}.bytecode`);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
