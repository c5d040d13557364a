import type { ExpandedCell } from "../contract/messages";

/** The place in the source that stands at `offset` of the expanded code; of a magic's own code, the magic. */
export function toSource({ spans }: ExpandedCell, offset: number): number {
  const span = spans.findLast(({ expanded }) => expanded <= offset);
  if (span === undefined) return offset;
  return span.source + Math.min(offset - span.expanded, span.length);
}

/** The place in the expanded code of what stands in the source; nothing for what is magic, not TypeScript. */
export function toExpanded({ spans }: ExpandedCell, offset: number): number | undefined {
  const span = spans.find(({ source, length }) => source <= offset && offset <= source + length);
  return span === undefined ? undefined : span.expanded + offset - span.source;
}

/** Whether what stands at `offset` of the expanded code has been written, and is nothing that a magic has become. */
export function isOfSource({ spans }: ExpandedCell, offset: number): boolean {
  return spans.some(({ expanded, length }) => expanded <= offset && offset < expanded + length);
}

/** Jupyter counts code points, JavaScript UTF-16 code units. */
export function fromCodePoints(text: string, count: number): number {
  return Array.from(text).slice(0, count).join("").length;
}

export function toCodePoints(text: string, offset: number): number {
  return Array.from(text.slice(0, offset)).length;
}

/** Line and column, from 0. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length - 1, column: lines[lines.length - 1].length };
}
