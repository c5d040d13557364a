/**
 * Matrix products. The lanes of a subgroup lie along the columns, four neighbouring ones each; the left operand's tile is
 * loaded once across the lanes and handed round by broadcasts, so that each value loaded serves many products.
 */
import { constant, dimension, linear } from "../loops/affine";
import type { Contraction } from "../loops/contraction";
import type { Expr } from "../loops/expr";
import { scalarSlots, vectorizes } from "../loops/space";
import type { Bindings } from "../loops/work";
import { Emitter, scalarText } from "./emit";
import {
  coordinateNames,
  declarations,
  mentioningAll,
  product,
  unravel,
  type DeviceLimits,
  type Kernel,
} from "./kernel";
import { storeText, vectorWidth } from "./text";

/**
 * Rows of a subgroup's tile. Taller tiles load less for each product, but take longer to compile (on software Vulkan
 * .25, .5 and 1.1 s), which only large products earn back.
 */
function tileRowsFor({ batch, m, n, k }: Contraction): number {
  const products = product(batch) * m * n * k;
  if (products >= 2 ** 26) return 16;
  return products >= 2 ** 21 ? 8 : 4;
}

/** Values of the left operand's tile that are loaded at once: four steps of k. */
const depth = 4;
const lettersOf = ["x", "y", "z", "w"] as const;

/** Along which dimension an operand is loaded four at a time; "s" where it cannot be. */
type Mode = "m" | "n" | "k" | "s";

/** y[b, m, n] = epilogue(Σₖ left(b, m, k) · right(b, k, n)). */
export function contractionKernel(c: Contraction, bindings: Bindings, limits: DeviceLimits): Kernel {
  return new ContractionText(c, bindings, limits).kernel();
}

class ContractionText {
  private readonly dims: { readonly m: number; readonly n: number; readonly k: number };
  private readonly leftMode: Mode;
  private readonly rightMode: Mode;
  private readonly wideStore: boolean;
  private readonly tileRows: number;
  private readonly scalars: Set<number>;
  private readonly helpers = new Set<string>();
  /** Lanes that share a tile, vec4 columns of each, and tiles of a workgroup. */
  private readonly lanes: number;
  private readonly columns: number;
  private readonly tiles: number;
  private readonly hasSubgroups: boolean;

  constructor(
    private readonly c: Contraction,
    private readonly bindings: Bindings,
    private readonly limits: DeviceLimits,
  ) {
    const batch = c.batch.length;
    this.tileRows = tileRowsFor(c);
    this.dims = { m: batch, n: batch + 1, k: batch + 2 };
    this.hasSubgroups = limits.subgroupSize !== undefined && limits.subgroupSize <= 64;
    this.lanes = this.hasSubgroups ? limits.subgroupSize! : 8;
    this.columns = this.lanes <= 4 && c.n >= 32 ? 2 : 1;
    this.tiles = this.lanes <= 8 ? 1 : 4;
    this.leftMode = this.modeOf(c.left, ["k", "m"]);
    this.rightMode = this.modeOf(c.right, ["n", "k"]);
    this.wideStore = c.n % 4 === 0 && vectorizes(this.dims.n, c.n, [c.epilogue], vectorWidth);
    this.scalars = this.scalarBindings();
  }

  /** The first of `modes` whose loads are vec4s; else the first in which four indices at least are one apart from another. */
  private modeOf(expr: Expr, modes: readonly ("m" | "n" | "k")[]): Mode {
    const possible = modes.filter((mode) => vectorizes(this.dims[mode], this.c[mode], [expr], vectorWidth));
    const isWhole = (mode: "m" | "n" | "k"): boolean =>
      scalarSlots(this.dims[mode], [expr], vectorWidth).size === 0;
    return possible.find(isWhole) ?? possible.at(0) ?? "s";
  }

  /** A slot that any use reads one by one is bound so; its other uses then put four together. */
  private scalarBindings(): Set<number> {
    const of = (mode: Mode, e: Expr): Set<number> =>
      scalarSlots(mode === "s" ? undefined : this.dims[mode], [e], vectorWidth);
    const { left, right, epilogue } = this.c;
    return new Set([
      ...of(this.leftMode, left),
      ...of(this.rightMode, right),
      ...of(this.wideStore ? "n" : "s", epilogue),
    ]);
  }

