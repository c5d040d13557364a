import { displayKey } from "../../../lib/util/frontend";
import type { MimeBundle } from "../../../lib/util/frontend";
import type { RankEnd } from "../../contract/rankMessages";

/** The values that the cell has on the ranks, in rank order, without those that are shown by themselves; or nothing. */
export function resultsOf(ends: readonly RankEnd[]): object | undefined {
  const results = ends.map(({ outcome }) => (outcome.failure === undefined ? outcome.result : undefined));
  if (results.every((result) => result === undefined || isRich(result))) return undefined;
  const lines = results.flatMap((result, rank) =>
    isRich(result) ? [] : [labelled(`[${rank}] `, textOf(result) ?? "undefined")],
  );
  return { [displayKey]: (): MimeBundle => ({ "text/plain": lines.join("\n") }) };
}

/** Whether a value is more than its text, and is shown by itself. */
export function isRich(result: MimeBundle | undefined): result is MimeBundle {
  return result !== undefined && Object.keys(result).some((type) => type !== "text/plain");
}

/**
 * How it went, in one line. The parallel efficiency is the part of the ranks' time that did not go into communicating,
 * or waiting for each other.
 */
export function summaryOf(ends: readonly RankEnd[]): string {
  const seconds = Math.max(...ends.map((end) => end.seconds));
  const [{ collectives, bytes }] = ends;
  const parts = [`${ends.length} ${ends.length === 1 ? "rank" : "ranks"}`, `${rounded(seconds)} s`];
  if (collectives > 0) {
    const busy = ends.reduce((sum, end) => sum + end.seconds - end.communicating, 0);
    parts.push(`parallel efficiency ${Math.round((100 * busy) / (seconds * ends.length))} %`);
    parts.push(`${collectivesText(collectives)} of ${megabytes(bytes)} a rank`);
  }
  return `${parts.join(" · ")}\n`;
}

function textOf(result: MimeBundle | undefined): string | undefined {
  return result === undefined ? undefined : String(result["text/plain"]);
}

function labelled(label: string, text: string): string {
  return label + text.replaceAll("\n", `\n${" ".repeat(label.length)}`);
}

export function collectivesText(count: number): string {
  return `${count} ${count === 1 ? "collective" : "collectives"}`;
}

export function megabytes(bytes: number): string {
  return bytes < 1e4 ? `${bytes} bytes` : `${rounded(bytes / 1e6)} MB`;
}

export function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
