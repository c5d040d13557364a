/** WGSL as a meaning of the instructions that scalar functions are written in. */
import type { Combiner } from "../scalar/combiner";
import type { LaneType, Lanes, ScalarFunction } from "../scalar/lanes";
import { integerRanges } from "../util/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { isNaNText, literalText, registerType } from "./text";

/** A value in a register: a name, or an expression of few signs. */
export interface WgslValue {
  readonly text: string;
  readonly dtype: DType;
}

type Width = 1 | 4;

const infix =
  (operator: string) =>
  (a: string, b: string): string =>
    `(${a} ${operator} ${b})`;
const builtin =
  (name: string) =>
  (...args: string[]): string =>
    `${name}(${args.join(", ")})`;

/**
 * What WGSL has natively, and as accurately as it is asked for, of numbers. Its exp, log, pow, sin, … are not among it:
 * their errors may grow with the argument, or be as large as the result.
 */
const nativeNumbers = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: infix("/"),
  abs: builtin("abs"),
  min: builtin("min"),
  max: builtin("max"),
  sqrt: builtin("sqrt"),
  floor: builtin("floor"),
  ceil: builtin("ceil"),
  nearest: builtin("round"),
  sign: builtin("sign"),
  shl: infix("<<"),
  shr: infix(">>"),
} as const;

const nativeComparisons = { lt: infix("<"), le: infix("<="), eq: infix("==") } as const;

/** By a combiner's name, what combines the values of a subgroup, where something does exactly that. */
export const nativeReductions: Partial<Record<Combiner["name"], string>> = { sum: "subgroupAdd" };

/** WGSL refuses constants that are infinite, so that infinity comes from a variable. */
const infinity = "var<private> infinity_bits: u32 = 0x7f800000u;";

/** A literal of any value; `helpers` takes what it needs of declarations. */
export function anyLiteral(value: number, dtype: DType, width: Width, helpers: Set<string>): string {
  const isPlain = Number.isFinite(value) && !Object.is(value, -0);
  if (isPlain || !isFloat(dtype)) return literalText(value, { dtype, width });
  helpers.add(infinity);
  const of = (bits: string): string => `bitcast<f32>(${bits})`;
  const sized = Number.isNaN(value) ? of("infinity_bits | 0x400000u") : of("infinity_bits");
  const text = value === 0 ? of("infinity_bits << 8u") : value < 0 ? `-${sized}` : sized;
  return width === 1 ? text : `${registerType({ dtype, width })}(${text})`;
}

/** All floats are float32 in registers. */
const laneType = (dtype: DType): LaneType => (isFloat(dtype) ? "float32" : dtype);

/** Where instructions go: each becomes a statement that names its value. */
interface Scope {
  lines: string[];
  count: number;
  readonly define: (text: string) => string;
}

function functionScope(): Scope {
  const scope: Scope = {
    lines: [],
    count: 0,
    define: (text) => {
      const name = `t${scope.count++}`;
      scope.lines.push(`let ${name} = ${text};`);
      return name;
    },
  };
  return scope;
}

/** Where a single instruction stays an expression. */
const expressionScope = (): Scope => ({ lines: [], count: 0, define: (text) => text });

