import type { PlotlyJson } from "../theme";

/** What is read of a figure's JSON, which may be anybody's: what is not of its kind counts as not there. */

export function object(x: unknown): PlotlyJson {
  return typeof x === "object" && x !== null ? (x as PlotlyJson) : {};
}

export function list(x: unknown): readonly unknown[] {
  return Array.isArray(x) || ArrayBuffer.isView(x) ? Array.from(x as ArrayLike<unknown>) : [];
}

export function number(x: unknown): number | undefined {
  return typeof x === "number" && Number.isFinite(x) ? x : undefined;
}

export function string(x: unknown): string | undefined {
  return typeof x === "string" ? x : undefined;
}

/** What a property says of item `index`: it may say the same of all. */
export function each(x: unknown, index: number): unknown {
  return Array.isArray(x) || ArrayBuffer.isView(x) ? (x as ArrayLike<unknown>)[index] : x;
}

/** `title: "text"` and `title: { text }` alike. */
export function titleIn({ title }: PlotlyJson): string {
  return string(title) ?? string(object(title).text) ?? "";
}
