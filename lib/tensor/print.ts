/** Printing as NumPy does: aligned columns, long rows wrapped, large arrays summarised. */
import type { DType, TypedArray } from "../util/dtypes";
import { formatShape, sizeOf, stridesOf, type Shape } from "../util/shapes";
import { column, numeral } from "./numerals";

/** More elements than these are summarised by this many at each end of an axis. */
const threshold = 1000;
const edge = 3;
/** Characters in a line. */
const lineWidth = 75;

/** The elements in brackets, then dtype and shape. */
export function formatArray(data: TypedArray, shape: Shape, dtype: DType): string {
  return `${formatElements(data, shape, dtype)}\n${dtype} ${formatShape(shape)}`;
}

/** The elements in brackets. */
export function formatElements(data: TypedArray, shape: Shape, dtype: DType): string {
  if (sizeOf(shape) === 0) return "[]";
  if (shape.length === 0) return numeral(data[0], dtype);
  const shown = shape.map((n) => positions(n, sizeOf(shape) > threshold));
  const strides = stridesOf(shape);
  const format = column(visibleElements(data, shown, strides), dtype);
  const render = (d: number, offset: number): string => {
    if (d === shape.length) return format(data[offset]);
    const items = shown[d].map((i) => (i < 0 ? "…" : render(d + 1, offset + i * strides[d])));
    const indent = " ".repeat(d + 1);
    const inner = shape.length - 1 - d;
    return `[${inner === 0 ? wrapped(items, indent) : items.join("\n".repeat(inner) + indent)}]`;
  };
  return render(0, 0);
}

/** Positions along an axis, -1 standing for those left out. */
function positions(n: number, summarize: boolean): number[] {
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  return summarize && n > 2 * edge ? [...range(0, edge), -1, ...range(n - edge, n)] : range(0, n);
}

function visibleElements(data: TypedArray, shown: readonly number[][], strides: readonly number[]): number[] {
  let offsets = [0];
  shown.forEach((along, d) => {
    offsets = offsets.flatMap((at) => along.filter((i) => i >= 0).map((i) => at + i * strides[d]));
  });
  return offsets.map((at) => data[at]);
}

/** `items` in lines that leave room for the closing brackets. */
function wrapped(items: readonly string[], indent: string): string {
  const room = lineWidth - indent.length;
  const lines: string[] = [];
  let line = indent;
  for (const item of items) {
    if (line.length > indent.length && line.length + item.length > room) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${item} `;
  }
  return [...lines, line.slice(0, -1)].join("\n").slice(indent.length);
}
