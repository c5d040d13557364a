/** Expressions that one invocation of a kernel computes: a DAG over loads, run-time scalars and elementwise calls. */
import type { ScalarFunction } from "../scalar/lanes";
import type { DType } from "../util/dtypes";

/** A symbol of index arithmetic: an iteration dimension, a quotient or remainder, or an integer passed or read at run time. */
export type Sym =
  | { readonly kind: "dim"; readonly dim: number; readonly size: number; readonly id: string }
  | {
      readonly kind: "div" | "mod";
      readonly of: Affine;
      readonly by: number;
      readonly size: number;
      readonly id: string;
    }
  /** An index that a guard keeps in [0, size): elsewhere what is read at it does not count. */
  | { readonly kind: "within"; readonly of: Affine; readonly size: number; readonly id: string }
  /** The run-time scalar `slot`, a u32. */
  | { readonly kind: "passed"; readonly slot: number; readonly size: number; readonly id: string }
  | { readonly kind: "value"; readonly expr: Expr; readonly size: number; readonly id: string };

/** Σ coefficient·symbol + offset. Terms are sorted by symbol id and have non-zero coefficients. */
export interface Affine {
  readonly offset: number;
  readonly terms: readonly Term[];
}

export interface Term {
  readonly sym: Sym;
  readonly coefficient: number;
}

/** That a coordinate lies in [0, size). */
export interface Condition {
  readonly coordinate: Affine;
  readonly size: number;
}

export type Expr =
  | { readonly kind: "load"; readonly slot: number; readonly index: Affine; readonly dtype: DType }
  /** A scalar known only at run time, so that its value is not part of the pipeline. */
  | { readonly kind: "scalar"; readonly slot: number; readonly dtype: DType }
  | { readonly kind: "index"; readonly index: Affine; readonly dtype: DType }
  | { readonly kind: "literal"; readonly value: number; readonly dtype: DType }
  | {
      readonly kind: "call";
      readonly function: ScalarFunction;
      readonly args: readonly Expr[];
      readonly dtype: DType;
    }
  /** `inside` where every coordinate lies in [0, size), else zero, −0 if `negative`. */
  | {
      readonly kind: "guard";
      readonly conditions: readonly Condition[];
      readonly inside: Expr;
      readonly negative: boolean;
      readonly dtype: DType;
    }
  /** What the kernel accumulated in one of its stages. */
  | { readonly kind: "accumulated"; readonly stage: number; readonly dtype: DType };

/** Visits every index that the expression computes with. */
export function forEachAffine(
  expr: Expr,
  visit: (index: Affine, expr: Expr) => void,
  seen = new Set<Expr>(),
): void {
  if (seen.has(expr)) return;
  seen.add(expr);
  const visitAffine = (a: Affine): void => {
    visit(a, expr);
    visitValues(a);
  };
  const visitValues = (a: Affine): void => {
    for (const { sym } of a.terms) {
      if (sym.kind === "value") forEachAffine(sym.expr, visit, seen);
      else if (sym.kind !== "dim" && sym.kind !== "passed") visitValues(sym.of);
    }
  };
  if (expr.kind === "load" || expr.kind === "index") visitAffine(expr.index);
  else if (expr.kind === "call") expr.args.forEach((a) => forEachAffine(a, visit, seen));
  else if (expr.kind === "guard") {
    expr.conditions.forEach((c) => visitAffine(c.coordinate));
    forEachAffine(expr.inside, visit, seen);
  }
}

/** `expr` with every index rewritten, shared parts staying shared. */
export function mapAffines(
  expr: Expr,
  rewrite: (index: Affine, self: (e: Expr) => Expr) => Affine,
  memo = new Map<Expr, Expr>(),
): Expr {
  const self = (e: Expr): Expr => mapAffines(e, rewrite, memo);
  const known = memo.get(expr);
  if (known) return known;
  const result = mapOne(expr, (a) => rewrite(a, self), self);
  memo.set(expr, result);
  return result;
}

function mapOne(expr: Expr, affine: (a: Affine) => Affine, self: (e: Expr) => Expr): Expr {
  switch (expr.kind) {
    case "load":
    case "index":
      return { ...expr, index: affine(expr.index) };
    case "call":
      return { ...expr, args: expr.args.map(self) };
    case "guard":
      return {
        ...expr,
        conditions: expr.conditions.map((c) => ({ ...c, coordinate: affine(c.coordinate) })),
        inside: self(expr.inside),
      };
    default:
      return expr;
  }
}
