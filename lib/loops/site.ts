/** Computing expressions: the kinds of them once, for all targets. */
import type { ScalarFunction } from "../scalar/lanes";
import type { DType } from "../util/dtypes";
import type { Affine } from "./affine";
import type { Condition, Expr } from "./expr";

/** An argument of an elementwise function. */
export interface Argument<Value> {
  readonly value: Value;
  readonly dtype: DType;
}

/** Where expressions are computed, at certain coordinates of a kernel: what each kind of them is to a target. */
export interface Site<Value> {
  load(slot: number, index: Affine, dtype: DType): Value;
  scalar(slot: number, dtype: DType): Value;
  index(index: Affine, dtype: DType): Value;
  literal(value: number, dtype: DType): Value;
  call(f: ScalarFunction, args: readonly Argument<Value>[], dtype: DType): Value;
  /** `inside` where all conditions hold, else zero, or −0; what is inside counts nowhere else and need not be computed there. */
  guard(conditions: readonly Condition[], inside: () => Value, negative: boolean, dtype: DType): Value;
  accumulated(stage: number, dtype: DType): Value;
}

/** The value of `expr` at `site`. `memo` holds what was computed there already: shared parts are computed once. */
export function valueOf<Value>(expr: Expr, site: Site<Value>, memo: Map<Expr, Value>): Value {
  const known = memo.get(expr);
  if (known !== undefined) return known;
  const value = newValue(expr, site, (e) => valueOf(e, site, memo));
  memo.set(expr, value);
  return value;
}

function newValue<Value>(expr: Expr, site: Site<Value>, self: (e: Expr) => Value): Value {
  const { dtype } = expr;
  switch (expr.kind) {
    case "load":
      return site.load(expr.slot, expr.index, dtype);
    case "scalar":
      return site.scalar(expr.slot, dtype);
    case "index":
      return site.index(expr.index, dtype);
    case "literal":
      return site.literal(expr.value, dtype);
    case "call": {
      const args = expr.args.map((a) => ({ value: self(a), dtype: a.dtype }));
      return site.call(expr.function, args, dtype);
    }
    case "guard":
      return site.guard(expr.conditions, () => self(expr.inside), expr.negative, dtype);
    case "accumulated":
      return site.accumulated(expr.stage, dtype);
  }
}
