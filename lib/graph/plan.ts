/** From a numbered graph to a plan: the kernels to run, over which buffers, in which order. */
import { arrayFor, type DType } from "../util/dtypes";
import { reduceShape, sizeOf, stridesOf, type Shape } from "../util/shapes";
import { delinearize, dimension, keyOf, linear, plus, times, valueOf, type Affine } from "../wgsl/affine";
import type { Expr } from "../wgsl/expr";
import {
  lanesFor,
  mapKernel,
  matmulKernel,
  reduceKernel,
  type Bindings,
  type DeviceLimits,
  type Kernel,
} from "../wgsl/kernel";
import type { Canonical } from "./canonical";
import type { Node } from "./node";
import { partition, type Partition } from "./partition";
import { schedule } from "./schedule";
import { cutsFor } from "./width";

/** A buffer of a plan: a leaf by its position in `Canonical.leaves`, or a temporary. */
export type BufferRef =
  | { readonly kind: "leaf"; readonly leaf: number }
  | { readonly kind: "temporary"; readonly temporary: number };

/** A run-time scalar of a step: a graph scalar by its position in `Canonical.scalars`, or a fixed u32. */
export type ScalarRef =
  | { readonly kind: "graph"; readonly scalar: number; readonly dtype: DType }
  | { readonly kind: "bound"; readonly value: number };

export interface Step {
  readonly kernel: Kernel;
  readonly inputs: readonly BufferRef[];
  readonly output: number;
  readonly scalars: readonly ScalarRef[];
  /** The op whose node this step computes, for error messages. */
  readonly label: string;
  /** Temporaries that nothing reads after this step. */
  readonly releases: readonly number[];
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Bytes of each temporary. */
  readonly temporaries: readonly number[];
  /** Nodes that receive a value: position in `Canonical.nodes` and the temporary (or leaf) that holds it. */
  readonly results: readonly { readonly node: number; readonly buffer: BufferRef }[];
}

export interface PlanLimits extends DeviceLimits {
  readonly maxInputs: number;
}

export function makePlan(graph: Canonical, limits: PlanLimits): Plan {
  const forced = new Set<number>();
  for (;;) {
    const parts = partition(graph, forced);
    const cuts = cutsFor(graph, parts, limits.maxInputs);
    if (cuts.length === 0) return new PlanBuilder(graph, parts, limits).build();
    for (const cut of cuts) forced.add(cut);
  }
}

interface KernelContext {
  readonly root: number;
  readonly core: number | undefined;
  readonly slots: BufferRef[];
  readonly dtypes: DType[];
  readonly scalars: ScalarRef[];
  readonly memo: Map<string, Expr>;
}

class PlanBuilder {
  private readonly steps: Omit<Step, "releases">[] = [];
  private readonly temporaries: number[] = [];
  private readonly buffers = new Map<number, BufferRef>();

  constructor(
    private readonly graph: Canonical,
    private readonly parts: Partition,
    private readonly limits: PlanLimits,
  ) {
    graph.leaves.forEach((position, leaf) => this.buffers.set(position, { kind: "leaf", leaf }));
  }

  build(): Plan {
    for (const root of this.parts.kernels) {
      const { shape, dtype } = this.graph.nodes[root];
      if (sizeOf(shape) === 0) this.temporary(root, dtype, 0);
      else if (!this.sharesBuffer(root)) this.addKernel(root);
    }
    return this.plan();
  }

  /** A view that keeps the order of elements needs no kernel: its value is the buffer it looks at. */
  private sharesBuffer(root: number): boolean {
    const node = this.graph.nodes[root];
    if (node.op.wgsl.kind !== "view") return false;
    const [input] = this.graph.inputs[root];
    const buffer = this.buffers.get(input);
    const { shape } = this.graph.nodes[input];
    if (!buffer || sizeOf(shape) !== sizeOf(node.shape)) return false;
    const at = node.shape.map((n, d) => dimension(d, n));
    const read = node.op.wgsl.read(at, node);
    const same = keyOf(linear(read.at, stridesOf(shape))) === keyOf(linear(at, stridesOf(node.shape)));
    if (!same || read.conditions?.length) return false;
    this.buffers.set(root, buffer);
    return true;
  }

