/** Nodes as expressions of the kernel that computes them, and what they make the kernel bind. */
import type { DType } from "../util/dtypes";
import { sizeOf, stridesOf } from "../util/shapes";
import { keyOf, linear, passed, plus, times, valueOf, type Affine } from "../wgsl/affine";
import type { Expr } from "../wgsl/expr";
import type { Canonical, Window } from "./canonical";
import type { Lowering, ViewRead } from "./node";

/** A buffer of a plan: a leaf by its position in `Canonical.leaves`, or a temporary. */
export type BufferRef =
  | { readonly kind: "leaf"; readonly leaf: number }
  | { readonly kind: "temporary"; readonly temporary: number };

/**
 * A run-time scalar of a step: a graph scalar by its position in `Canonical.scalars`, where a window starts along an axis in
 * units of `unit` elements, or a fixed u32.
 */
export type ScalarRef =
  | { readonly kind: "start"; readonly window: number; readonly axis: number; readonly unit: 1 | 4 }
  | { readonly kind: "graph"; readonly scalar: number; readonly dtype: DType }
  | { readonly kind: "bound"; readonly value: number };

/** What a kernel in the making has been found to need. */
export interface KernelContext {
  readonly root: number;
  /** The stage of each reduction or contraction that this kernel computes. */
  readonly stages: ReadonlyMap<number, number>;
  readonly slots: BufferRef[];
  readonly dtypes: DType[];
  readonly scalars: ScalarRef[];
  readonly memo: Map<string, Expr>;
}

export class Expressions {
  constructor(
    private readonly graph: Canonical,
    /** Where the values of nodes lie, of those that have been planned. */
    private readonly buffers: ReadonlyMap<number, BufferRef>,
  ) {}

  /** The value of node `i` at coordinates `at`, as an expression of the kernel. */
  lower(context: KernelContext, i: number, at: readonly Affine[], isRoot: boolean): Expr {
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
    const stage = context.stages.get(i);
    if (stage !== undefined) return { kind: "accumulated", stage, dtype };
    // What has no elements has no buffer; the guard around it is never true.
    if (sizeOf(node.shape) === 0) return { kind: "literal", value: 0, dtype };
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
        return { kind: "call", text: wgsl.text, helpers: wgsl.helpers, args, dtype };
      }
      case "view": {
        const window = this.graph.windows.get(i);
        const read = window ? this.readWindow(context, i, window, at) : wgsl.read(at, node);
        const inside = this.lower(context, inputs[0], read.at, false);
        if (!read.conditions?.length) return inside;
        return {
          kind: "guard",
          conditions: read.conditions,
          inside,
          negative: read.negative ?? false,
          dtype,
        };
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

  /** A view whose starts are passed at run time. */
  private readWindow(
    context: KernelContext,
    i: number,
    { attribute, starts, units }: Window,
    at: readonly Affine[],
  ): ViewRead {
    const node = this.graph.nodes[i];
    const { read } = node.op.wgsl as Extract<Lowering, { kind: "view" }>;
    const atRest = read(at, { ...node, attrs: { ...node.attrs, [attribute]: starts.map(() => 0) } });
    const { shape } = this.graph.nodes[this.graph.inputs[i][0]];
    const moved = atRest.at.map((a, axis) => {
      if (shape[axis] === node.shape[axis]) return a;
      const unit = units[axis];
      context.scalars.push({ kind: "start", window: i, axis, unit });
      return plus(a, times(passed(context.scalars.length - 1, Math.ceil(shape[axis] / unit)), unit));
    });
    return { ...atRest, at: moved };
  }

  private scalarSlot(context: KernelContext, i: number, dtype: DType): number {
    context.scalars.push({ kind: "graph", scalar: this.graph.scalars.indexOf(i), dtype });
    return context.scalars.length - 1;
  }
}

/** Where the kernel binds `buffer`, which it may do already. */
export function slotOf(context: KernelContext, buffer: BufferRef, dtype: DType): number {
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
