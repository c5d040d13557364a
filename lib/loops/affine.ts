/**
 * Index arithmetic. A coordinate of a tensor is affine in the dimensions that a kernel iterates over, and in symbols
 * derived from them (quotients and remainders that a reshape leaves behind, values of an index tensor). Views only
 * rewrite coordinates, so that no view is ever copied.
 */
import type { Affine, Expr, Sym, Term } from "./expr";

export type { Affine, Sym, Term } from "./expr";

export function constant(offset: number): Affine {
  return { offset, terms: [] };
}

/** The coordinate along dimension `dim` of the kernel's iteration space. */
export function dimension(dim: number, size: number): Affine {
  if (size === 1) return constant(0);
  return { offset: 0, terms: [{ sym: { kind: "dim", dim, size, id: `i${dim}` }, coefficient: 1 }] };
}

/** A run-time scalar, the same throughout the kernel and known to lie in [0, size). */
export function passed(slot: number, size: number): Affine {
  return {
    offset: 0,
    terms: [{ sym: { kind: "passed", slot, size, id: `passed${slot}` }, coefficient: 1 }],
  };
}

/** The value of an integer expression that lies in [0, size), or what is read at it is not used. */
export function computed(expr: Expr, size: number, id: string): Affine {
  return { offset: 0, terms: [{ sym: { kind: "value", expr, size, id }, coefficient: 1 }] };
}

/** `a`, of which only values in [0, size) matter, because a guard takes what is read at others for zero. */
export function within(a: Affine, size: number): Affine {
  const [low, high] = rangeOf(a);
  if (low >= 0 && high < size) return a;
  const id = `in(${keyOf(a)},${size})`;
  return { offset: 0, terms: [{ sym: { kind: "within", of: a, size, id }, coefficient: 1 }] };
}

export function plus(a: Affine, b: Affine): Affine {
  const coefficients = new Map<string, Term>();
  for (const t of [...a.terms, ...b.terms]) {
    const seen = coefficients.get(t.sym.id);
    coefficients.set(t.sym.id, seen ? { ...t, coefficient: seen.coefficient + t.coefficient } : t);
  }
  const terms = [...coefficients.values()].filter((t) => t.coefficient !== 0);
  terms.sort((x, y) => (x.sym.id < y.sym.id ? -1 : 1));
  return rejoined({ offset: a.offset + b.offset, terms });
}

/** n·(i div n) + (i mod n) is i again: a view that splits an axis and another that joins it cancel. */
function rejoined(a: Affine): Affine {
  for (const { sym, coefficient } of a.terms) {
    if (sym.kind !== "mod") continue;
    const quotient = quotientId(sym.of, sym.by);
    const other = a.terms.find((t) => t.sym.id === quotient && t.coefficient === coefficient * sym.by);
    if (!other) continue;
    const rest = a.terms.filter((t) => t !== other && t.sym !== sym);
    return plus({ offset: a.offset, terms: rest }, times(sym.of, coefficient));
  }
  return a;
}

function quotientId(of: Affine, by: number): string {
  return `div(${keyOf(of)},${by})`;
}

export function times(a: Affine, k: number): Affine {
  if (k === 0) return constant(0);
  return {
    offset: a.offset * k,
    terms: a.terms.map((t) => ({ sym: t.sym, coefficient: t.coefficient * k })),
  };
}

export function shifted(a: Affine, by: number): Affine {
  return { offset: a.offset + by, terms: a.terms };
}

/** Row-major linear index of `coordinates` in `shape`. */
export function linear(coordinates: readonly Affine[], strides: readonly number[]): Affine {
  return coordinates.reduce((sum, c, d) => plus(sum, times(c, strides[d])), constant(0));
}

/** The coordinates in `shape` of the row-major linear index `index`. */
export function delinearize(index: Affine, shape: readonly number[]): Affine[] {
  const coordinates = new Array<Affine>(shape.length);
  let rest = index;
  for (let d = shape.length - 1; d >= 0; d--) {
    const outermost = shape.slice(0, d).every((n) => n === 1);
    if (shape[d] === 1) coordinates[d] = constant(0);
    else if (outermost) [coordinates[d], rest] = [rest, constant(0)];
    else [rest, coordinates[d]] = divMod(rest, shape[d]);
  }
  return coordinates;
}

/** a div n and a mod n, exact where the terms separate into multiples of n and a remainder below n. */
function divMod(a: Affine, n: number): [Affine, Affine] {
  const multiples = a.terms.filter((t) => t.coefficient % n === 0);
  const offsetRest = ((a.offset % n) + n) % n;
  const rest: Affine = { offset: offsetRest, terms: a.terms.filter((t) => t.coefficient % n !== 0) };
  const whole: Affine = {
    offset: (a.offset - offsetRest) / n,
    terms: multiples.map((t) => ({ sym: t.sym, coefficient: t.coefficient / n })),
  };
  const [low, high] = rangeOf(rest);
  if (low >= 0 && high < n) return [whole, rest];
  const from = low >= 0 ? rest : a;
  const top = Math.max(low >= 0 ? high : rangeOf(a)[1], n);
  const quotient = derived("div", from, n, Math.floor(top / n) + 1);
  return [low >= 0 ? plus(whole, quotient) : quotient, derived("mod", from, n, n)];
}