  private plan(): Plan {
    const { nodes, roots } = this.graph;
    const wanted = new Set([...roots, ...this.parts.kernels.filter((i) => nodes[i].kept)]);
    const results = [...wanted].map((node) => ({ node, buffer: this.buffers.get(node)! }));
    const held = new Set(results.map((r) => (r.buffer.kind === "temporary" ? r.buffer.temporary : -1)));
    const steps = schedule(this.steps, this.temporaries, held);
    const lastUse = new Map<number, number>();
    steps.forEach((step, s) => {
      lastUse.set(step.output, s);
      for (const input of step.inputs) if (input.kind === "temporary") lastUse.set(input.temporary, s);
    });
    const releases: number[][] = steps.map(() => []);
    for (const [t, s] of lastUse) if (!held.has(t)) releases[s].push(t);
    return {
      steps: steps.map((step, s) => ({ ...step, releases: releases[s] })),
      temporaries: this.temporaries,
      results,
    };
  }

  private addKernel(root: number): void {
    const context: KernelContext = {
      root,
      core: this.parts.core.get(root),
      slots: [],
      dtypes: [],
      scalars: [],
      memo: new Map(),
    };
    const node = this.graph.nodes[root];
    const core = context.core === undefined ? undefined : this.graph.nodes[context.core];
    if (core?.op.wgsl.kind === "reduce") this.addReduction(context, core);
    else if (core?.op.wgsl.kind === "contract") this.addContraction(context, core);
    else {
      const at = node.shape.map((n, d) => dimension(d, n));
      const value = this.lower(context, root, at, true);
      this.push(context, node, (b) => mapKernel(node.shape, value, b, this.limits));
    }
  }

  private addReduction(context: KernelContext, core: Node): void {
    if (core.op.wgsl.kind !== "reduce") return;
    const node = this.graph.nodes[context.root];
    const input = this.graph.inputs[context.core!][0];
    const inputShape = this.graph.nodes[input].shape;
    const axes = core.op.wgsl.axes(core);
    const { combiner } = core.op.wgsl;
    const outShape = reduceShape(inputShape, axes);
    const reducedShape = axes.map((a) => inputShape[a]);
    const reduced = sizeOf(reducedShape);
    const chunks = chunksFor(sizeOf(outShape), reduced);
    if (chunks > 1) {
      const partial = this.addPartialReduction(context, core, chunks);
      this.finishReduction(context, core, { ...partial, axes: [outShape.length] });
      return;
    }
    const at = spliceCoordinates(
      inputShape,
      axes,
      outShape.map((n, d) => dimension(d, n)),
      reducedShape.map((n, d) => dimension(outShape.length + d, n)),
    );
    const value = this.lower(context, input, at, false);
    const epilogue = this.lowerEpilogue(context, outShape);
    const boundScalar = addBound(context, reduced);
    const sizes = [...outShape, ...reducedShape];
    this.push(context, node, (b) =>
      reduceKernel(sizes, outShape.length, { combiner, value, epilogue, boundScalar }, b, this.limits),
    );
  }

  /** First of two passes over a long reduction: each output in `chunks` parts. Returns the buffer of parts. */
  private addPartialReduction(
    context: KernelContext,
    core: Node,
    chunks: number,
  ): { buffer: BufferRef; shape: Shape } {
    if (core.op.wgsl.kind !== "reduce") throw new TypeError("not a reduction");
    const first: KernelContext = { ...context, slots: [], dtypes: [], scalars: [], memo: new Map() };
    const input = this.graph.inputs[context.core!][0];
    const inputShape = this.graph.nodes[input].shape;
    const axes = core.op.wgsl.axes(core);
    const outShape = reduceShape(inputShape, axes);
    const reducedShape = axes.map((a) => inputShape[a]);
    const length = sizeOf(reducedShape) / chunks;
    const chunk = dimension(outShape.length, chunks);
    const within = dimension(outShape.length + 1, length);
    const reducedAt = delinearize(plus(times(chunk, length), within), reducedShape);
    const outAt = outShape.map((n, d) => dimension(d, n));
    const value = this.lower(first, input, spliceCoordinates(inputShape, axes, outAt, reducedAt), false);
    const epilogue: Expr = { kind: "accumulated", dtype: core.dtype };
    const boundScalar = addBound(first, length);
    const shape = [...outShape, chunks];
    const { combiner } = core.op.wgsl;
    const bytes = sizeOf(shape) * 4;
    const output = this.newTemporary(bytes);
    this.pushTo(first, core, output, (b) =>
      reduceKernel(
        [...shape, length],
        shape.length,
        { combiner, value, epilogue, boundScalar },
        b,
        this.limits,
      ),
    );
    return { buffer: { kind: "temporary", temporary: output }, shape };
  }

