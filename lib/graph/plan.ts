/** From a numbered graph to a plan: the kernels to run, over which buffers, in which order. */
import type { DType } from "../util/dtypes";
import { reduceShape, sameShape, sizeOf, stridesOf, type Shape } from "../util/shapes";
import { delinearize, dimension, keyOf, linear, plus, times, type Affine } from "../loops/affine";
import type { Expr } from "../loops/expr";
import type { Rows } from "../loops/rows";
import type { Bindings, Work } from "../loops/work";
import type { Combiner } from "../scalar/combiner";
import type { Canonical } from "./canonical";
import {
  Expressions,
  kernelContext,
  slotOf,
  type BufferRef,
  type KernelContext,
  type ScalarRef,
} from "./expressions";
import type { Node } from "./node";
import { partition, type KernelPlan, type RowSpace } from "./partition";
import { schedule } from "./schedule";
import { bytesOf, type Traits } from "./target";
import { cutsFor, opsOf } from "./width";

export interface Step {
  readonly work: Work;
  readonly bindings: Bindings;
  readonly inputs: readonly BufferRef[];
  readonly output: number;
  readonly scalars: readonly ScalarRef[];
  /** The op whose node this step computes, for error messages. */
  readonly label: string;
  readonly shape: Shape;
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

/** Partitions after which kernels that still read too much are given up: each op then makes a kernel of its own. */
const maxCuts = 8;

export function makePlan(graph: Canonical, traits: Traits): Plan {
  const forced = new Set<number>();
  for (let tried = 0; ; tried++) {
    const kernels = partition(graph, forced);
    const roots = kernels.map((k) => k.root);
    const cuts = cutsFor(graph, roots, traits.maxInputs);
    if (cuts.length === 0) return new PlanBuilder(graph, kernels, traits).build();
    for (const cut of tried < maxCuts ? cuts : opsOf(graph)) forced.add(cut);
  }
}

class PlanBuilder {
  private readonly steps: Omit<Step, "releases">[] = [];
  private readonly temporaries: number[] = [];
  private readonly buffers = new Map<number, BufferRef>();
  private readonly expressions: Expressions;

  constructor(
    private readonly graph: Canonical,
    private readonly kernels: readonly KernelPlan[],
    private readonly traits: Traits,
  ) {
    this.expressions = new Expressions(graph, this.buffers);
    graph.leaves.forEach((position, leaf) => this.buffers.set(position, { kind: "leaf", leaf }));
  }

  build(): Plan {
    for (const kernel of this.kernels) {
      const { shape, dtype } = this.graph.nodes[kernel.root];
      if (sizeOf(shape) === 0) this.temporary(kernel.root, dtype, 0);
      else if (!this.sharesBuffer(kernel.root)) this.addKernel(kernel);
    }
    return this.plan();
  }

  /** A view that keeps the order of elements needs no kernel: its value is the buffer it looks at. */
  private sharesBuffer(root: number): boolean {
    const node = this.graph.nodes[root];
    if (node.op.lowering.kind !== "view") return false;
    const [input] = this.graph.inputs[root];
    const buffer = this.buffers.get(input);
    const { shape } = this.graph.nodes[input];
    if (!buffer || sizeOf(shape) !== sizeOf(node.shape)) return false;
    const at = node.shape.map((n, d) => dimension(d, n));
    const read = node.op.lowering.read(at, node);
    const same = keyOf(linear(read.at, stridesOf(shape))) === keyOf(linear(at, stridesOf(node.shape)));
    if (!same || read.conditions?.length) return false;
    this.buffers.set(root, buffer);
    return true;
  }

