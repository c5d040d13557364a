/** What all kernels share: bindings, grids, and the text that splits a linear index into coordinates. Pure: needs no GPU. */
import type { Bindings } from "../loops/work";
import { storageType } from "./text";

export interface Kernel {
  readonly code: string;
  readonly workgroups: readonly [number, number, number];
}

export interface DeviceLimits {
  /** Workgroups along one axis of a dispatch. */
  readonly maxWorkgroups: number;
  /** Lanes of a subgroup; undefined where there are none, or of no fixed size. */
  readonly subgroupSize: number | undefined;
}

/** Bytes that a processor loads at once. */
const cacheLine = 64;

/**
 * Whether a number for each lane of a subgroup leaves part of a cache line over. That is a processor which plays the device:
 * it runs the subgroups of a workgroup one after another, and barriers, where each is set aside, cost as much as the work.
 */
export function hasNarrowSubgroups({ subgroupSize = 32 }: DeviceLimits): boolean {
  return 4 * subgroupSize < cacheLine;
}

/** Invocations of a workgroup. */
export const workgroupSize = 128;

/** A buffer that the code does not mention has no place in the pipeline's layout, though the caller binds it. */
export function mentioningAll(code: string, { inputs, scalarCount }: Bindings): string {
  const bound = [...inputs.map((_, slot) => `x${slot}`), ...(scalarCount > 0 ? ["scalars"] : [])];
  const idle = bound.filter((name) => !code.includes(`${name}[`)).map((name) => `_ = &${name};`);
  return code.replace(/fn main\(.*\{/, (start) => [start, ...idle].join("\n"));
}

/** Directives and module-scope declarations. `scalars` are the slots bound as single elements. */
export function declarations(
  b: Bindings,
  inputWidth: 1 | 4,
  scalars: ReadonlySet<number>,
  outputWidth: 1 | 4,
): string[] {
  const lines = b.inputs.map((dtype, slot) => {
    const element = storageType(dtype, scalars.has(slot) ? 1 : inputWidth);
    return `@group(0) @binding(${slot}) var<storage, read> x${slot}: array<${element}>;`;
  });
  const at = b.inputs.length;
  const out = storageType(b.output, outputWidth);
  lines.push(`@group(0) @binding(${at}) var<storage, read_write> y: array<${out}>;`);
  if (b.scalarCount > 0) {
    const length = Math.ceil(b.scalarCount / 4);
    lines.push(`@group(0) @binding(${at + 1}) var<uniform> scalars: array<vec4u, ${length}>;`);
  }
  const halves = b.output === "float16" || b.inputs.includes("float16");
  return halves ? ["enable f16;", ...lines] : lines;
}

export function coordinateNames(count: number): string[] {
  return Array.from({ length: count }, (_, d) => `i${d}`);
}

/** Statements that split the linear `item` (in units of `width` elements) into coordinates i{first}…. */
export function unravel(sizes: readonly number[], item: string, width: number, first = 0): string[] {
  const lines: string[] = [];
  let rest = item;
  for (let d = sizes.length - 1; d >= 0; d--) {
    const innermost = d === sizes.length - 1;
    const scale = innermost && width > 1 ? ` * ${width}u` : "";
    const size = innermost ? sizes[d] / width : sizes[d];
    const name = `i${first + d}`;
    if (d === 0) lines.push(`let ${name} = (${rest})${scale};`);
    else {
      lines.push(`let ${name} = (${rest}) % ${size}u${scale};`, `let ${name}_rest = (${rest}) / ${size}u;`);
      rest = `${name}_rest`;
    }
  }
  return lines;
}

/** `count` workgroups over two axes when one cannot hold them. */
export function spread(count: number, max: number): [number, number] {
  if (count <= max) return [Math.max(count, 1), 1];
  const y = Math.ceil(count / max);
  return [Math.ceil(count / y), y];
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
