import { viz } from "../../lib/index";
import type { LibraryName } from "./libraries";
import { noProgram } from "./messages";
import { isMeasured, timeOf, type Outcome, type RowResult } from "./measure";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (row: RowResult) => string;
}

const titleWidth = 36;

/** The table's columns for what was measured; `was` is how far ahead each row was before. */
function columns(
  libraries: readonly LibraryName[],
  was: Readonly<Record<string, { readonly ahead?: number }>>,
): Column[] {
  const sides = libraries.filter((library) => library !== "hand");
  const each = (suffix: string, text: (outcome: Outcome) => string, names: readonly LibraryName[]) =>
    names.map((library, i): Column => ({
      title: i === 0 ? `${suffix} ${library}` : library,
      width: i === 0 ? suffix.length + 8 : Math.max(8, library.length + 1),
      text: ({ libraries: outcomes }) => text(outcomes[library]),
    }));
  return [
    ...each("ms:", timeText, libraries),
    { title: "ahead", width: 8, text: ({ ahead }) => times(ahead) },
    { title: "was", width: 8, text: ({ name }) => times(was[name]?.ahead) },
    { title: "of hand", width: 8, text: ({ ofHand }) => times(ofHand) },
    { title: "rate", width: 14, text: rateText },
    ...each("first, s:", (o) => (isMeasured(o) ? threeDigits(o.first / 1000) : "–"), sides),
    ...each("peak, MB:", (o) => (isMeasured(o) ? String(Math.round(o.peak / 1e6)) : "–"), sides),
  ];
}

/** Prints the header and returns what prints a row. */
export function tablePrinter(
  print: (line: string) => void,
  libraries: readonly LibraryName[],
  was: Readonly<Record<string, { readonly ahead?: number }>>,
): (row: RowResult) => void {
  const shown = columns(libraries, was);
  print("".padEnd(titleWidth) + shown.map(({ title, width }) => title.padStart(width)).join(""));
  return (row) => {
    print(row.title.padEnd(titleWidth) + shown.map(({ text, width }) => text(row).padStart(width)).join(""));
    for (const [library, outcome] of Object.entries(row.libraries)) {
      const problem = problemOf(outcome);
      if (problem !== undefined) print(`    ${library}: ${problem}`);
    }
  };
}

function problemOf(outcome: Outcome): string | undefined {
  if (outcome === undefined) return undefined;
  if (isMeasured(outcome)) {
    return outcome.wrong
      ? `its result is off by ${outcome.error.toExponential(1)} of the largest element`
      : undefined;
  }
  return outcome.reason === noProgram ? undefined : outcome.reason.split("\n")[0];
}

function timeText(outcome: Outcome): string {
  if (outcome === undefined) return "–";
  if (!isMeasured(outcome)) return outcome.reason === noProgram ? "–" : "fails";
  return outcome.wrong ? "wrong" : threeDigits(outcome.time);
}

/** What Saddle does a second, of what the work needs at least: operations where they bound it, else bytes. */
function rateText({ cost, libraries }: RowResult): string {
  const time = timeOf(libraries.saddle);
  if (time === undefined) return "–";
  const { operations = 0, bytes = 1 } = cost;
  return operations > 16 * bytes
    ? `${threeDigits(operations / time / 1e6)} GFLOP/s`
    : `${threeDigits(bytes / time / 1e6)} GB/s`;
}

function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? "–" : `${ratio.toPrecision(3)}×`;
}

export function isLost({ ahead }: RowResult): boolean {
  return ahead !== undefined && !(ahead >= 1);
}

/** The last lines; `ahead: N of M rows` is the very last. */
export function summary(rows: readonly RowResult[]): string {
  const compared = rows.filter(({ ahead }) => ahead !== undefined);
  const lost = compared.filter(isLost);
  const lines = [`ahead: ${compared.length - lost.length} of ${compared.length} rows`];
  const memory = rows.filter(
    ({ libraries: { saddle, "jax-js": jax } }) => isMeasured(saddle) && isMeasured(jax),
  );
  const above = memory.filter(
    ({ libraries: { saddle, "jax-js": jax } }) =>
      isMeasured(saddle) && isMeasured(jax) && saddle.peak > jax.peak,
  );
  if (memory.length > 0) lines.unshift(`peak memory above jax-js's: ${namesOf(above)}`);
  const hand = rows.filter(({ ofHand }) => ofHand !== undefined && ofHand > 2);
  if (rows.some(({ ofHand }) => ofHand !== undefined)) {
    lines.unshift(`more than twice as long as by hand: ${namesOf(hand)}`);
  }
  if (compared.length > 0) {
    const logs = compared.map(({ ahead }) => Math.log(Math.max(ahead!, 1e-3)));
    const mean = Math.exp(logs.reduce((a, b) => a + b) / logs.length);
    lines.unshift(`geometric mean: ${times(mean)} as fast as the better peer`);
    lines.splice(1, 0, `behind: ${namesOf(lost)}`);
  }
  return lines.join("\n");
}

function namesOf(rows: readonly RowResult[]): string {
  return rows.length === 0 ? "none" : `${rows.map(({ name }) => name).join(", ")} (${rows.length})`;
}

/** Every library's time on every row, a row a line, on a logarithmic axis. */
export function figure(
  rows: readonly RowResult[],
  libraries: readonly LibraryName[],
  adapter: string,
): viz.Figure {
  const shown = [...rows].reverse();
  const data = libraries.map((library) => ({
    type: "scatter",
    mode: "markers",
    name: library,
    x: shown.map(({ libraries: outcomes }) => timeOf(outcomes[library]) ?? null),
    y: shown.map(({ title }) => title),
    marker: { size: library === "saddle" ? 13 : 9, symbol: library === "hand" ? "line-ns-open" : "circle" },
  }));
  const layout = {
    title: { text: `Time of one call on ${adapter}` },
    xaxis: { type: "log", title: { text: "milliseconds" } },
    yaxis: { automargin: true, type: "category" },
    height: 120 + 26 * rows.length,
    width: 1000,
  };
  return new viz.Figure(data, layout, `Time of one call on ${adapter}\n${summary(rows)}`);
}
