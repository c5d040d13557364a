/** Kernels as data (what to compute over which space) and their WGSL text. Pure: needs no GPU. */
import type { DType } from "../util/dtypes";
import { dimension, linear } from "./affine";
import { Emitter, scalarText } from "./emit";
import { storageType, storeText, type Expr } from "./expr";
import { mergeDimensions, scalarSlots, vectorizes, type Space } from "./space";

/** An associative combination, its identity, as WGSL. */
export interface Combiner {
  readonly name: string;
  readonly combine: (a: string, b: string) => string;
  readonly identity: (dtype: DType) => string;
  /** Module-scope declarations that the texts need. */
  readonly declarations?: string;
}

export interface Kernel {
  readonly code: string;
  readonly workgroups: readonly [number, number, number];
}

/** The buffers a kernel binds: inputs x0…, output y, and whether it reads run-time scalars. */
export interface Bindings {
  readonly inputs: readonly DType[];
  readonly output: DType;
  readonly scalarCount: number;
}

export interface DeviceLimits {
  readonly maxWorkgroups: number;
  readonly maxWorkgroupSize: number;
}

const workgroupSize = 128;

/** y[i] = value(i) for every i of the space. */
export function mapKernel(
  sizes: readonly number[],
  value: Expr,
  bindings: Bindings,
  limits: DeviceLimits,
): Kernel {
  const merged = mergeDimensions({ sizes, outputDims: sizes.length }, [value]);
  const { space } = merged;
  const [expr] = merged.exprs;
  const last = space.sizes.length - 1;
  const vectorDim = last >= 0 && vectorizes(last, space.sizes[last], [expr]) ? last : undefined;
  const width = vectorDim === undefined ? 1 : 4;
  const scalars = scalarSlots(vectorDim, [expr]);
  const emitter = new Emitter({ coordinates: coordinateNames(space), vectorDim, scalarSlots: scalars });
  const result = emitter.emit(expr);
  const total = space.sizes.reduce((a, b) => a * b, 1) / width;
  const grid = spread(Math.ceil(total / workgroupSize), limits.maxWorkgroups);
  const code = [
    declarations(bindings, width, scalars, width),
    ...emitter.helpers,
    `@compute @workgroup_size(${workgroupSize})`,
    "fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) lane: u32) {",
    `let item = (w.x + w.y * ${grid[0]}u) * ${workgroupSize}u + lane;`,
    `if (item >= ${total}u) { return; }`,
    ...unravel(space.sizes, "item", width),
    ...emitter.lines,
    `y[item] = ${storeText(result, { dtype: bindings.output, width })};`,
    "}",
  ].join("\n");
  return { code: mentioningAll(code, bindings), workgroups: [grid[0], grid[1], 1] };
}

export interface Reduction {
  readonly combiner: Combiner;
  /** What is reduced, over output then reduced dimensions. */
  readonly value: Expr;
  /** What is stored, over the output dimensions, in terms of `accumulated`. */
  readonly epilogue: Expr;
  /** Index into the run-time scalars of the reduced length; a constant bound would be unrolled. */
  readonly boundScalar: number;
}

/** Invocations that share one output of a reduction: many when there are few outputs and much to reduce. */
export function lanesFor(outputs: number, reduced: number): number {
  if (reduced < 64 || outputs >= 4096) return 1;
  return reduced >= 1024 ? 128 : 32;
}

