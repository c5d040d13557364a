/**
 * Kernels that reduce: a tensor's axes are split into those that stay, a *row* for each of their positions, and those
 * that are reduced. A kernel may reduce a row several times, each time with what it found before (softmax needs the
 * largest element and then a sum), and then store one element a row or all of the row's elements.
 */
import type { Bindings } from "../loops/work";
import { merge, type Merged, type Rows, type Stage } from "../loops/rows";
import { scalarSlots } from "../loops/space";
import type { ScalarFunction } from "../scalar/lanes";
import { isFloat, type DType } from "../util/dtypes";
import { Emitter, scalarText, type Emission, type Outside } from "./emit";
import {
  coordinateNames,
  declarations,
  mentioningAll,
  product,
  spread,
  unravel,
  workgroupSize,
  type DeviceLimits,
  type Kernel,
} from "./kernel";
import { chooseLayout, type Layout } from "./layout";
import { anyLiteral, callOf, nativeReductions } from "./lanes";
import { magnitudeBits, registerType, storeText, vectorWidth } from "./text";

/** Each row's stages, then its result. */
export function rowsKernel(rows: Rows, bindings: Bindings, limits: DeviceLimits): Kernel {
  const merged = merge(rows);
  const layout = chooseLayout(merged, limits);
  return new RowsText(rows, merged, layout, bindings, limits).kernel();
}

interface Fold {
  /** What is declared before the loop. */
  readonly begin: readonly string[];
  readonly combine: (a: string, b: string) => string;
  /** What else is noted of a term. */
  readonly watch: (term: string) => readonly string[];
  /** What the loop has found. */
  readonly end: (part: string) => string;
}

class RowsText {
  private readonly scalars: Set<number>;
  private readonly names: string[];
  private readonly helpers = new Set<string>();
  private readonly totals: string[] = [];
  private readonly outside: Outside;
  private readonly teams: number;
  /** Elements that one store writes. */
  private readonly stored: 1 | 4;
  private readonly items: number;

  constructor(
    private readonly rows: Rows,
    private readonly merged: Merged,
    private readonly layout: Layout,
    private readonly bindings: Bindings,
    private readonly limits: DeviceLimits,
  ) {
    const { stages, result, at, kept, reduced } = merged;
    const resultWide = at !== undefined || layout.acrossRows;
    this.scalars = scalarSlots(
      layout.vectorDim,
      [...stages.map((s) => s.value), ...(resultWide ? [result] : [])],
      vectorWidth,
    );
    if (!resultWide) for (const slot of scalarSlots(undefined, [result], vectorWidth)) this.scalars.add(slot);
    this.names = coordinateNames(kept.length + reduced.length);
    this.outside = { dims: kept.length, lines: [], names: new Map() };
    this.teams = workgroupSize / layout.members;
    this.stored = (at !== undefined || layout.acrossRows) && layout.apart === undefined ? layout.width : 1;
    this.items = product(kept) / (layout.acrossRows ? this.stored : 1);
  }

  kernel(): Kernel {
    const { layout, merged, bindings, limits } = this;
    const taken = layout.apart === undefined ? this.teams : 4 * this.teams;
    const grid = spread(Math.ceil(this.items / taken), limits.maxWorkgroups);
    const stages = merged.stages.flatMap((stage, k) => this.stage(stage, k));
    const store = this.store();
    const code = [
      ...(layout.subgroups ? ["enable subgroups;"] : []),
      ...declarations(bindings, layout.width, this.scalars, this.stored),
      ...this.helpers,
      ...this.shared(),
      `@compute @workgroup_size(${workgroupSize})`,
      "fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_index) invocation: u32) {",
      `let first = (w.x + w.y * ${grid[0]}u) * ${taken}u;`,
      ...this.member(),
      ...this.item(),
      ...unravel(merged.kept, "item", layout.acrossRows ? this.stored : 1),
      `let bound = ${scalarText(this.rows.boundScalar)}${layout.acrossRows ? "" : ` / ${layout.width}u`};`,
      ...this.outside.lines,
      ...stages,
      ...store,
      "}",
    ]
      .filter((line) => line !== "")
      .join("\n");
    return { code: mentioningAll(code, bindings), workgroups: [grid[0], grid[1], 1] };
  }

