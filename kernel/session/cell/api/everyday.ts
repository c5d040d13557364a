import { bundleOf, textOf } from "../../../../lib/util/bundle";
import { display } from "../../../../lib/util/display";
import { displayKey } from "../../../../lib/util/frontend";
import type { MimeBundle } from "../../../../lib/util/frontend";
import type { Profiling, TimeitOptions, Timing, Variable } from "../../../contract/globals";
import type { Namespace } from "../evaluate/namespace";
import type { Turns } from "../interrupt/turns";

const previewLength = 60;
const shortestRun = 0.02; // seconds
const mostLoops = 1e7;

/** What the expansions of the everyday magics call. */
export class Everyday {
  private readonly namespace: Namespace;
  private readonly turns: Turns;
  private readonly onForget: () => void;
  private cellStart: number | undefined;
  private profiling: Profiling | undefined;

  constructor(namespace: Namespace, turns: Turns, onForget: () => void) {
    this.namespace = namespace;
    this.turns = turns;
    this.onForget = onForget;
  }

  timeCell(): void {
    this.cellStart = performance.now();
  }

  profileCell(profiling: Profiling): void {
    this.profiling = profiling;
  }

  /** Called when a cell is done. */
  async cellDone(): Promise<void> {
    if (this.cellStart !== undefined) reportTime(performance.now() - this.cellStart);
    const { profiling } = this;
    this.cellStart = undefined;
    this.profiling = undefined;
    if (profiling !== undefined) display(await profiling.stop());
  }

  async time<T>(work: () => T): Promise<Awaited<T>> {
    const start = performance.now();
    const value = await work();
    reportTime(performance.now() - start);
    return value;
  }

  async timeit(work: () => unknown, { runs = 7, loops }: TimeitOptions): Promise<Timing> {
    const each = loops ?? (await this.enoughLoops(work));
    const times: number[] = [];
    for (let run = 0; run < runs; run++) times.push((await this.secondsOf(work, each)) / each);
    return shownAs(statistics(times, each), timingText);
  }

  variables(): readonly Variable[] {
    const rows = this.namespace.names().map((name) => {
      const value = this.namespace.exports[name];
      return { name, type: typeName(value), value: preview(value) };
    });
    return shownAs(rows, variablesText);
  }

  reset(): void {
    this.namespace.clear();
    this.onForget();
  }

  markdown(text: string): object {
    return { [displayKey]: () => ({ "text/markdown": text, "text/plain": text }) };
  }

  private async enoughLoops(work: () => unknown): Promise<number> {
    for (let loops = 1; ; loops *= 10) {
      if (loops >= mostLoops || (await this.secondsOf(work, loops)) > shortestRun) return loops;
    }
  }

  private async secondsOf(work: () => unknown, loops: number): Promise<number> {
    const { turns } = this;
    const turn = turns.current;
    const start = performance.now();
    for (let loop = 0; loop < loops; loop++) turns.resume(turn, await work());
    return (performance.now() - start) / 1000;
  }
}

function reportTime(milliseconds: number): void {
  process.stdout.write(`Wall time: ${duration(milliseconds / 1000)}\n`);
}

/** Six significant digits are for results; a duration is read in three. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [1, "s"],
    [1e-3, "ms"],
    [1e-6, "µs"],
  ];
  const [scale, unit] = units.find(([size]) => seconds >= size) ?? [1e-9, "ns"];
  return `${Number((seconds / scale).toPrecision(3))} ${unit}`;
}

function statistics(times: readonly number[], loops: number): Timing {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length;
  return { mean, deviation: Math.sqrt(variance), best: Math.min(...times), runs: times.length, loops };
}

function timingText({ mean, deviation, best, runs, loops }: Timing): string {
  const spread = `${duration(mean)} ± ${duration(deviation)} a loop`;
  return `${spread} (mean ± deviation of ${runs} runs of ${loops} loops; best ${duration(best)})`;
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return (Object.getPrototypeOf(value) as object | null)?.constructor.name ?? "Object";
}

function preview(value: unknown): string {
  const line = textOf(value).replace(/\s+/g, " ");
  return line.length > previewLength ? `${line.slice(0, previewLength - 1)}…` : line;
}

function variablesText(rows: readonly Variable[]): string {
  if (rows.length === 0) return "No variables.";
  const width = (key: "name" | "type") => Math.max(...rows.map((row) => row[key].length));
  const [nameWidth, typeWidth] = [width("name"), width("type")];
  return rows
    .map(({ name, type, value }) => `${name.padEnd(nameWidth)}  ${type.padEnd(typeWidth)}  ${value}`)
    .join("\n");
}

function shownAs<T extends object>(value: T, text: (value: T) => string): T {
  const show = (): MimeBundle | Promise<MimeBundle> => bundleOf({ "text/plain": text(value) });
  return Object.defineProperty(value, displayKey, { value: show });
}
