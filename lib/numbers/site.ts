/** Expressions over plain numbers, one lane at a time. */
import { groupStride, type Affine, type Sym } from "../loops/affine";
import type { Condition, Expr } from "../loops/expr";
import { valueOf, type Argument, type Site } from "../loops/site";
import type { ScalarFunction } from "../scalar/lanes";
import { wrapped } from "../util/conversion";
import { isFloat, type DType, type TypedArray } from "../util/dtypes";

/** What a kernel reads. */
export interface KernelInputs {
  readonly inputs: readonly TypedArray[];
  /** Of the run-time scalars, eight bytes each. */
  readonly words: Uint32Array;
  readonly floats: Float64Array;
}

/** Which elements are computed side by side, as machines with vectors do it: lanes follow from the first by strides. */
export interface Grouping {
  readonly lanes: number;
  readonly dim: number;
  /** Inputs that are read one by one, for not all that is read of them lies together. */
  readonly scalarSlots: ReadonlySet<number>;
}

/** Computes expressions at one place of a kernel. */
export class NumberSite implements Site<number> {
  private readonly values = new Map<Expr, number>();
  private readonly symbols = new Map<string, number>();

  constructor(
    private readonly reads: KernelInputs,
    /** Of the first of the elements that are computed side by side. */
    private readonly coordinates: readonly number[],
    private readonly totals: readonly number[],
    private readonly grouping: Grouping | undefined,
    private readonly lane: number,
  ) {}

  valueOf(expr: Expr): number {
    return valueOf(expr, this, this.values);
  }

  load(slot: number, index: Affine, dtype: DType): number {
    const at = this.isTogether(slot, index) ? this.first(index) + this.lane : this.at(index);
    const values = this.reads.inputs[slot];
    if (at >= values.length) {
      if (isGathered(index)) return isFloat(dtype) ? NaN : unlikely;
      throw new RangeError(`a kernel reads element ${at} of input ${slot}, which has ${values.length}`);
    }
    return values[at];
  }

  scalar(slot: number, dtype: DType): number {
    return isFloat(dtype) ? this.reads.floats[slot] : wrapped(this.reads.words[2 * slot], dtype);
  }

  index(index: Affine, dtype: DType): number {
    return wrapped(this.at(index), dtype);
  }

  literal(value: number): number {
    return value;
  }

  call(
    { exact, exactWhole = exact }: ScalarFunction,
    args: readonly Argument<number>[],
    dtype: DType,
  ): number {
    const f = args.some((a) => isFloat(a.dtype)) ? exact : exactWhole;
    return wrapped(f(...args.map((a) => a.value)), dtype);
  }

  guard(conditions: readonly Condition[], inside: () => number, negative: boolean): number {
    const holds = conditions.every(({ coordinate, size }) => this.at(coordinate) < size);
    return holds ? inside() : negative ? -0 : 0;
  }

  accumulated(stage: number): number {
    return this.totals[stage];
  }

  /** The value of an index, a u32 that wraps as sums and products of such do. */
  at(a: Affine): number {
    const { grouping } = this;
    const step = grouping === undefined ? 0 : groupStride(a, grouping.dim, grouping.lanes)!;
    return (this.first(a) + this.lane * step) >>> 0;
  }

  /** Whether a load takes neighbours that lie side by side from a multiple of their number on. */
  private isTogether(slot: number, index: Affine): boolean {
    const { grouping } = this;
    if (grouping === undefined || grouping.scalarSlots.has(slot)) return false;
    if (groupStride(index, grouping.dim, grouping.lanes) !== 1) return false;
    return this.first(index) % grouping.lanes === 0 || misaligned(slot);
  }

  /** `a` at the first of the elements that are computed side by side. */
  private first(a: Affine): number {
    return (
      a.terms.reduce((sum, { sym, coefficient }) => sum + coefficient * this.symbol(sym), a.offset) >>> 0
    );
  }

  private symbol(sym: Sym): number {
    if (sym.kind === "dim") return this.coordinates[sym.dim];
    if (sym.kind === "passed") return this.reads.words[2 * sym.slot];
    const known = this.symbols.get(sym.id);
    if (known !== undefined) return known;
    const value = this.newSymbol(sym);
    this.symbols.set(sym.id, value);
    return value;
  }

  private newSymbol(sym: Exclude<Sym, { kind: "dim" | "passed" }>): number {
    if (sym.kind === "value") return this.valueOf(sym.expr) >>> 0;
    const of = this.first(sym.of);
    if (sym.kind === "within") return of;
    return sym.kind === "div" ? Math.floor(of / sym.by) : of % sym.by;
  }
}

/** Stands for what lies beyond a tensor where that is an integer. */
const unlikely = 123_456_789;

/** Whether an index was computed from values: those may lie outside where what is read is not used. */
function isGathered({ terms }: Affine): boolean {
  return terms.some(({ sym }) => sym.kind === "value" || ("of" in sym && isGathered(sym.of)));
}

function misaligned(slot: number): never {
  throw new RangeError(
    `a kernel reads neighbours of input ${slot} together that do not begin where such may`,
  );
}
