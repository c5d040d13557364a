/** What reading a file from elsewhere may come to. */
import { expect } from "chai";
import { ArgumentError } from "../../lib";
import { countBytes } from "./allocations";

/** How many files the tests try, and from which seed on: `SADDLE_FUZZ=50` are 50 times as many as else, and others. */
const effort = Number(process.env["SADDLE_FUZZ"] ?? 1);

export function tries(count: number): { readonly seed: number; readonly numRuns: number } {
  return { seed: effort, numRuns: count * effort };
}

const shared = [Object.prototype, Array.prototype, Function.prototype].map(
  (prototype) => [prototype, Reflect.ownKeys(prototype)] as const,
);

/** What V8 says where the code itself stumbles. */
const stumbles =
  /Cannot (read|set|destructure|convert)|is not (a function|iterable|a constructor)|undefined \(/;

/**
 * What was read, or undefined where the file was refused: by an ArgumentError that has its name. Nothing that all objects
 * share may be changed.
 */
export async function readOrRefused<T>(
  name: string,
  read: () => Promise<T> | T,
): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await read() };
  } catch (error) {
    expect(error, (error as Error).stack).to.be.instanceOf(ArgumentError);
    expect((error as Error).message)
      .to.include(name)
      .and.not.match(stumbles);
    return undefined;
  } finally {
    for (const [prototype, keys] of shared) expect(Reflect.ownKeys(prototype)).to.deep.equal(keys);
  }
}

/** The name and message of the error that `work` ends with. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was refused",
    (error: unknown) => String(error),
  );
}

/** The bytes for which typed arrays were asked while `work` went on, whether they were touched or not. */
export async function bytesAsked(work: () => Promise<unknown>): Promise<number> {
  const count = countBytes();
  try {
    await work();
  } finally {
    count.end();
  }
  return count();
}