  /** Which row this invocation works on, and which part of it. */
  private member(): string[] {
    const { members } = this.layout;
    if (members === 1) return ["let team = invocation;", "let member = 0u;"];
    if (this.layout.acrossRows) {
      return [`let team = invocation % ${this.teams}u;`, `let member = invocation / ${this.teams}u;`];
    }
    return [`let team = invocation / ${members}u;`, `let member = invocation % ${members}u;`];
  }

  /** All take part to the end, for barriers and subgroup operations need them; who has no row repeats the last. */
  private item(): string[] {
    const { apart } = this.layout;
    const { items } = this;
    if (apart === undefined) {
      return [`let live = first + team < ${items}u;`, `let item = min(first + team, ${items - 1}u);`];
    }
    const distances = [0, 1, 2, 3].map((lane) => `${lane * apart}u`).join(", ");
    return [
      `let rows = first + team / ${apart}u * ${4 * apart}u + team % ${apart}u + vec4u(${distances});`,
      `let live = rows < vec4u(${items}u);`,
      `let item = min(rows, vec4u(${items - 1}u));`,
    ];
  }

  private accumulator(stage: Stage): { type: string; scalar: string } {
    const { dtype } = stage.value;
    return {
      type: registerType({ dtype, width: this.layout.width }),
      scalar: registerType({ dtype, width: 1 }),
    };
  }

  /** Workgroup memory for the members' parts, a variable for each type. */
  private shared(): string[] {
    if (!this.usesShared()) return [];
    const types = new Set(this.merged.stages.map((s) => this.sharedType(s)));
    return [...types].map(
      (type) => `var<workgroup> parts_${nameOf(type)}: array<${type}, ${workgroupSize}>;`,
    );
  }

  private usesShared(): boolean {
    const { members, subgroups } = this.layout;
    return members > 1 && !(subgroups && members === this.limits.subgroupSize);
  }

  private sharedType(stage: Stage): string {
    const { type, scalar } = this.accumulator(stage);
    return this.layout.acrossRows ? type : scalar;
  }

  private emission(wide: boolean): Emission {
    const { layout } = this;
    return {
      coordinates: this.names,
      vectorDim: wide ? layout.vectorDim : undefined,
      apart: wide && layout.apart !== undefined,
      scalarSlots: this.scalars,
      accumulated: (k, dtype) => {
        if (!wide || layout.acrossRows || layout.width === 1) return this.totals[k];
        return `${registerType({ dtype, width: 4 })}(${this.totals[k]})`;
      },
    };
  }

  /** Each member combines every members-th element, in blocks, so that rounding grows with their number, not the length. */
  private stage(stage: Stage, k: number): string[] {
    const { combiner, value } = stage;
    const { type } = this.accumulator(stage);
    const { members, width } = this.layout;
    const combine = this.combining(combiner.combine, value.dtype, width);
    const identity = `${type}(${anyLiteral(combiner.identity(value.dtype), value.dtype, 1, this.helpers)})`;
    const steps = product(this.merged.reduced) / (this.layout.acrossRows ? 1 : width) / members;
    const fold = this.fold(stage);
    const body = this.body(stage, k, fold);
    const loop = (from: string, to: string): string[] => [
      `var part = ${identity};`,
      ...fold.begin,
      `for (var r = ${from}; r < ${to}; r += ${members * body.positions}u) {`,
      ...body.lines,
      "}",
      `sum${k} = ${combine(`sum${k}`, fold.end("part"))};`,
    ];
    this.totals[k] = `total${k}`;
    const lines =
      steps <= 64
        ? ["{", ...loop("member", "bound"), "}"]
        : [
            `for (var start = member; start < bound; start += ${64 * members}u) {`,
            ...loop("start", `min(start + ${64 * members}u, bound)`),
            "}",
          ];
    return [`var sum${k} = ${identity};`, ...lines, ...this.combineMembers(stage, k)];
  }

