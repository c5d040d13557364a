/** Printing as NumPy does: aligned columns, large arrays summarised. */
import type { DType, TypedArray } from "../util/dtypes";
import { sizeOf, stridesOf, type Shape } from "../util/shapes";

const threshold = 1000;
const edge = 3;

/** The elements in brackets, then shape and dtype. */
export function formatArray(data: TypedArray, shape: Shape, dtype: DType): string {
  const summarize = sizeOf(shape) > threshold;
  const visible = visibleElements(data, shape, summarize);
  const format = formatterFor(visible, dtype);
  const width = Math.max(0, ...visible.map((v) => format(v).length));
  const strides = stridesOf(shape);
  const render = (d: number, offset: number): string => {
    if (d === shape.length) return format(data[offset]).padStart(width);
    const items = positions(shape[d], summarize).map((i) =>
      i < 0 ? "…" : render(d + 1, offset + i * strides[d]),
    );
    const last = d === shape.length - 1;
    return `[${items.join(last ? " " : `\n${"\n".repeat(Math.max(0, shape.length - d - 2))}${" ".repeat(d + 1)}`)}]`;
  };
  const body = shape.length === 0 ? format(data[0]) : render(0, 0);
  return `${body}\n${dtype} [${shape.join(", ")}]`;
}

/** Positions along an axis, -1 standing for those left out. */
function positions(n: number, summarize: boolean): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return summarize && n > 2 * edge ? [...all.slice(0, edge), -1, ...all.slice(n - edge)] : all;
}

function visibleElements(data: TypedArray, shape: Shape, summarize: boolean): number[] {
  const strides = stridesOf(shape);
  const out: number[] = [];
  const visit = (d: number, offset: number): void => {
    if (d === shape.length) out.push(data[offset]);
    else for (const i of positions(shape[d], summarize)) if (i >= 0) visit(d + 1, offset + i * strides[d]);
  };
  if (sizeOf(shape) > 0) visit(0, 0);
  return out;
}

function formatterFor(values: readonly number[], dtype: DType): (v: number) => string {
  if (dtype === "bool") return (v) => (v ? "true" : "false");
  if (dtype === "int32" || dtype === "uint32") return String;
  const finite = values.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs);
  const [high, low] = [Math.max(...finite, 0), Math.min(...finite, Infinity)];
  const scientific = finite.length > 0 && (high >= 1e8 || low < 1e-4 || (high / low > 1e3 && low < 1e-3));
  if (scientific) return (v) => (Number.isFinite(v) ? v.toExponential(4) : nonFinite(v));
  const digits = Math.min(6, Math.max(0, ...values.filter(Number.isFinite).map(decimals)));
  return (v) => (Number.isFinite(v) ? fixed(v, digits) : nonFinite(v));
}

function decimals(v: number): number {
  const text = String(Number(v.toFixed(6)));
  const dot = text.indexOf(".");
  return dot < 0 ? 0 : text.length - dot - 1;
}

function fixed(v: number, digits: number): string {
  return digits === 0 ? `${v.toFixed(0)}.` : v.toFixed(digits);
}

function nonFinite(v: number): string {
  return Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
}
