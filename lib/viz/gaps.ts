/** What of the data a figure has no place for: it leaves a gap there, and says so. */
import { drawable, rounded } from "./values";

export type Scale = "linear" | "log";

/** Why an axis has no place for a value; undefined where it has. */
export function gapAt(value: number, scale: Scale = "linear"): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) > drawable.greatest) return `beyond ±${drawable.greatest}`;
  if (scale === "linear" || value >= drawable.least) return undefined;
  if (value > 0) return `below ${drawable.least} on a logarithmic axis`;
  return value === 0 ? "zero on a logarithmic axis" : "negative on a logarithmic axis";
}

/** A value as a page has it: null, which leaves a gap, where the axis has no place for it. */
export function placed(value: number, scale: Scale = "linear", round = rounded): number | null {
  if (gapAt(value, scale) !== undefined) return null;
  return Math.abs(value) < drawable.least ? 0 : round(value);
}

/** What is drawn, such as the points of a curve; `gapOf` says of each whether it is left out, and why. */
export interface Drawn {
  /** Of the curve or path, where there are several. */
  readonly name?: string;
  /** One of them, such as "point". */
  readonly noun: string;
  readonly count: number;
  readonly gapOf: (index: number) => string | undefined;
}

/** How many are left out and why, as a note; none where all are drawn. */
export function gapNotes({ name, noun, count, gapOf }: Drawn): string[] {
  const prefix = name === undefined ? "" : `${name}: `;
  if (count === 0) return [`${prefix}no ${noun}s`];
  const reasons = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const reason = gapOf(i);
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  if (reasons.size === 0) return [];
  const left = [...reasons.values()].reduce((sum, n) => sum + n);
  const why = [...reasons].map(([reason, n]) => `${n} ${reason}`).join(", ");
  return [`${prefix}${left} of ${count} ${noun}${count === 1 ? "" : "s"} left out: ${why}`];
}

/** As `gapNotes`, of plain numbers. */
export function notesOn(
  values: readonly number[],
  noun: string,
  scale: Scale = "linear",
  name?: string,
): string[] {
  return gapNotes({ name, noun, count: values.length, gapOf: (i) => gapAt(values[i], scale) });
}