  /** How a loop combines terms into `part`. */
  private fold({ combiner, value: { dtype } }: Stage): Fold {
    const { width } = this.layout;
    const { unlessNaN } = combiner;
    if (unlessNaN === undefined || !isFloat(dtype)) {
      const combine = this.combining(combiner.combine, dtype, width);
      return { begin: [], combine, watch: () => [], end: (part) => part };
    }
    const bits = registerType({ dtype: "uint32", width });
    const largest = "largest_bits";
    return {
      begin: [`var ${largest} = ${bits}(0u);`],
      combine: this.combining(unlessNaN, dtype, width),
      watch: (term) => [`${largest} = max(${largest}, ${magnitudeBits(term, width)});`],
      end: (part) =>
        `select(${part}, bitcast<${registerType({ dtype: "float32", width })}>(${largest}), ${largest} > ${bits}(0x7f800000u))`,
    };
  }

  /**
   * What a member does at position `r`, or at four of its positions at once: the device waits for one load as long as for
   * four. Long terms and short loops are not repeated, for they would take longer to compile than they save.
   */
  private body(stage: Stage, k: number, fold: Fold): { lines: string[]; positions: 1 | 4 } {
    const { members, width, acrossRows } = this.layout;
    const { type } = this.accumulator(stage);
    const at = (position: string): { lines: string[]; term: string } => {
      const emitter = new Emitter({ ...this.emission(true), outside: this.outside }, `s${k}_`);
      const term = emitter.emit(stage.value);
      for (const h of emitter.helpers) this.helpers.add(h);
      const place = unravel(this.merged.reduced, position, acrossRows ? 1 : width, this.merged.kept.length);
      return { lines: [...place, ...emitter.lines], term };
    };
    const one = at("r");
    const turns = product(this.merged.reduced) / (members * (acrossRows ? 1 : width));
    const repeats = turns % 4 === 0 && turns >= 32;
    if (!repeats || one.lines.length > 4) {
      const lines = [...one.lines, `let term = ${one.term};`, ...fold.watch("term")];
      return { lines: [...lines, `part = ${fold.combine("part", "term")};`], positions: 1 };
    }
    const terms = ["a", "b", "c", "d"].map((name) => `term_${name}`);
    const taken = terms.flatMap((name, i) => {
      const { lines, term } = at(`(r + ${i * members}u)`);
      return [`var ${name}: ${type};`, "{", ...lines, `${name} = ${term};`, "}", ...fold.watch(name)];
    });
    return {
      lines: [
        ...taken,
        `let term_ab = ${fold.combine(terms[0], terms[1])};`,
        `let term_cd = ${fold.combine(terms[2], terms[3])};`,
        `let term_abcd = ${fold.combine("term_ab", "term_cd")};`,
        `part = ${fold.combine("part", "term_abcd")};`,
      ],
      positions: 4,
    };
  }

  /** From each member's `sum` to the `total` that all of them know. */
  private combineMembers(stage: Stage, k: number): string[] {
    const { width, members, acrossRows, subgroups } = this.layout;
    const combine = this.combineParts(stage);
    const [v, own] = [`sum${k}`, `own${k}`];
    const flat =
      width === 1 || acrossRows ? v : combine(combine(`${v}.x`, `${v}.y`), combine(`${v}.z`, `${v}.w`));
    const lines = [`let ${own} = ${flat};`];
    if (members === 1) return [...lines, `let total${k} = ${own};`];
    let value = own;
    let parts = members;
    if (subgroups) {
      const size = this.limits.subgroupSize!;
      lines.push(...this.combineSubgroup(stage, own, `joined${k}`, size));
      value = `joined${k}`;
      parts = members / size;
      if (parts === 1) return [...lines, `let total${k} = ${value};`];
    }
    return [...lines, ...this.combineShared(stage, k, value, parts)];
  }

