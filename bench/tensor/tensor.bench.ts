/**
 * Saddle beside the tensor libraries that run on WebGPU: `node tensor.bench.js [--save] [NAME,NAME…]`, names of
 * workloads or libraries. README.md says how to read it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { devices } from "../../lib/index";
import { readBaseline, saveBaseline } from "./baseline";
import { outputFolder } from "./files";
import { libraries, measuredByDefault, type LibraryName } from "./libraries";
import { measureRow, type RowResult } from "./measure";
import { figure, isLost, summary, tablePrinter } from "./report";
import type { Workload } from "./workload";
import { workloads } from "./workloads";

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The workloads and libraries that the names choose; all, of a kind that no name is of. */
function choose(names: readonly string[]): {
  workloads: readonly Workload[];
  libraries: readonly LibraryName[];
} {
  const isLibrary = (name: string): name is LibraryName => Object.hasOwn(libraries, name);
  const rows = workloads.filter(({ name }) => names.includes(name));
  const unknown = names.find((name) => !isLibrary(name) && !rows.some((row) => row.name === name));
  if (unknown !== undefined) {
    throw new Error(
      `no workload or library ${unknown}; there are ${[...workloads.map(({ name }) => name), ...Object.keys(libraries)].join(", ")}`,
    );
  }
  const chosen = names.filter(isLibrary);
  return {
    workloads: rows.length > 0 ? rows : workloads,
    libraries: chosen.length > 0 ? chosen : measuredByDefault,
  };
}

const [json, page] = ["tensor.json", "tensor.html"].map((file) => join(outputFolder, file));

function keep(adapter: string, rows: readonly RowResult[], measured: readonly LibraryName[]): void {
  mkdirSync(outputFolder, { recursive: true });
  writeFileSync(json, JSON.stringify({ adapter, rows }, undefined, 1));
  writeFileSync(page, figure(rows, measured, adapter).toHTML());
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { save: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const chosen = choose(positionals.flatMap((names) => names.split(",")));
  const [{ name: adapter }] = await devices();
  print(`${adapter}, medians in ms, each process started cold`);
  const printRow = tablePrinter(print, chosen.libraries, readBaseline(adapter));
  const rows: RowResult[] = [];
  for (const workload of chosen.workloads) {
    const row = await measureRow(workload, chosen.libraries);
    printRow(row);
    rows.push(row);
    // After each row, so that a run that is stopped leaves what it has.
    keep(adapter, rows, chosen.libraries);
    if (values.save) saveBaseline(adapter, [row]);
  }
  print(`\n${json}\n${page}\n`);
  print(summary(rows));
  process.exit(rows.some(isLost) ? 1 : 0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