  private finishReduction(
    context: KernelContext,
    core: Node,
    parts: { buffer: BufferRef; shape: Shape; axes: readonly number[] },
  ): void {
    if (core.op.wgsl.kind !== "reduce") return;
    const { combiner } = core.op.wgsl;
    const slot = slotOf(context, parts.buffer, core.dtype);
    const at = parts.shape.map((n, d) => dimension(d, n));
    const index = linear(at, stridesOf(parts.shape));
    const value: Expr = { kind: "load", slot, index, dtype: core.dtype };
    const outShape = parts.shape.slice(0, -1);
    const epilogue = this.lowerEpilogue(context, outShape);
    const boundScalar = addBound(context, parts.shape[parts.shape.length - 1]);
    this.push(context, this.graph.nodes[context.root], (b) =>
      reduceKernel(parts.shape, outShape.length, { combiner, value, epilogue, boundScalar }, b, this.limits),
    );
  }

  private addContraction(context: KernelContext, core: Node): void {
    const node = this.graph.nodes[context.root];
    const [l, r] = this.graph.inputs[context.core!];
    const [left, right] = [this.graph.nodes[l], this.graph.nodes[r]];
    const batch = left.shape.slice(0, -2);
    const [m, k] = left.shape.slice(-2);
    const n = right.shape[right.shape.length - 1];
    const at = [...batch, m, n, k].map((size, d) => dimension(d, size));
    const batchAt = at.slice(0, batch.length);
    const [mAt, nAt, kAt] = at.slice(batch.length);
    const leftExpr = this.lower(context, l, [...batchAt, mAt, kAt], false);
    const rightExpr = this.lower(context, r, [...batchAt, kAt, nAt], false);
    const epilogue = this.lowerEpilogue(context, core.shape);
    const boundScalar = addBound(context, k);
    const contraction = { batch, m, n, k, left: leftExpr, right: rightExpr, epilogue, boundScalar };
    this.push(context, node, (b) => matmulKernel(contraction, b, this.limits));
  }

  private lowerEpilogue(context: KernelContext, shape: Shape): Expr {
    const at = shape.map((n, d) => dimension(d, n));
    return this.lower(context, context.root, at, true);
  }

  private push(context: KernelContext, node: Node, kernel: (b: Bindings) => Kernel): void {
    const output = this.temporary(context.root, node.dtype, sizeOf(node.shape));
    this.pushTo(context, node, output, kernel);
  }

  private pushTo(context: KernelContext, node: Node, output: number, kernel: (b: Bindings) => Kernel): void {
    const bindings = { inputs: context.dtypes, output: node.dtype, scalarCount: context.scalars.length };
    this.steps.push({
      kernel: kernel(bindings),
      inputs: context.slots,
      output,
      scalars: context.scalars,
      label: node.op.name,
    });
  }

  private temporary(root: number, dtype: DType, size: number): number {
    const bytes = storedBytes(dtype, size);
    const temporary = this.newTemporary(bytes);
    this.buffers.set(root, { kind: "temporary", temporary });
    return temporary;
  }

  private newTemporary(bytes: number): number {
    this.temporaries.push(bytes);
    return this.temporaries.length - 1;
  }