  /** Combines what the members of a row, or of four, have found. */
  private combineParts({ combiner, value }: Stage): (a: string, b: string) => string {
    const width = this.layout.acrossRows ? this.layout.width : 1;
    return this.combining(combiner.combine, value.dtype, width);
  }

  private combining(f: ScalarFunction, dtype: DType, width: 1 | 4): (a: string, b: string) => string {
    return (a, b) =>
      callOf(
        f,
        [
          { text: a, dtype },
          { text: b, dtype },
        ],
        width,
        this.helpers,
      ).text;
  }

  /** `to` is `from` combined over the subgroup, by the built-in function or by exchanging halves. */
  private combineSubgroup(
    { combiner, value: term }: Stage,
    from: string,
    to: string,
    size: number,
  ): string[] {
    const native = nativeReductions[combiner.name];
    if (native !== undefined) return [`let ${to} = ${native}(${from});`];
    const combine = this.combining(combiner.combine, term.dtype, 1);
    const lines: string[] = [];
    let value = from;
    for (let distance = 1; distance < size; distance *= 2) {
      const next = distance * 2 >= size ? to : `${to}_${distance}`;
      lines.push(`let ${next} = ${combine(value, `subgroupShuffleXor(${value}, ${distance}u)`)};`);
      value = next;
    }
    return lines;
  }

  private combineShared(stage: Stage, k: number, value: string, parts: number): string[] {
    const combine = this.combineParts(stage);
    const shared = `parts_${nameOf(this.sharedType(stage))}`;
    const { members, acrossRows, subgroups } = this.layout;
    const step = subgroups ? this.limits.subgroupSize! : acrossRows ? this.teams : 1;
    const start = acrossRows ? "team" : `team * ${members}u`;
    return [
      `${shared}[invocation] = ${value};`,
      "workgroupBarrier();",
      `var all${k} = ${shared}[${start}];`,
      // Bounded by a run-time value, so that it is not unrolled.
      `for (var p = 1u; p < min(${parts}u, bound); p++) { all${k} = ${combine(`all${k}`, `${shared}[${start} + p * ${step}u]`)}; }`,
      `let total${k} = all${k};`,
      ...(k < this.merged.stages.length - 1 ? ["workgroupBarrier();"] : []),
    ];
  }

  private store(): string[] {
    const { merged, layout, bindings } = this;
    const wide = merged.at !== undefined || layout.acrossRows;
    const emitter = new Emitter(this.emission(wide), "e");
    const result = emitter.emit(merged.result);
    for (const h of emitter.helpers) this.helpers.add(h);
    const width = wide ? layout.width : 1;
    const value = storeText(result, { dtype: bindings.output, width });
    if (layout.apart !== undefined) {
      const stores = ["x", "y", "z", "w"].map(
        (lane) => `if (live.${lane}) { y[item.${lane}] = value.${lane}; }`,
      );
      return ["if (member == 0u) {", ...emitter.lines, `let value = ${value};`, ...stores, "}"];
    }
    if (merged.at?.kind !== "index") {
      return ["if (live && member == 0u) {", ...emitter.lines, `y[item] = ${value};`, "}"];
    }
    const index = emitter.indexText(merged.at.index);
    return [
      "if (!live) { return; }",
      `for (var r = member; r < bound; r += ${layout.members}u) {`,
      ...unravel(merged.reduced, "r", layout.acrossRows ? 1 : width, merged.kept.length),
      ...emitter.lines,
      `y[${width === 4 ? `(${index}) / 4u` : index}] = ${value};`,
      "}",
    ];
  }
}

function nameOf(type: string): string {
  return type.replace(/[<>]/g, "");
}
