/**
 * Reductions: a tensor's axes are split into those that stay, a *row* for each of their positions, and those that are
 * reduced, over which a row is walked once for each of its stages.
 */
import type { Combiner } from "../scalar/combiner";
import type { Affine } from "./affine";
import type { Expr } from "./expr";
import { mergeDimensions } from "./space";

export interface Stage {
  readonly combiner: Combiner;
  /** What is reduced, over kept then reduced dimensions. */
  readonly value: Expr;
}

export interface Rows {
  /** Lengths of the kept dimensions, then of the reduced ones. */
  readonly sizes: readonly number[];
  readonly keptDims: number;
  readonly stages: readonly Stage[];
  /** What is stored: over the kept dimensions, or over all where `elementAt` is given. */
  readonly result: Expr;
  /** Where the result's elements go, if there is one for each element of the row. */
  readonly elementAt?: Affine;
  /** Index into the run-time scalars of the row's length; a constant bound would be unrolled. */
  readonly boundScalar: number;
}

/** `Rows` over as few dimensions as there can be. */
export interface Merged {
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  readonly stages: readonly Stage[];
  readonly result: Expr;
  readonly at: Expr | undefined;
}

export function merge(rows: Rows): Merged {
  const at: Expr[] = rows.elementAt ? [{ kind: "index", index: rows.elementAt, dtype: "uint32" }] : [];
  const values = rows.stages.map((s) => s.value);
  const { space, exprs } = mergeDimensions({ sizes: rows.sizes, outputDims: rows.keptDims }, [
    ...values,
    rows.result,
    ...at,
  ]);
  return {
    kept: space.sizes.slice(0, space.outputDims),
    reduced: space.sizes.slice(space.outputDims),
    stages: rows.stages.map((s, i) => ({ ...s, value: exprs[i] })),
    result: exprs[values.length],
    at: exprs[values.length + 1],
  };
}