  kernel(): Kernel {
    const { c, lanes, columns, tiles, bindings } = this;
    const perTile = lanes * 4 * columns;
    const groups = [
      Math.ceil(c.n / perTile),
      Math.ceil(c.m / (this.tileRows * tiles)),
      product(c.batch),
    ] as const;
    if (groups.some((n) => n > this.limits.maxWorkgroups)) {
      throw new RangeError(
        `a product of ${groups.join(" × ")} workgroups exceeds ${this.limits.maxWorkgroups} an axis`,
      );
    }
    const loop = this.loop();
    const store = this.store();
    const width = this.wideStore ? 4 : 1;
    const code = [
      ...(this.hasSubgroups ? ["enable subgroups;"] : []),
      ...declarations(bindings, 4, this.scalars, width),
      ...this.helpers,
      ...(this.hasSubgroups ? [] : [`var<workgroup> tile: array<vec4f, ${this.tileRows}>;`]),
      `@compute @workgroup_size(${lanes}, ${tiles})`,
      "fn main(@builtin(workgroup_id) w: vec3u, @builtin(local_invocation_id) l: vec3u) {",
      "let lane = l.x;",
      `let row = (w.y * ${tiles}u + l.y) * ${this.tileRows}u;`,
      `let column = w.x * ${perTile}u + lane * 4u;`,
      ...unravel(c.batch, "w.z", 1),
      ...this.accumulators().map((a) => `var ${a} = vec4f();`),
      `let bound = ${scalarText(c.boundScalar)};`,
      `for (var k = 0u; k < bound; k += ${depth}u) {`,
      ...loop,
      "}",
      ...store,
      "}",
    ].join("\n");
    return { code: mentioningAll(code, bindings), workgroups: groups };
  }

  private accumulators(): string[] {
    return Array.from({ length: this.tileRows * this.columns }, (_, i) => `a${i}`);
  }

  /** Emits `expr` where the dimensions have these coordinates, `mode` saying which one is four wide. */
  private emit(
    expr: Expr,
    prefix: string,
    mode: Mode,
    at: Partial<Record<"m" | "n" | "k", string>>,
  ): { lines: string[]; text: string } {
    const { dims } = this;
    const coordinates = coordinateNames(dims.k + 1);
    for (const name of ["m", "n", "k"] as const) coordinates[dims[name]] = at[name] ?? "0u";
    const vectorDim = mode === "s" ? undefined : dims[mode];
    const emitter = new Emitter({ coordinates, vectorDim, scalarSlots: this.scalars }, prefix);
    const text = emitter.emit(expr);
    for (const h of emitter.helpers) this.helpers.add(h);
    return { lines: emitter.lines, text };
  }

  private get ragged(): boolean {
    return this.c.k % depth !== 0;
  }

  /** Four steps of k. */
  private loop(): string[] {
    const lines = this.leftTile();
    for (let step = 0; step < depth; step++) {
      for (let j = 0; j < this.columns; j++) {
        const right = this.rightAt(step, j);
        lines.push(...right.lines);
        for (let i = 0; i < this.tileRows; i++) {
          const a = `a${i * this.columns + j}`;
          lines.push(`${a} = fma(vec4f(${this.leftAt(i, step)}), ${right.text}, ${a});`);
        }
      }
    }
    return lines;
  }

  /** Loads the left operand's tile: vec4 number q·lanes + lane is held by each lane as `l{q}`. */
  private leftTile(): string[] {
    const { c, lanes } = this;
    const lines: string[] = [];
    for (let q = 0; q < Math.ceil(this.tileRows / lanes); q++) {
      const number = `t${q}`;
      lines.push(
        `let ${number} = ${q === 0 ? "lane" : `lane + ${q * lanes}u`}${lanes > this.tileRows ? ` % ${this.tileRows}u` : ""};`,
      );
      if (this.leftMode === "m") {
        const quads = this.tileRows / 4;
        lines.push(
          `let m${q} = min(row + ${number} % ${quads}u * 4u, ${c.m - 4}u);`,
          `let k${q} = ${this.ragged ? `min(k + ${number} / ${quads}u, ${c.k - 1}u)` : `k + ${number} / ${quads}u`};`,
        );
        const { lines: more, text } = this.emit(c.left, `l${q}_`, "m", { m: `m${q}`, k: `k${q}` });
        const zero = this.ragged ? `select(vec4f(), ${text}, k + ${number} / ${quads}u < bound)` : text;
        lines.push(...more, `let l${q} = ${zero};`);
        continue;
      }
      lines.push(
        `let m${q} = min(row + ${number}, ${c.m - 1}u);`,
        ...this.fourOfK(c.left, this.leftMode, `l${q}`, { m: `m${q}` }),
      );
    }
    if (this.hasSubgroups) return lines;
    const copies = Array.from({ length: Math.ceil(this.tileRows / lanes) }, (_, q) => `tile[t${q}] = l${q};`);
    return [...lines, "workgroupBarrier();", ...copies, "workgroupBarrier();"];
  }

  /** `name` = the operand at k … k + 3, zero beyond the end. */
  private fourOfK(expr: Expr, mode: Mode, name: string, at: Partial<Record<"m" | "n", string>>): string[] {
    if (mode === "k") {
      const { lines, text } = this.emit(expr, `${name}_`, "k", { ...at, k: "k" });
      return [...lines, `let ${name} = ${text};`];
    }
    const parts = lettersOf.map((letter, step) => {
      const k = this.ragged ? `min(k + ${step}u, ${this.c.k - 1}u)` : `(k + ${step}u)`;
      const { lines, text } = this.emit(expr, `${name}${letter}_`, "s", { ...at, k: `${name}k${step}` });
      const value = this.ragged ? `select(0.0f, ${text}, k + ${step}u < bound)` : text;
      return { lines: [`let ${name}k${step} = ${k};`, ...lines], value };
    });
    return [
      ...parts.flatMap((p) => p.lines),
      `let ${name} = vec4f(${parts.map((p) => p.value).join(", ")});`,
    ];
  }

