/** Sums of products over one axis: matrix products, and what is written as one. */
import type { Expr } from "./expr";

/** y[b, m, n] = epilogue(Σₖ left(b, m, k) · right(b, k, n)). */
export interface Contraction {
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Over (…batch, m, n, k). */
  readonly left: Expr;
  readonly right: Expr;
  /** Over (…batch, m, n), in terms of `accumulated`. */
  readonly epilogue: Expr;
  /** Index into the run-time scalars of k; a constant bound would be unrolled. */
  readonly boundScalar: number;
}