/** y[o] = epilogue(combine over r of value(o, r)). */
export function reduceKernel(
  sizes: readonly number[],
  outputDims: number,
  reduction: Reduction,
  bindings: Bindings,
  limits: DeviceLimits,
): Kernel {
  const merged = mergeDimensions({ sizes, outputDims }, [reduction.value, reduction.epilogue]);
  const { space } = merged;
  const [value, epilogue] = merged.exprs;
  const outSizes = space.sizes.slice(0, space.outputDims);
  const reducedSizes = space.sizes.slice(space.outputDims);
  const outputs = product(outSizes);
  const innermost = space.sizes.length - 1;
  const canVector = reducedSizes.length > 0 && vectorizes(innermost, space.sizes[innermost], [value]);
  const vectorDim = canVector ? innermost : undefined;
  const width = canVector ? 4 : 1;
  const reduced = product(reducedSizes) / width;
  const lanes = lanesFor(outputs, reduced);
  const scalars = scalarSlots(vectorDim, [value]);
  for (const slot of scalarSlots(undefined, [epilogue])) scalars.add(slot);
  const names = coordinateNames(space);
  const body = new Emitter({ coordinates: names, vectorDim, scalarSlots: scalars });
  const term = body.emit(value);
  const accumulator = combinerText(reduction.combiner, value.dtype, width);
  const tail = new Emitter({ coordinates: names, scalarSlots: scalars, accumulated: "total" }, "e");
  const result = tail.emit(epilogue);
  const outputsPerGroup = workgroupSize / lanes;
  const grid = spread(Math.ceil(outputs / outputsPerGroup), limits.maxWorkgroups);
  const code = [
    declarations(bindings, width, scalars, 1),
    reduction.combiner.declarations ?? "",
    ...new Set([...body.helpers, ...tail.helpers]),
    lanes > 1 ? `var<workgroup> partial: array<${accumulator.scalarType}, ${workgroupSize}>;` : "",
    `@compute @workgroup_size(${workgroupSize})`,
    "fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {",
    `let lane = invocation % ${lanes}u;`,
    `let item = (w.x + w.y * ${grid[0]}u) * ${outputsPerGroup}u + invocation / ${lanes}u;`,
    lanes > 1 ? `let live = item < ${outputs}u;` : `if (item >= ${outputs}u) { return; }`,
    ...unravel(outSizes, "item", 1),
    `let bound = ${scalarText(reduction.boundScalar)} / ${width}u;`,
    ...accumulate(accumulator, lanes, unravel(reducedSizes, "r", width, space.outputDims), body.lines, term),
    ...(lanes > 1 ? treeReduce(accumulator, lanes) : ["let total = own;"]),
    lanes > 1 ? "if (!live || lane != 0u) { return; }" : "",
    ...tail.lines,
    `y[item] = ${storeText(result, { dtype: bindings.output, width: 1 })};`,
    "}",
  ]
    .filter((line) => line !== "")
    .join("\n");
  return { code: mentioningAll(code, bindings), workgroups: [grid[0], grid[1], 1] };
}

interface CombinerText {
  readonly type: string;
  readonly scalarType: string;
  readonly identity: string;
  readonly combine: (a: string, b: string) => string;
  readonly horizontal: (v: string) => string;
}

function combinerText({ combine, identity }: Combiner, dtype: DType, width: 1 | 4): CombinerText {
  const scalarType = storageType(dtype, 1);
  return {
    type: storageType(dtype, width),
    scalarType,
    identity: identity(dtype),
    combine,
    horizontal: (v) => (width === 1 ? v : combine(combine(`${v}.x`, `${v}.y`), combine(`${v}.z`, `${v}.w`))),
  };
}

/**
 * Each lane combines every lanes-th element, in blocks, so that rounding errors grow with the block count and the
 * block length rather than with the whole length.
 */
function accumulate(
  c: CombinerText,
  lanes: number,
  coordinates: string[],
  body: string[],
  term: string,
): string[] {
  const block = 64 * lanes;
  return [
    `var sum = ${c.type}(${c.identity});`,
    `for (var start = lane; start < bound; start += ${block}u) {`,
    `var part = ${c.type}(${c.identity});`,
    `let stop = min(start + ${block}u, bound);`,
    `for (var r = start; r < stop; r += ${lanes}u) {`,
    ...coordinates,
    ...body,
    `part = ${c.combine("part", term)};`,
    "}",
    `sum = ${c.combine("sum", "part")};`,
    "}",
    `let own = ${c.horizontal("sum")};`,
  ];
}

function treeReduce(c: CombinerText, lanes: number): string[] {
  const lines = ["partial[invocation] = own;", "workgroupBarrier();"];
  for (let half = lanes / 2; half >= 1; half /= 2) {
    lines.push(
      `if (lane < ${half}u) { partial[invocation] = ${c.combine("partial[invocation]", `partial[invocation + ${half}u]`)}; }`,
      "workgroupBarrier();",
    );
  }
  lines.push("let total = partial[invocation];");
  return lines;
}

export interface Contraction {
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Over (…batch, m, n, k). */
  readonly left: Expr;
  readonly right: Expr;
  /** Over (…batch, m, n), in terms of `accumulated`. */
  readonly epilogue: Expr;
  readonly boundScalar: number;
}

const tileRows = 4;