  /** The left operand's value at row `i` of the tile and step `step`, known to every lane. */
  private leftAt(i: number, step: number): string {
    const quads = this.tileRows / 4;
    const [number, letter] =
      this.leftMode === "m" ? [step * quads + (i >> 2), lettersOf[i & 3]] : [i, lettersOf[step]];
    if (!this.hasSubgroups) return `tile[${number}].${letter}`;
    return `subgroupBroadcast(l${Math.floor(number / this.lanes)}.${letter}, ${number % this.lanes}u)`;
  }

  /** The right operand's four columns at step `step`, column block `j`. */
  private rightAt(step: number, j: number): { lines: string[]; text: string } {
    const { c } = this;
    const offset = j === 0 ? "" : ` + ${j * this.lanes * 4}u`;
    const name = `r${step}_${j}`;
    if (this.rightMode === "n") {
      const n = `${name}n`;
      const k = `${name}k`;
      const { lines, text } = this.emit(c.right, `${name}_`, "n", { n, k });
      const at = [
        `let ${n} = min(column${offset}, ${c.n - 4}u);`,
        `let ${k} = ${this.ragged ? `min(k + ${step}u, ${c.k - 1}u)` : `k + ${step}u`};`,
      ];
      const value = this.ragged ? `select(vec4f(), ${text}, k + ${step}u < bound)` : text;
      return { lines: [...at, ...lines, `let ${name} = ${value};`], text: name };
    }
    // Four columns, each four steps of k, loaded at the first step and turned.
    const columns = [0, 1, 2, 3].map((q) => `b${j}_${q}`);
    const loads =
      step > 0
        ? []
        : columns.flatMap((column, q) => [
            `let ${column}n = min(column${offset} + ${q}u, ${c.n - 1}u);`,
            ...this.fourOfK(c.right, this.rightMode, column, { n: `${column}n` }),
          ]);
    return { lines: loads, text: `vec4f(${columns.map((b) => `${b}.${lettersOf[step]}`).join(", ")})` };
  }

  /** A loop over the tile's rows: stores in a row cost more to compile than all the rest. */
  private store(): string[] {
    const { c, columns, dims } = this;
    const accumulators = this.accumulators();
    const lines = [
      `if (row >= ${c.m}u) { return; }`,
      `var all: array<vec4f, ${accumulators.length}>;`,
      ...accumulators.map((a, i) => `all[${i}] = ${a};`),
      // The shift gives 0; without it the compiler knows the most rows and repeats the loop's body for each.
      `let rows = min(${this.tileRows}u + (bound >> 31u), ${c.m}u - row);`,
      "for (var i = 0u; i < rows; i++) {",
      `let i${dims.m} = row + i;`,
    ];
    for (let j = 0; j < columns; j++) {
      const n = j === 0 ? "column" : `column + ${j * this.lanes * 4}u`;
      lines.push(
        "{",
        `let first = ${n};`,
        `let four = all[i * ${columns}u + ${j}u];`,
        ...this.storeColumns(),
        "}",
      );
    }
    return [...lines, "}"];
  }

  private storeColumns(): string[] {
    const { c, dims } = this;
    const coordinates = coordinateNames(dims.k);
    const accumulated = this.wideStore ? "four" : "one";
    const emitter = new Emitter(
      {
        coordinates,
        vectorDim: this.wideStore ? dims.n : undefined,
        scalarSlots: this.scalars,
        accumulated: () => accumulated,
      },
      "e",
    );
    const result = emitter.emit(c.epilogue);
    for (const h of emitter.helpers) this.helpers.add(h);
    const sizes = [...c.batch, c.m, c.n];
    const strides = sizes.map((_, d) => product(sizes.slice(d + 1)));
    // The coordinates are variables here even where an axis has length 1.
    const at = sizes.map((n, d) => (n === 1 ? constant(0) : dimension(d, n)));
    const index = emitter.indexText(linear(at, strides));
    const dtype = this.bindings.output;
    if (this.wideStore) {
      const store = `y[(${index}) / 4u] = ${storeText(result, { dtype, width: 4 })};`;
      return [`let i${dims.n} = first;`, `if (first < ${c.n}u) {`, ...emitter.lines, store, "}"];
    }
    return [
      `let stop = min(first + 4u, ${c.n}u);`,
      `for (var i${dims.n} = first; i${dims.n} < stop; i${dims.n}++) {`,
      `let one = four[i${dims.n} - first];`,
      ...emitter.lines,
      `y[${index}] = ${storeText(result, { dtype, width: 1 })};`,
      "}",
    ];
  }
}
