/** Nodes as expressions of the kernel that computes them, and what they make the kernel bind. */
import type { DType } from "../util/dtypes";
import { sizeOf, stridesOf } from "../util/shapes";
import { keyOf, linear, passed, computed, type Affine } from "../loops/affine";
import type { Expr } from "../loops/expr";
import type { Canonical } from "./canonical";
import { readOfView } from "./places";
import type { LaneCount } from "./target";

/** A buffer of a plan: a leaf by its position in `Canonical.leaves`, or a temporary. */
export type BufferRef =
  | { readonly kind: "leaf"; readonly leaf: number }
  | { readonly kind: "temporary"; readonly temporary: number };

/**
 * A run-time scalar of a step: a graph scalar by its position in `Canonical.scalars`, where a window starts along an axis in
 * units of `unit` elements, or a fixed u32.
 */
export type ScalarRef =
  | { readonly kind: "start"; readonly window: number; readonly axis: number; readonly unit: LaneCount }
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
  /** Slots of what is passed, by name. */
  readonly passed: Map<string, number>;
  readonly memo: Map<string, Expr>;
  /** A number for each expression that is used as an index. */
  readonly indices: Map<Expr, number>;
}

export class Expressions {
  /** The number of each run-time scalar by its position. */
  private readonly scalars: ReadonlyMap<number, number>;

  constructor(
    private readonly graph: Canonical,
    /** Where the values of nodes lie, of those that have been planned. */
    private readonly buffers: ReadonlyMap<number, BufferRef>,
  ) {
    this.scalars = new Map(graph.scalars.map((position, scalar) => [position, scalar]));
  }

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
    const { lowering } = node.op;
    switch (lowering.kind) {
      case "elementwise": {
        const args = inputs.map((j) => this.lower(context, j, at, false));
        return { kind: "call", function: lowering.function(node), args, dtype };
      }
      case "view": {
        const read = readOfView(this.graph, i, at, (axis, unit, size) =>
          passed(this.startSlot(context, i, axis, unit), size),
        );
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
        const index = this.lower(context, inputs[1], lowering.indexAt(at, node), false);
        // Names that hold the indices' own coordinates would double with each.
        const name = numberOf(context.indices, index);
        const read = lowering.read(at, computed(index, lowering.limit(node), `value${name}`), node);
        return this.lower(context, inputs[0], read, false);
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
    const scalar = this.scalars.get(i)!;
    return passedSlot(context, `scalar ${scalar}`, { kind: "graph", scalar, dtype });
  }

  private startSlot(context: KernelContext, window: number, axis: number, unit: LaneCount): number {
    return passedSlot(context, `start ${window} ${axis}`, { kind: "start", window, axis, unit });
  }
}

/** Where the kernel is passed `ref`, which it may be already under its name. */
function passedSlot(context: KernelContext, name: string, ref: ScalarRef): number {
  let slot = context.passed.get(name);
  if (slot === undefined) {
    slot = context.scalars.push(ref) - 1;
    context.passed.set(name, slot);
  }
  return slot;
}

function numberOf<T>(numbers: Map<T, number>, thing: T): number {
  const number = numbers.get(thing) ?? numbers.size;
  numbers.set(thing, number);
  return number;
}

/** An empty context for a kernel with these stages. */
export function kernelContext(root: number, stages: KernelContext["stages"]): KernelContext {
  return {
    root,
    stages,
    slots: [],
    dtypes: [],
    scalars: [],
    passed: new Map(),
    memo: new Map(),
    indices: new Map(),
  };
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