/** y[b, m, n] = epilogue(Σₖ left(b, m, k) · right(b, k, n)); each invocation computes a 4 × 4 tile. */
export function matmulKernel(c: Contraction, bindings: Bindings, limits: DeviceLimits): Kernel {
  const batchDims = c.batch.length;
  const [mDim, nDim, kDim] = [batchDims, batchDims + 1, batchDims + 2];
  const vector = c.n % 4 === 0 && vectorizes(nDim, c.n, [c.right, c.epilogue]);
  const width = vector ? 4 : 1;
  const vectorDim = vector ? nDim : undefined;
  const scalars = scalarSlots(vectorDim, [c.right, c.epilogue]);
  for (const slot of scalarSlots(undefined, [c.left])) scalars.add(slot);
  const names = Array.from({ length: batchDims + 3 }, (_, d) => `i${d}`);
  const rows = Array.from({ length: tileRows }, (_, row) => row);
  const rightEmitter = new Emitter({ coordinates: names, vectorDim, scalarSlots: scalars }, "b");
  const right = rightEmitter.emit(c.right);
  const lefts = rows.map((row) => {
    const coordinates = names.map((n, d) => (d === mDim ? `m${row}` : n));
    const emitter = new Emitter({ coordinates, scalarSlots: scalars }, `a${row}_`);
    return { emitter, text: emitter.emit(c.left) };
  });
  const stores = rows.map((row) => storeRow(c, row, names, vectorDim, scalars, bindings.output, width));
  const [groupM, groupN] = c.m >= 32 ? [16, 8] : [4, 32];
  const type = width === 4 ? "vec4f" : "f32";
  const [tilesM, tilesN] = [Math.ceil(c.m / tileRows), c.n / width];
  const groups = [Math.ceil(tilesN / groupN), Math.ceil(tilesM / groupM), product(c.batch)] as const;
  checkGroups(groups, limits);
  const helpers = new Set(
    [rightEmitter, ...lefts.map((l) => l.emitter), ...stores.map((s) => s.emitter)].flatMap((e) => [
      ...e.helpers,
    ]),
  );
  const code = [
    declarations(bindings, width, scalars, width),
    ...helpers,
    `@compute @workgroup_size(${groupN}, ${groupM})`,
    "fn main(@builtin(global_invocation_id) g: vec3u) {",
    `let row = g.y * ${tileRows}u;`,
    `let i${nDim} = g.x * ${width}u;`,
    `if (row >= ${c.m}u || i${nDim} >= ${c.n}u) { return; }`,
    ...unravel(c.batch, "g.z", 1),
    ...rows.map((r) => `let m${r} = min(row + ${r}u, ${c.m - 1}u);`),
    ...rows.map((r) => `var s${r} = ${type}(0.0f);`),
    `let bound = ${scalarText(c.boundScalar)};`,
    `for (var i${kDim} = 0u; i${kDim} < bound; i${kDim}++) {`,
    ...rightEmitter.lines,
    ...lefts.flatMap((l) => l.emitter.lines),
    ...rows.map((r) => `s${r} += ${lefts[r].text} * ${right};`),
    "}",
    ...stores.flatMap((s) => s.lines),
    "}",
  ].join("\n");
  return { code: mentioningAll(code, bindings), workgroups: groups };
}

function storeRow(
  c: Contraction,
  row: number,
  names: readonly string[],
  vectorDim: number | undefined,
  scalars: ReadonlySet<number>,
  output: DType,
  width: 1 | 4,
): { emitter: Emitter; lines: string[] } {
  const mDim = c.batch.length;
  const coordinates = names.map((n, d) => (d === mDim ? `m${row}` : n));
  const accumulated = `s${row}`;
  const emitter = new Emitter({ coordinates, vectorDim, scalarSlots: scalars, accumulated }, `e${row}_`);
  const result = emitter.emit(c.epilogue);
  const sizes = [...c.batch, c.m, c.n];
  const strides = sizes.map((_, d) => product(sizes.slice(d + 1)));
  const address = emitter.index(
    linear(
      sizes.map((n, d) => dimension(d, n)),
      strides,
    ),
  );
  const target = width === 4 ? `(${address}) / 4u` : address;
  const store = `y[${target}] = ${storeText(result, { dtype: output, width })};`;
  return { emitter, lines: [`if (row + ${row}u < ${c.m}u) {`, ...emitter.lines, store, "}"] };
}

function checkGroups(groups: readonly number[], limits: DeviceLimits): void {
  if (groups.some((n) => n > limits.maxWorkgroups)) {
    throw new RangeError(
      `a product of ${groups.join(" × ")} workgroups exceeds ${limits.maxWorkgroups} an axis`,
    );
  }
}

/** A buffer that the code does not mention has no place in the pipeline's layout, though the caller binds it. */
function mentioningAll(code: string, { inputs }: Bindings): string {
  const idle = inputs.flatMap((_, slot) => (code.includes(`x${slot}[`) ? [] : [`_ = &x${slot};`]));
  return code.replace(/fn main\(.*\{/, (start) => [start, ...idle].join("\n"));
}

function declarations(
  b: Bindings,
  inputWidth: 1 | 4,
  scalars: ReadonlySet<number>,
  outputWidth: 1 | 4,
): string {
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
  return lines.join("\n");
}

function coordinateNames(space: Space): string[] {
  return space.sizes.map((_, d) => `i${d}`);
}

/** Statements that split the linear `item` (in units of `width` elements) into coordinates i{first}…. */
function unravel(sizes: readonly number[], item: string, width: number, first = 0): string[] {
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
function spread(count: number, max: number): [number, number] {
  if (count <= max) return [Math.max(count, 1), 1];
  const y = Math.ceil(count / max);
  return [Math.ceil(count / y), y];
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
