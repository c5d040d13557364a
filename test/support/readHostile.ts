/**
 * A program: reads the files that it is given, as `reader=path`, each with the reader named before it, and writes a line
 * of JSON for each. A process of its own has a peak of memory, and a heap that can be kept small.
 */
import type * as libraryParts from "../../lib";
import type * as notebookParts from "../../kernel/headless/notebook";
import { countBytes } from "./allocations";

export interface Reading {
  readonly reader: string;
  /** Of the error that was thrown; "" where there was none. */
  readonly error: string;
  readonly message: string;
  /** Bytes for which typed arrays were asked. */
  readonly asked: number;
  /** Bytes by which the process has grown beyond its peak before. */
  readonly grown: number;
}

async function failureOf(work: () => unknown): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function main(files: readonly string[]): Promise<void> {
  // What the libraries keep of the constructors when they are loaded is counted as well.
  const count = countBytes();
  const { cpu, data, nn, withDevice } = (await import("../../lib/index.js")) as typeof libraryParts;
  const { readNotebook } = (await import("../../kernel/headless/notebook.js")) as typeof notebookParts;
  const readers: Readonly<Record<string, (path: string) => unknown>> = {
    csv: (path) => data.readCsv(path),
    idx: (path) => data.readIdx(path),
    image: (path) => data.readImage(path),
    load: (path) => nn.load(path),
    notebook: readNotebook,
    npy: (path) => data.readNpy(path),
    npz: (path) => data.readNpz(path),
  };
  for (const file of files) {
    const [reader, path] = file.split("=");
    const [asked, peak] = [count(), process.resourceUsage().maxRSS];
    const failure = await withDevice(cpu, () => failureOf(() => readers[reader](path)));
    const reading: Reading = {
      reader,
      error: failure?.name ?? "",
      message: failure?.message ?? "",
      asked: count() - asked,
      grown: (process.resourceUsage().maxRSS - peak) * 1024,
    };
    process.stdout.write(`${JSON.stringify(reading)}\n`);
  }
}

void main(process.argv.slice(2));