function lanesOf(dtype: LaneType, width: Width, scope: Scope, helpers: Set<string>): Lanes {
  const typeOf = (of: DType): string => registerType({ dtype: of, width });
  const [f, i, u] = [typeOf("float32"), typeOf("int32"), typeOf("uint32")];
  const value = (text: string, of: DType = dtype): WgslValue => ({ text: scope.define(text), dtype: of });
  const bits = (x: WgslValue): string => `bitcast<${u}>(${x.text})`;
  const any = (mask: WgslValue): string => (width === 1 ? mask.text : `any(${mask.text})`);
  const texts = (args: readonly WgslValue[]): string[] => args.map((a) => a.text);
  const natives = (table: Readonly<Record<string, (...args: string[]) => string>>, of?: DType) =>
    Object.fromEntries(
      Object.entries(table).map(([name, text]) => [
        name,
        (...args: WgslValue[]) => value(text(...texts(args)), of ?? args[0].dtype),
      ]),
    );
  const literal = (x: number, of: DType = dtype): string => anyLiteral(x, of, width, helpers);
  const variable = (start: WgslValue): WgslValue => {
    const name = `t${scope.count++}`;
    scope.lines.push(`var ${name} = ${start.text};`);
    return { text: name, dtype: start.dtype };
  };
  /** The statements that `build` makes, and what it returns. */
  const block = <T>(build: () => T): { lines: string[]; result: T } => {
    const outside = scope.lines;
    scope.lines = [];
    const result = build();
    const { lines } = scope;
    scope.lines = outside;
    return { lines, result };
  };
  const instructions = {
    dtype,
    lit: (x: number): WgslValue => ({ text: literal(x), dtype }),
    ...natives(nativeNumbers),
    ...natives(nativeComparisons, "bool"),
    neg: (x: WgslValue) => value(dtype === "uint32" ? `(${u}(0) - ${x.text})` : `(-${x.text})`),
    // By arithmetic: LLVM 15 joins masks, and the select that mostly follows, into one instruction that is wrong.
    copySign: (size: WgslValue, sign: WgslValue) =>
      value(`(abs(${size.text}) * select(${f}(1.0f), ${f}(-1.0f), bitcast<${i}>(${sign.text}) < ${i}(0)))`),
    isNegative: (x: WgslValue) => value(`(bitcast<${i}>(${x.text}) < ${i}(0))`, "bool"),
    isNaN: (x: WgslValue) => value(isNaNText(x.text, width), "bool"),
    upperHalf: (x: WgslValue) => value(`bitcast<${f}>(${bits(x)} & ${u}(0xfffff000u))`),
    // By its bits: a conversion to an integer would be guarded against all that is none.
    pow2: (n: WgslValue) =>
      value(`bitcast<${f}>((bitcast<${u}>(${n.text} + ${f}(12582912.0f)) << ${u}(23u)) + ${u}(0x3f800000u))`),
    exponent: (x: WgslValue) => value(`${f}(${exponentText(x.text, i, u)})`),
    mantissa: (x: WgslValue) =>
      value(`bitcast<${f}>(bitcast<${i}>(${x.text}) - (${exponentText(x.text, i, u)} << ${u}(23u)))`),
    not: (x: WgslValue) => value(`!${x.text}`, "bool"),
    and: (a: WgslValue, b: WgslValue) => value(infix("&")(a.text, b.text), a.dtype),
    or: (a: WgslValue, b: WgslValue) => value(infix("|")(a.text, b.text), a.dtype),
    xor: (a: WgslValue, b: WgslValue) =>
      value(infix(a.dtype === "bool" ? "!=" : "^")(a.text, b.text), a.dtype),
    select: (where: WgslValue, yes: WgslValue, no: WgslValue) =>
      value(`select(${no.text}, ${yes.text}, ${where.text})`, yes.dtype),
    convert: (x: WgslValue, to: LaneType) =>
      laneType(x.dtype) === to ? { ...x, dtype: to } : value(converted(x, to, width), to),
    bits: (x: WgslValue) => value(bits(x), "uint32"),
    table: (values: readonly number[], at: WgslValue): WgslValue => {
      const name = `t${scope.count++}`;
      const type = registerType({ dtype, width: 1 });
      const elements = values.map((x) => literalText(x, { dtype, width: 1 })).join(", ");
      scope.lines.push(`var ${name} = array<${type}, ${values.length}>(${elements});`);
      const lanes = width === 1 ? [at.text] : ["x", "y", "z", "w"].map((lane) => `${at.text}.${lane}`);
      const read = lanes.map((lane) => `${name}[${lane}]`);
      return value(width === 1 ? read[0] : `${typeOf(dtype)}(${read.join(", ")})`);
    },
    rarely: (where: WgslValue, yes: () => readonly WgslValue[], no: readonly WgslValue[]) => {
      const found = no.map(variable);
      const { lines, result } = block(yes);
      const chosen = result.map(({ text }, k) =>
        width === 1 ? text : `select(${found[k].text}, ${text}, ${where.text})`,
      );
      scope.lines.push(`if (${any(where)}) {`, ...lines);
      scope.lines.push(...found.map(({ text }, k) => `${text} = ${chosen[k]};`), "}");
      return found;
    },
    loop: (
      start: readonly WgslValue[],
      goes: (state: readonly WgslValue[]) => WgslValue,
      next: (state: readonly WgslValue[]) => readonly WgslValue[],
    ) => {
      const state = start.map(variable);
      const test = block(() => goes(state));
      const step = block(() => next(state).map(({ text }) => scope.define(text)));
      scope.lines.push("loop {", ...test.lines, `if (!${any(test.result)}) { break; }`, ...step.lines);
      scope.lines.push(...state.map(({ text }, k) => `${text} = ${step.result[k]};`), "}");
      return state;
    },
    call: (g: ScalarFunction, ...args: WgslValue[]) => {
      const called = callOf(g, args, width, helpers);
      return value(called.text, called.dtype);
    },
  };
  const lanes = instructions as unknown as Lanes;
  const words = dtype === "uint32" ? lanes : undefined;
  return Object.defineProperty(lanes, "words", {
    get: () => words ?? lanesOf("uint32", width, scope, helpers),
  });
}