function derived(kind: "div" | "mod", of: Affine, by: number, size: number): Affine {
  const id = `${kind}(${keyOf(of)},${by})`;
  return { offset: 0, terms: [{ sym: { kind, of, by, size, id }, coefficient: 1 }] };
}

/** Least and greatest value, from the symbols' ranges. */
export function rangeOf(a: Affine): [number, number] {
  let [low, high] = [a.offset, a.offset];
  for (const { sym, coefficient } of a.terms) {
    const reach = coefficient * (sym.size - 1);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}

export function keyOf(a: Affine): string {
  return a.terms.map((t) => `${t.coefficient}*${t.sym.id}`).join("+") + `+${a.offset}`;
}

/** How many terms it takes to write the index out, those of its symbols too. */
export function termsOf(a: Affine): number {
  return a.terms.reduce((sum, { sym }) => sum + 1 + ("of" in sym ? termsOf(sym.of) : 0), 0);
}

/** The coefficient of kernel dimension `dim`, or undefined where the index is not affine in it. */
export function strideIn(a: Affine, dim: number): number | undefined {
  let stride = 0;
  for (const { sym, coefficient } of a.terms) {
    if (sym.kind === "passed") continue;
    if (sym.kind === "dim") {
      if (sym.dim === dim) stride += coefficient;
    } else if (sym.kind === "within") {
      const inner = strideIn(sym.of, dim);
      if (inner === undefined) return undefined;
      stride += inner * coefficient;
    } else if (sym.kind === "value") {
      return undefined;
    } else if (dependsOn(sym.of, dim)) {
      return undefined;
    }
  }
  return stride;
}

function dependsOn(a: Affine, dim: number): boolean {
  return strideIn(a, dim) !== 0;
}

/**
 * By how much the index grows from one of `lanes` neighbours along `dim` to the next, the first being a multiple of
 * `lanes`; undefined where that differs among them.
 */
export function groupStride(a: Affine, dim: number, lanes: number): number | undefined {
  let stride = 0;
  for (const { sym, coefficient } of a.terms) {
    const own = strideOfSym(sym, dim, lanes);
    if (own === undefined) return undefined;
    stride += own * coefficient;
  }
  return stride;
}

function strideOfSym(sym: Sym, dim: number, lanes: number): number | undefined {
  if (sym.kind === "dim") return sym.dim === dim ? 1 : 0;
  if (sym.kind === "passed") return 0;
  if (sym.kind === "value") return undefined;
  const inner = groupStride(sym.of, dim, lanes);
  if (inner === 0 || sym.kind === "within") return inner;
  // Neighbours from a multiple of `lanes` on share their quotient by one.
  const together = inner === 1 && sym.by % lanes === 0 && startsGroups(sym.of, dim, lanes);
  return together ? (sym.kind === "mod" ? 1 : 0) : undefined;
}

/** Whether the index is a multiple of `lanes` where the coordinate along `dim` is. */
export function startsGroups(a: Affine, dim: number, lanes: number): boolean {
  if (a.offset % lanes !== 0) return false;
  return a.terms.every(
    ({ sym, coefficient }) =>
      coefficient % lanes === 0 ||
      (sym.kind === "dim" && sym.dim === dim) ||
      (sym.kind === "within" && startsGroups(sym.of, dim, lanes)) ||
      (sym.kind === "mod" && sym.by % lanes === 0 && startsGroups(sym.of, dim, lanes)),
  );
}

/** `a` with each kernel dimension replaced by an affine of another iteration space. */
export function substitute(
  a: Affine,
  dims: readonly Affine[],
  mapValue: (expr: Expr) => Expr = (e) => e,
): Affine {
  let out = constant(a.offset);
  for (const { sym, coefficient } of a.terms) {
    out = plus(out, times(substituteSym(sym, dims, mapValue), coefficient));
  }
  return out;
}

function substituteSym(sym: Sym, dims: readonly Affine[], mapValue: (expr: Expr) => Expr): Affine {
  if (sym.kind === "dim") return dims[sym.dim];
  if (sym.kind === "passed") return passed(sym.slot, sym.size);
  if (sym.kind === "value") return computed(mapValue(sym.expr), sym.size, sym.id);
  const inner = substitute(sym.of, dims, mapValue);
  if (sym.kind === "within") return within(inner, sym.size);
  const [quotient, remainder] = divMod(inner, sym.by);
  return sym.kind === "div" ? quotient : remainder;
}
