/** What one kernel does, as data: each target turns it into something of its own that can be run. */
import type { DType } from "../util/dtypes";
import type { Contraction } from "./contraction";
import type { Expr } from "./expr";
import type { Rows } from "./rows";

export type Work =
  /** y[i] = value(i) for every i of a space of these sizes. */
  | { readonly kind: "map"; readonly sizes: readonly number[]; readonly value: Expr }
  | { readonly kind: "rows"; readonly rows: Rows }
  | { readonly kind: "contract"; readonly contraction: Contraction };

/** The buffers a kernel binds: inputs x0…, output y, and how many run-time scalars it reads. */
export interface Bindings {
  readonly inputs: readonly DType[];
  readonly output: DType;
  readonly scalarCount: number;
}