  private plan(): Plan {
    const { nodes, roots } = this.graph;
    const wanted = new Set([...roots, ...this.kernels.map((k) => k.root).filter((i) => nodes[i].kept)]);
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

  private addKernel({ root, cores, rows }: KernelPlan): void {
    const context = kernelContext(root, new Map(cores.map((core, stage) => [core, stage])));
    const node = this.graph.nodes[root];
    if (rows) this.addRows(context, cores, rows);
    else if (cores.length > 0) this.addContraction(context, cores[0]);
    else {
      const at = node.shape.map((n, d) => dimension(d, n));
      const value = this.expressions.lower(context, root, at, true);
      this.push(context, node, { kind: "map", sizes: node.shape, value });
    }
  }

  private addRows(context: KernelContext, cores: readonly number[], rows: RowSpace): void {
    const kept = reduceShape(rows.shape, rows.axes);
    const reduced = rows.axes.map((a) => rows.shape[a]);
    const chunks =
      cores.length > 1 || rows.perElement ? 1 : this.traits.chunks(sizeOf(kept), sizeOf(reduced));
    if (chunks > 1 && this.fitsParts(context, kept)) {
      this.addRowsInParts(context, cores[0], rows, chunks);
      return;
    }
    const keptAt = kept.map((n, d) => dimension(d, n));
    const at = spliceCoordinates(
      rows.shape,
      rows.axes,
      keptAt,
      reduced.map((n, d) => dimension(kept.length + d, n)),
    );
    const stages = cores.map((core) => ({
      combiner: combinerOf(this.graph.nodes[core]),
      value: this.expressions.lower(context, this.graph.inputs[core][0], at, false),
    }));
    const node = this.graph.nodes[context.root];
    const result = rows.perElement
      ? this.expressions.lower(context, context.root, at, true)
      : this.lowerRoot(context, keptAt, kept);
    const elementAt = rows.perElement ? linear(at, stridesOf(rows.shape)) : undefined;
    const boundScalar = addBound(context, sizeOf(reduced));
    const sizes = [...kept, ...reduced];
    const whole: Rows = { sizes, keptDims: kept.length, stages, result, elementAt, boundScalar };
    this.push(context, node, { kind: "rows", rows: whole });
  }

  /** Whether the kernel that combines the parts of rows can read these beside all that its result needs. */
  private fitsParts({ root, stages }: KernelContext, kept: Shape): boolean {
    const trial = kernelContext(root, stages);
    const keptAt = kept.map((n, d) => dimension(d, n));
    this.lowerRoot(trial, keptAt, kept);
    return trial.slots.length < this.traits.maxInputs;
  }

  /** Few, long rows: first each in `chunks` parts, then the parts. */
  private addRowsInParts(context: KernelContext, core: number, rows: RowSpace, chunks: number): void {
    const coreNode = this.graph.nodes[core];
    const combiner = combinerOf(coreNode);
    const kept = reduceShape(rows.shape, rows.axes);
    const reduced = rows.axes.map((a) => rows.shape[a]);
    const length = sizeOf(reduced) / chunks;
    const parts = [...kept, chunks];
    const keptAt = kept.map((n, d) => dimension(d, n));
    const chunk = dimension(kept.length, chunks);
    const within = dimension(parts.length, length);
    const reducedAt = delinearize(plus(times(chunk, length), within), reduced);
    const first = kernelContext(context.root, context.stages);
    const at = spliceCoordinates(rows.shape, rows.axes, keptAt, reducedAt);
    const value = this.expressions.lower(first, this.graph.inputs[core][0], at, false);
    const accumulated: Expr = { kind: "accumulated", stage: 0, dtype: coreNode.dtype };
    const bound = addBound(first, length);
    // Parts are kept in the width that they are computed in.
    const dtype = coreNode.dtype === "float16" ? "float32" : coreNode.dtype;
    const output = this.newTemporary(bytesOf(this.traits, dtype, sizeOf(parts)));
    const inParts: Rows = {
      sizes: [...parts, length],
      keptDims: parts.length,
      stages: [{ combiner, value }],
      result: accumulated,
      boundScalar: bound,
    };
    this.pushTo(first, { ...coreNode, dtype }, output, { kind: "rows", rows: inParts });
    const slot = slotOf(context, { kind: "temporary", temporary: output }, dtype);
    const partsAt = parts.map((n, d) => dimension(d, n));
    const part: Expr = {
      kind: "load",
      slot,
      index: linear(partsAt, stridesOf(parts)),
      dtype,
    };
    const result = this.lowerRoot(context, keptAt, kept);
    const boundScalar = addBound(context, chunks);
    const stages = [{ combiner, value: part }];
    const ofParts: Rows = { sizes: parts, keptDims: kept.length, stages, result, boundScalar };
    this.push(context, this.graph.nodes[context.root], { kind: "rows", rows: ofParts });
  }

  private addContraction(context: KernelContext, core: number): void {
    const node = this.graph.nodes[context.root];
    const [l, r] = this.graph.inputs[core];
    const [left, right] = [this.graph.nodes[l], this.graph.nodes[r]];
    const batch = left.shape.slice(0, -2);
    const [m, k] = left.shape.slice(-2);
    const n = right.shape[right.shape.length - 1];
    const at = [...batch, m, n, k].map((size, d) => dimension(d, size));
    const batchAt = at.slice(0, batch.length);
    const [mAt, nAt, kAt] = at.slice(batch.length);
    const leftExpr = this.expressions.lower(context, l, [...batchAt, mAt, kAt], false);
    const rightExpr = this.expressions.lower(context, r, [...batchAt, kAt, nAt], false);
    const epilogue = this.lowerRoot(context, [...batchAt, mAt, nAt], this.graph.nodes[core].shape);
    const boundScalar = addBound(context, k);
    const contraction = { batch, m, n, k, left: leftExpr, right: rightExpr, epilogue, boundScalar };
    this.push(context, node, { kind: "contract", contraction });
  }

  /** The root's value where a core of shape `shape`, whose elements it reads in order, has the coordinates `at`. */
  private lowerRoot(context: KernelContext, at: readonly Affine[], shape: Shape): Expr {
    const root = this.graph.nodes[context.root];
    const rootAt = sameShape(root.shape, shape) ? at : delinearize(linear(at, stridesOf(shape)), root.shape);
    return this.expressions.lower(context, context.root, rootAt, true);
  }

  private push(context: KernelContext, node: Node, work: Work): void {
    const output = this.temporary(context.root, node.dtype, sizeOf(node.shape));
    this.pushTo(context, node, output, work);
  }

  private pushTo(context: KernelContext, node: Node, output: number, work: Work): void {
    const bindings = { inputs: context.dtypes, output: node.dtype, scalarCount: context.scalars.length };
    this.steps.push({
      work,
      bindings,
      inputs: context.slots,
      output,
      scalars: context.scalars,
      label: node.op.name,
      shape: node.shape,
    });
  }

  private temporary(root: number, dtype: DType, size: number): number {
    const bytes = bytesOf(this.traits, dtype, size);
    const temporary = this.newTemporary(bytes);
    this.buffers.set(root, { kind: "temporary", temporary });
    return temporary;
  }

  private newTemporary(bytes: number): number {
    this.temporaries.push(bytes);
    return this.temporaries.length - 1;
  }
}

function addBound(context: KernelContext, value: number): number {
  context.scalars.push({ kind: "bound", value });
  return context.scalars.length - 1;
}

function combinerOf(node: Node): Combiner {
  if (node.op.lowering.kind !== "reduce") throw new TypeError(`${node.op.name} is no reduction`);
  return node.op.lowering.combiner;
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
