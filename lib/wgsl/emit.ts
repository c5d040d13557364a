/** Turns expressions into WGSL statements, each shared part once. */
import { groupStride, type Affine, type Sym } from "../loops/affine";
import type { Condition, Expr } from "../loops/expr";
import { valueOf, type Argument, type Site } from "../loops/site";
import type { ScalarFunction } from "../scalar/lanes";
import type { DType } from "../util/dtypes";
import { callOf } from "./lanes";
import { literalText, loadText, registerType, storageType, vectorWidth } from "./text";

/** Statements before a loop: what the loop would compute in each turn from the first `dims` coordinates alone. */
export interface Outside {
  readonly dims: number;
  readonly lines: string[];
  /** Names by text. */
  readonly names: Map<string, string>;
}

export interface Emission {
  /** Text of each kernel dimension's coordinate, a u32; the first lane's along `vectorDim`; a vec4u where lanes are `apart`. */
  readonly coordinates: readonly string[];
  /** The dimension whose four neighbours are computed at once, if any. */
  readonly vectorDim?: number;
  /** Whether four elements are computed at once that each have coordinates of their own. */
  readonly apart?: boolean;
  /** Slots bound as scalars although the kernel computes vec4s. */
  readonly scalarSlots: ReadonlySet<number>;
  readonly outside?: Outside;
  /** The text of what a stage accumulated, in the emission's width. */
  readonly accumulated?: (stage: number, dtype: DType) => string;
}

/** Collects statements; `prefix` keeps the names of several emitters in one function apart. */
export class Emitter implements Site<string> {
  readonly lines: string[] = [];
  readonly helpers = new Set<string>();
  private readonly values = new Map<Expr, string>();
  private readonly symbols = new Map<string, string>();
  private count = 0;

  constructor(
    private readonly emission: Emission,
    private readonly prefix = "v",
  ) {}

  /** Name of the value of `expr`, in the emission's width. */
  emit(expr: Expr): string {
    return valueOf(expr, this, this.values);
  }

  /** Text of an index, as u32 arithmetic that wraps like the affine it stands for. */
  indexText(a: Affine): string {
    const { outside } = this.emission;
    const known = a.terms.filter(({ sym }) => this.isOutside(sym));
    const parts = a.terms.filter(({ sym }) => !this.isOutside(sym)).map((t) => this.term(t));
    if (known.length > 0) {
      const text = known.map((t) => this.term(t)).join(" + ");
      parts.unshift(outside && parts.length > 0 && text.includes(" ") ? name(outside, text) : text);
    }
    if (a.offset !== 0 || parts.length === 0) parts.push(`${a.offset >>> 0}u`);
    return parts.join(" + ");
  }

  private term({ sym, coefficient }: Affine["terms"][number]): string {
    const s = this.symbol(sym);
    return coefficient === 1 ? s : `${s} * ${coefficient >>> 0}u`;
  }

  private isOutside(sym: Sym): boolean {
    const { outside } = this.emission;
    if (outside === undefined) return false;
    return sym.kind === "passed" || (sym.kind === "dim" && sym.dim < outside.dims);
  }

  private get width(): 1 | 4 {
    return this.emission.vectorDim === undefined && !this.emission.apart ? 1 : 4;
  }

  /** `index`, of each lane where lanes are apart. */
  private laneIndex(a: Affine): string {
    return this.emission.apart ? `vec4u(${this.indexText(a)})` : this.indexText(a);
  }

  private define(text: string): string {
    const name = `${this.prefix}${this.count++}`;
    this.lines.push(`let ${name} = ${text};`);
    return name;
  }

  private symbol(sym: Sym): string {
    if (sym.kind === "dim") return this.emission.coordinates[sym.dim];
    if (sym.kind === "passed") return scalarText(sym.slot);
    const known = this.symbols.get(sym.id);
    if (known !== undefined) return known;
    const text = this.symbolText(sym);
    const name = this.define(text);
    this.symbols.set(sym.id, name);
    return name;
  }

  private symbolText(sym: Exclude<Sym, { kind: "dim" | "passed" }>): string {
    switch (sym.kind) {
      case "value":
        return `${this.emission.apart ? "vec4u" : "u32"}(${this.emit(sym.expr)})`;
      case "within":
        return this.indexText(sym.of);
      case "div":
        return `(${this.indexText(sym.of)}) / ${sym.by}u`;
      case "mod":
        return `(${this.indexText(sym.of)}) % ${sym.by}u`;
    }
  }

  load(slot: number, index: Affine, dtype: DType): string {
    return this.define(this.loadOf(slot, index, dtype));
  }

