import { basename, dirname, resolve } from "node:path";
import { ArgumentError } from "../../lib/util/errors";
import { Ending } from "./ending";
import { Keeper } from "./keeper";
import { readNotebook, writeNotebook } from "./notebook";
import type { Notebook } from "./notebook";
import { injectParameters } from "./parameters";
import type { Parameters } from "./parameters";
import { showProgress } from "./progress";
import { executedCells, NotebookRun } from "./runner";
import type { CellFailure, CreateDispatcher, ExecutionOptions } from "./runner";

export interface ExecuteAllOptions extends ExecutionOptions {
  readonly parameters?: Parameters;
  /** Where the notebook of a path is written. */
  readonly fileOf: (path: string) => string;
}

export interface Executed {
  /** As an absolute path. */
  readonly path: string;
  /** Nothing, if the file is no notebook that can be run. */
  readonly notebook: Notebook | undefined;
  /** Whether it was read, run to its end and written. */
  readonly isGood: boolean;
  /** Whether it is the last because a signal has asked for the end. */
  readonly isEnding: boolean;
}

/** The file's name without its suffix. */
export function nameOf(path: string): string {
  return basename(path, ".ipynb");
}

/**
 * Executes notebooks one after the other, with progress, and writes each while it runs and when it has. Says on stderr
 * what is wrong with one, and goes on with the next, but for a signal to end.
 */
export async function* executeAll(
  paths: readonly string[],
  options: ExecuteAllOptions,
  createDispatcher: CreateDispatcher,
): AsyncGenerator<Executed, void> {
  const ending = new Ending();
  try {
    const absolute = paths.map((path) => resolve(path));
    for (const [index, path] of absolute.entries()) {
      const notebook = await told(() => prepared(path, options.parameters));
      const isGood =
        notebook !== undefined &&
        (await execute(
          path,
          notebook,
          { ...options, isOneOfMany: paths.length > 1, ending },
          createDispatcher,
        ));
      const isEnding = ending.signal.aborted;
      yield { path, notebook, isGood, isEnding };
      if (!isEnding) continue;
      const left = absolute.slice(index + 1).map((other) => basename(other));
      if (left.length > 0) process.stderr.write(`not run: ${left.join(", ")}\n`);
      return;
    }
  } finally {
    ending.close();
  }
}

/** What `work` gives; if it refuses something, that is said. */
export async function told<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

async function prepared(path: string, parameters: Parameters = new Map()): Promise<Notebook> {
  const notebook = readNotebook(path);
  if (parameters.size === 0) return notebook;
  // Takes as long to load as the rest of the kernel.
  const { declarationsOf } = await import("./declarations.js");
  const { unknown, declared } = injectParameters(notebook, parameters, declarationsOf);
  if (unknown.length > 0) process.stderr.write(`${basename(path)}: ${undeclared(unknown, declared)}\n`);
  return notebook;
}

function undeclared(unknown: readonly string[], declared: readonly string[]): string {
  const known =
    declared.length === 0 ? "no cell tagged parameters declares any" : `declared are ${declared.join(", ")}`;
  return `given but not declared as a parameter: ${unknown.join(", ")} (${known})`;
}

interface OneOfAll extends ExecuteAllOptions {
  readonly isOneOfMany: boolean;
  readonly ending: Ending;
}

/** Returns whether all went well. */
async function execute(
  path: string,
  notebook: Notebook,
  { isOneOfMany, ending, fileOf, ...options }: OneOfAll,
  createDispatcher: CreateDispatcher,
): Promise<boolean> {
  const progress = showProgress(nameOf(path), executedCells(notebook).length, process.stdout, isOneOfMany);
  const run = new NotebookRun(notebook, options);
  const write = () => {
    run.collect();
    writeNotebook(fileOf(path), notebook);
  };
  const keeper = new Keeper(write);
  // As in Jupyter, the notebook's own folder is where its cells find files and modules.
  process.chdir(dirname(path));
  try {
    const watcher = { progress, changed: () => keeper.changed(), signal: ending.signal };
    const failure = await run.execute(createDispatcher, watcher);
    progress.end();
    if (failure !== undefined) process.stderr.write(messageOf(path, failure, options));
    const isWritten = await told(() => {
      write();
      return true;
    });
    return failure === undefined && isWritten === true;
  } finally {
    keeper.close();
  }
}

function messageOf(
  path: string,
  { cell, reason, traceback }: CellFailure,
  { timeout }: ExecutionOptions,
): string {
  const what = {
    error: "failed",
    timeout: `took longer than ${timeout} s and was interrupted`,
    interrupt: "was interrupted",
  };
  return [`${basename(path)}: code cell ${cell + 1} ${what[reason]}`, ...traceback, ""].join("\n");
}
