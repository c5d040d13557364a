/** Turns expressions into WGSL statements, each shared part once. */
import { groupStride, type Affine, type Sym } from "../loops/affine";
import type { Expr } from "../loops/expr";
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
export class Emitter {
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
    const known = this.values.get(expr);
    if (known !== undefined) return known;
    const text = this.text(expr);
    const name = isTrivial(expr) ? text : this.define(text);
    this.values.set(expr, name);
    return name;
  }

  /** Text of an index, as u32 arithmetic that wraps like the affine it stands for. */
  index(a: Affine): string {
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
    return this.emission.apart ? `vec4u(${this.index(a)})` : this.index(a);
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
        return this.index(sym.of);
      case "div":
        return `(${this.index(sym.of)}) / ${sym.by}u`;
      case "mod":
        return `(${this.index(sym.of)}) % ${sym.by}u`;
    }
  }

  private text(expr: Expr): string {
    const type = { dtype: expr.dtype, width: this.width };
    switch (expr.kind) {
      case "load":
        return this.load(expr.slot, expr.index, expr.dtype);
      case "scalar":
        return this.scalar(expr.slot, expr.dtype);
      case "index":
        return this.indexValue(expr.index, expr.dtype);
      case "literal":
        return literalText(expr.value, type);
      case "call":
        return callOf(
          expr.function,
          expr.args.map((a) => ({ text: this.emit(a), dtype: a.dtype })),
          this.width,
          this.helpers,
        ).text;
      case "guard": {
        const inside = this.emit(expr.inside);
        const guarded = (value: string): string =>
          `select(${literalText(0, type)}, ${value}, ${this.conditions(expr.conditions)})`;
        // As a literal Dawn takes −0 for 0.
        return expr.negative ? `-${guarded(`-(${inside})`)}` : guarded(inside);
      }
      case "accumulated":
        return this.emission.accumulated!(expr.stage, expr.dtype);
    }
  }

  /** Whether each coordinate lies in [0, size): one truth for all lanes, or one a lane where some coordinate differs. */
  private conditions(list: readonly { readonly coordinate: Affine; readonly size: number }[]): string {
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

  private load(slot: number, index: Affine, dtype: Expr["dtype"]): string {
    const { vectorDim, apart, scalarSlots } = this.emission;
    const scalar = { dtype, width: 1 } as const;
    const vector = { dtype, width: 4 } as const;
    if (apart) {
      const at = this.define(this.laneIndex(index));
      const lanes = ["x", "y", "z", "w"].map((lane) => `x${slot}[${at}.${lane}]`);
      return loadText(`${storageType(dtype, 4)}(${lanes.join(", ")})`, vector);
    }
    if (vectorDim === undefined) return loadText(`x${slot}[${this.index(index)}]`, scalar);
    const stride = groupStride(index, vectorDim, vectorWidth);
    if (!scalarSlots.has(slot) && stride === 1) {
      return loadText(`x${slot}[(${this.index(index)}) / 4u]`, vector);
    }
    const base = this.define(this.index(index));
    if (stride === 0) return `${registerType(vector)}(${loadText(`x${slot}[${base}]`, scalar)})`;
    const step = `${stride! >>> 0}u`;
    const lanes = [0, 1, 2, 3].map((l) => (l ? `x${slot}[${base} + ${l}u * ${step}]` : `x${slot}[${base}]`));
    return loadText(`${storageType(dtype, 4)}(${lanes.join(", ")})`, vector);
  }

  private scalar(slot: number, dtype: Expr["dtype"]): string {
    const raw = scalarText(slot);
    const value =
      dtype === "bool" ? `(${raw} != 0u)` : `bitcast<${registerType({ dtype, width: 1 })}>(${raw})`;
    return this.width === 1 ? value : `${registerType({ dtype, width: 4 })}(${value})`;
  }

  private indexValue(index: Affine, dtype: Expr["dtype"]): string {
    const { vectorDim } = this.emission;
    const scalar = registerType({ dtype, width: 1 });
    if (this.emission.apart) return `${registerType({ dtype, width: 4 })}(${this.laneIndex(index)})`;
    if (vectorDim === undefined) return `${scalar}(${this.index(index)})`;
    const stride = groupStride(index, vectorDim, vectorWidth) ?? 0;
    return `${registerType({ dtype, width: 4 })}(vec4u(${this.index(index)}) + ${laneSteps(stride)})`;
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

function isTrivial(expr: Expr): boolean {
  return expr.kind === "literal" || expr.kind === "accumulated";
}