  scalar(slot: number, dtype: DType): string {
    const raw = scalarText(slot);
    const value =
      dtype === "bool" ? `(${raw} != 0u)` : `bitcast<${registerType({ dtype, width: 1 })}>(${raw})`;
    return this.define(this.width === 1 ? value : `${registerType({ dtype, width: 4 })}(${value})`);
  }

  index(index: Affine, dtype: DType): string {
    return this.define(this.indexValue(index, dtype));
  }

  literal(value: number, dtype: DType): string {
    return literalText(value, { dtype, width: this.width });
  }

  call(f: ScalarFunction, args: readonly Argument<string>[]): string {
    const texts = args.map(({ value, dtype }) => ({ text: value, dtype }));
    return this.define(callOf(f, texts, this.width, this.helpers).text);
  }

  guard(conditions: readonly Condition[], inside: () => string, negative: boolean, dtype: DType): string {
    const type = { dtype, width: this.width };
    const value = inside();
    const guarded = (text: string): string =>
      `select(${literalText(0, type)}, ${text}, ${this.conditions(conditions)})`;
    // As a literal Dawn takes −0 for 0.
    return this.define(negative ? `-${guarded(`-(${value})`)}` : guarded(value));
  }

  accumulated(stage: number, dtype: DType): string {
    return this.emission.accumulated!(stage, dtype);
  }

  /** Whether each coordinate lies in [0, size): one truth for all lanes, or one a lane where some coordinate differs. */
  private conditions(list: readonly Condition[]): string {
    const { vectorDim, apart } = this.emission;
    const same: string[] = [];
    const each: string[] = [];
    for (const { coordinate, size } of list) {
      const stride = vectorDim === undefined ? 0 : groupStride(coordinate, vectorDim, vectorWidth)!;
      const first = this.laneIndex(coordinate);
      if (apart) each.push(`(${first} < vec4u(${size}u))`);
      else if (stride === 0) same.push(`(${first}) < ${size}u`);
      else each.push(`((vec4u(${first}) + ${laneSteps(stride)}) < vec4u(${size}u))`);
    }
    const all = same.length > 0 ? same.join(" && ") : "true";
    if (each.length === 0) return all;
    return [...each, ...(same.length > 0 ? [`vec4<bool>(${all})`] : [])].join(" & ");
  }

  private loadOf(slot: number, index: Affine, dtype: DType): string {
    const { vectorDim, apart, scalarSlots } = this.emission;
    const scalar = { dtype, width: 1 } as const;
    const vector = { dtype, width: 4 } as const;
    if (apart) {
      const at = this.define(this.laneIndex(index));
      const lanes = ["x", "y", "z", "w"].map((lane) => `x${slot}[${at}.${lane}]`);
      return loadText(`${storageType(dtype, 4)}(${lanes.join(", ")})`, vector);
    }
    if (vectorDim === undefined) return loadText(`x${slot}[${this.indexText(index)}]`, scalar);
    const stride = groupStride(index, vectorDim, vectorWidth);
    if (!scalarSlots.has(slot) && stride === 1) {
      return loadText(`x${slot}[(${this.indexText(index)}) / 4u]`, vector);
    }
    const base = this.define(this.indexText(index));
    if (stride === 0) return `${registerType(vector)}(${loadText(`x${slot}[${base}]`, scalar)})`;
    const step = `${stride! >>> 0}u`;
    const lanes = [0, 1, 2, 3].map((l) => (l ? `x${slot}[${base} + ${l}u * ${step}]` : `x${slot}[${base}]`));
    return loadText(`${storageType(dtype, 4)}(${lanes.join(", ")})`, vector);
  }

  private indexValue(index: Affine, dtype: DType): string {
    const { vectorDim } = this.emission;
    const scalar = registerType({ dtype, width: 1 });
    if (this.emission.apart) return `${registerType({ dtype, width: 4 })}(${this.laneIndex(index)})`;
    if (vectorDim === undefined) return `${scalar}(${this.indexText(index)})`;
    const stride = groupStride(index, vectorDim, vectorWidth) ?? 0;
    return `${registerType({ dtype, width: 4 })}(vec4u(${this.indexText(index)}) + ${laneSteps(stride)})`;
  }
}

function name({ names, lines }: Outside, text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const fresh = `o${names.size}`;
  names.set(text, fresh);
  lines.push(`let ${fresh} = ${text};`);
  return fresh;
}

function laneSteps(stride: number): string {
  return `vec4u(${[0, 1, 2, 3].map((l) => `${(l * stride) >>> 0}u`).join(", ")})`;
}

/** The bits of a run-time scalar, a u32. */
export function scalarText(slot: number): string {
  return `scalars[${slot >> 2}u][${slot & 3}u]`;
}