/** The bits of √½ are where exponents begin. */
const exponentText = (x: string, i: string, u: string): string =>
  `((bitcast<${i}>(${x}) - ${i}(0x3f3504f3)) >> ${u}(23u))`;

/** Of what a driver's own conversion of floats may make as it likes, the rest is held within the range. */
function converted(x: WgslValue, to: LaneType, width: Width): string {
  const text = `${registerType({ dtype: to, width })}(${x.text})`;
  if (!isFloat(x.dtype) || isFloat(to) || to === "bool") return text;
  const [, most] = integerRanges[to];
  const limit = `${registerType({ dtype: "float32", width })}(${most + 1}.0f)`;
  const literal = (value: number): string => literalText(value, { dtype: to, width });
  const held = `select(${text}, ${literal(most)}, ${x.text} >= ${limit})`;
  return `select(${held}, ${literal(0)}, ${isNaNText(x.text, width)})`;
}

interface Written {
  readonly name: string;
  readonly result: DType;
  /** The function's source, after those that it calls. */
  readonly sources: readonly string[];
}

const written = new WeakMap<ScalarFunction, Map<string, Written | "one instruction">>();

function write(f: ScalarFunction, dtypes: readonly LaneType[], width: Width): Written | "one instruction" {
  const scope = functionScope();
  const helpers = new Set<string>();
  const parameters = dtypes.map((dtype, k) => ({ text: "abcd"[k], dtype }));
  const result = run(f, parameters, width, scope, helpers);
  const isDefined = scope.lines[0] === undefined || result.text === "t0";
  if (scope.lines.length <= 1 && isDefined) return "one instruction";
  const computed = computedIn(dtypes);
  const kind =
    isFloat(computed) || computed === "bool" ? "" : `_${registerType({ dtype: computed, width: 1 })}`;
  const name = `saddle_${f.name}${kind}${width === 1 ? "" : "_4"}`;
  const list = parameters.map((p) => `${p.text}: ${registerType({ dtype: p.dtype, width })}`).join(", ");
  const head = `fn ${name}(${list}) -> ${registerType({ dtype: result.dtype, width })} {`;
  const source = [head, ...scope.lines, `return ${result.text};`, "}"].join("\n");
  return { name, result: result.dtype, sources: [...helpers, source] };
}

const computedIn = (dtypes: readonly LaneType[]): LaneType =>
  dtypes.find((dtype) => dtype !== "bool") ?? "bool";

function run(
  f: ScalarFunction,
  args: readonly WgslValue[],
  width: Width,
  scope: Scope,
  helpers: Set<string>,
): WgslValue {
  const lanes = lanesOf(computedIn(args.map((a) => laneType(a.dtype))), width, scope, helpers);
  return f.body(lanes, ...(args as readonly unknown[] as never[])) as unknown as WgslValue;
}

/**
 * f of values of one width, as an expression: of one instruction itself, else the call of a function that is written once a
 * kernel, for texts that are repeated take a driver long. `helpers` takes what the expression needs of declarations.
 */
export function callOf(
  f: ScalarFunction,
  args: readonly WgslValue[],
  width: Width,
  helpers: Set<string>,
): WgslValue {
  const dtypes = args.map((a) => laneType(a.dtype));
  const key = `${dtypes.join()}/${width}`;
  const known = written.get(f) ?? new Map<string, Written | "one instruction">();
  written.set(f, known);
  let found = known.get(key);
  if (found === undefined) {
    found = write(f, dtypes, width);
    known.set(key, found);
  }
  if (found === "one instruction") return run(f, args, width, expressionScope(), helpers);
  for (const source of found.sources) helpers.add(source);
  return { text: `${found.name}(${args.map((a) => a.text).join(", ")})`, dtype: found.result };
}
