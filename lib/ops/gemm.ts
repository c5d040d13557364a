/** Products of matrices in float64: by the machine's BLAS where it has one and the product is large enough. */
import type { Computation } from "../blas/computation";
import { addProduct, type Dense } from "../blas/lapack";
import type { Library } from "../blas/library";
import { system } from "../blas/system";

/** Below this much arithmetic a call costs more than it saves, and the library need not be looked for. */
const worthCalling = 20_000;

/** The machine's library for a computation of so many operations. */
export function libraryFor(work: number): Library | undefined {
  return work < worthCalling ? undefined : system().library;
}

export function* product(a: Dense, b: Dense): Computation<Dense> {
  const out = { rows: a.rows, columns: b.columns, data: new Float64Array(a.rows * b.columns) };
  yield* addProducts(1, [a.rows, a.columns, b.columns], a.data, b.data, out.data);
  return out;
}

/** Adds the products of `count` matrices of `a`, [m, k], with those of `b`, [k, n], to those of `out`. */
export function* addProducts(
  count: number,
  [m, k, n]: readonly [number, number, number],
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
): Computation<void> {
  const library = libraryFor(2 * m * k * n);
  for (let i = 0; i < count; i++) {
    if (library !== undefined) {
      const part = (data: Float64Array, size: number): Float64Array =>
        data.subarray(i * size, (i + 1) * size);
      yield* addProduct(library, [m, k, n], part(a, m * k), part(b, k * n), part(out, m * n));
    } else {
      for (let row = 0; row < m; row++) {
        addRow(a, (i * m + row) * k, b, i * k * n, out, (i * m + row) * n, k, n);
      }
    }
  }
}

/** Adds a row of `left` times the matrix of `right` to a row of `out`, four steps of k at a time: `out` is stored less often. */
function addRow(
  left: Float64Array,
  leftAt: number,
  right: Float64Array,
  rightAt: number,
  out: Float64Array,
  outAt: number,
  k: number,
  n: number,
): void {
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const [x0, x1] = [left[leftAt + p], left[leftAt + p + 1]];
    const [x2, x3] = [left[leftAt + p + 2], left[leftAt + p + 3]];
    const r0 = rightAt + p * n;
    const [r1, r2, r3] = [r0 + n, r0 + 2 * n, r0 + 3 * n];
    for (let j = 0; j < n; j++) {
      out[outAt + j] += x0 * right[r0 + j] + x1 * right[r1 + j] + (x2 * right[r2 + j] + x3 * right[r3 + j]);
    }
  }
  for (; p < k; p++) {
    const x = left[leftAt + p];
    const r = rightAt + p * n;
    for (let j = 0; j < n; j++) out[outAt + j] += x * right[r + j];
  }
}
