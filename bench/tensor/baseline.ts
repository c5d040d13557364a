/** Earlier results, kept in the repository by adapter, so that a change shows what it did. */
import { readFileSync, writeFileSync } from "node:fs";
import { baselineFile } from "./files";
import { timeOf, type RowResult } from "./measure";

/** How far Saddle was ahead, which machines of one kind agree on, and in what time (ms), which they may not. */
interface Earlier {
  readonly ahead?: number;
  readonly time: number;
}

type Baseline = Readonly<Record<string, Readonly<Record<string, Earlier>>>>;

function readAll(): Baseline {
  return JSON.parse(readFileSync(baselineFile, "utf8")) as Baseline;
}

export function readBaseline(adapter: string): Readonly<Record<string, Earlier>> {
  return readAll()[adapter] ?? {};
}

/** Replaces the rows that were measured. */
export function saveBaseline(adapter: string, rows: readonly RowResult[]): void {
  const all = readAll();
  const measured = rows.flatMap(({ name, ahead, libraries }) => {
    const time = timeOf(libraries.saddle);
    return time === undefined ? [] : [[name, { ahead: rounded(ahead), time: rounded(time) }] as const];
  });
  const changed = { ...all, [adapter]: { ...all[adapter], ...Object.fromEntries(measured) } };
  writeFileSync(baselineFile, `${JSON.stringify(changed, undefined, 2)}\n`);
}

function rounded<T extends number | undefined>(value: T): T {
  return (value === undefined ? value : Number(value.toPrecision(3))) as T;
}