  /** The value of node `i` at coordinates `at`, as an expression of the kernel. */
  private lower(context: KernelContext, i: number, at: readonly Affine[], isRoot: boolean): Expr {
    const key = `${i}@${at.map(keyOf).join("|")}`;
    const known = context.memo.get(key);
    if (known) return known;
    const expr = this.lowerNew(context, i, at, isRoot);
    context.memo.set(key, expr);
    return expr;
  }

  private lowerNew(context: KernelContext, i: number, at: readonly Affine[], isRoot: boolean): Expr {
    const node = this.graph.nodes[i];
    const { dtype } = node;
    if (i === context.core) return { kind: "accumulated", dtype };
    const buffer = isRoot ? undefined : this.buffers.get(i);
    if (buffer) {
      const slot = slotOf(context, buffer, dtype);
      return { kind: "load", slot, index: linear(at, stridesOf(node.shape)), dtype };
    }
    const inputs = this.graph.inputs[i];
    const { wgsl } = node.op;
    switch (wgsl.kind) {
      case "elementwise": {
        const args = inputs.map((j) => this.lower(context, j, at, false));
        return { kind: "call", text: wgsl.text, helper: wgsl.helper, args, dtype };
      }
      case "view": {
        const read = wgsl.read(at, node);
        const inside = this.lower(context, inputs[0], read.at, false);
        if (!read.conditions?.length) return inside;
        return { kind: "guard", conditions: read.conditions, inside, dtype };
      }
      case "gather": {
        const indexAt = wgsl.indexAt(at, node);
        const index = this.lower(context, inputs[1], indexAt, false);
        const id = `value(${inputs[1]}@${indexAt.map(keyOf).join("|")})`;
        return this.lower(
          context,
          inputs[0],
          wgsl.read(at, valueOf(index, wgsl.limit(node), id), node),
          false,
        );
      }
      case "index":
        return { kind: "index", index: linear(at, stridesOf(node.shape)), dtype };
      case "scalar":
        return { kind: "scalar", slot: this.scalarSlot(context, i, dtype), dtype };
      default:
        throw new TypeError(`${node.op.name} cannot be computed inside another kernel`);
    }
  }

  private scalarSlot(context: KernelContext, i: number, dtype: DType): number {
    context.scalars.push({ kind: "graph", scalar: this.graph.scalars.indexOf(i), dtype });
    return context.scalars.length - 1;
  }
}

/** Bytes in a storage buffer; every dtype takes four a value. */
export function storedBytes(dtype: DType, size: number): number {
  return (
    (dtype === "bool" ? 4 : arrayFor(dtype === "float64" ? "float32" : dtype, 0).BYTES_PER_ELEMENT) * size
  );
}

function slotOf(context: KernelContext, buffer: BufferRef, dtype: DType): number {
  const same = context.slots.findIndex((s) =>
    s.kind === "leaf" && buffer.kind === "leaf"
      ? s.leaf === buffer.leaf
      : s.kind === "temporary" && buffer.kind === "temporary" && s.temporary === buffer.temporary,
  );
  if (same >= 0) return same;
  context.slots.push(buffer);
  context.dtypes.push(dtype);
  return context.slots.length - 1;
}

function addBound(context: KernelContext, value: number): number {
  context.scalars.push({ kind: "bound", value });
  return context.scalars.length - 1;
}

/** Parts that a reduction's length is split into, so that few outputs still fill the device. */
function chunksFor(outputs: number, reduced: number): number {
  const invocations = outputs * lanesFor(outputs, reduced);
  if (reduced < 16_384 || invocations >= 16_384) return 1;
  for (let chunks = Math.min(256, Math.floor(reduced / 4096)); chunks > 1; chunks--) {
    if (reduced % chunks === 0 && (reduced / chunks) % 4 === 0) return chunks;
  }
  return 1;
}

/** The input's coordinates from those of the output and of the reduced axes. */
function spliceCoordinates(
  shape: Shape,
  axes: readonly number[],
  out: readonly Affine[],
  reduced: readonly Affine[],
): Affine[] {
  let [o, r] = [0, 0];
  return shape.map((_, d) => (axes.includes(d) ? reduced[r++] : out[o++]));
}
