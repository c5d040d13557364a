/** Whether a library computes what it should: one that loads may still be broken, or built for another processor. */
import { now } from "./computation";
import {
  addProduct,
  choleskyInPlace,
  eigenInPlace,
  factorsOf,
  orthogonalOf,
  singularOf,
  solveInPlace,
  type Dense,
} from "./lapack";
import type { Library } from "./library";

/** Large enough for blocked code and several threads. */
const n = 150;
const allowed = 1e-10;

/** What a library computes wrongly, in a sentence; undefined where all is right. */
export function faultOf(library: Library): string | undefined {
  const a = Float64Array.from({ length: n * n }, (_, i) => Math.sin(i + 1));
  const symmetric = a.map((x, i) => x + a[(i % n) * n + Math.floor(i / n)]);
  const definite = product(library, a, transposed(a)).map((x, i) => x + (i % (n + 1) === 0 ? 1 : 0));
  const checks: Record<string, () => number> = {
    dgemm: () => distance(product(library, a, symmetric), slowProduct(a, symmetric)),
    dsyevd: () => {
      const rows = symmetric.slice();
      const values = now(eigenInPlace(library, rows, n, true));
      return distance(product(library, scaledRows(rows, values), rows, true), symmetric);
    },
    dgesdd: () => {
      const { values, left, right } = now(singularOf(library, dense(a.slice()), true));
      return distance(product(library, left, scaledRows(right, values)), a);
    },
    "dgetrf or dgetrs": () => {
      const factors = now(factorsOf(library, dense(definite.slice())));
      const x = transposed(a);
      now(solveInPlace(library, factors, n, dense(x)));
      return distance(product(library, definite, transposed(x)), a);
    },
    dpotrf: () => {
      const factor = definite.slice();
      now(choleskyInPlace(library, factor, n));
      return distance(product(library, factor, transposed(factor)), definite);
    },
    "dgelqf or dorglq": () => {
      const q = now(orthogonalOf(library, dense(a.slice())));
      return distance(product(library, q, product(library, q, a, true)), a);
    },
  };
  for (const [routine, errorOf] of Object.entries(checks)) {
    const error = errorOf();
    if (!(error <= allowed)) return `${routine} is off by ${error.toPrecision(2)}`;
  }
  return undefined;
}

function dense(data: Float64Array): Dense {
  return { rows: n, columns: n, data };
}

function product(library: Library, a: Float64Array, b: Float64Array, transposeA = false): Float64Array {
  const out = new Float64Array(n * n);
  now(addProduct(library, [n, n, n], transposeA ? transposed(a) : a, b, out));
  return out;
}

function slowProduct(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) out[i * n + j] += a[i * n + k] * b[k * n + j];
  return out;
}

function transposed(a: Float64Array): Float64Array {
  return a.map((_, i) => a[(i % n) * n + Math.floor(i / n)]);
}

function scaledRows(rows: Float64Array, factors: Float64Array): Float64Array {
  return rows.map((x, i) => x * factors[Math.floor(i / n)]);
}

/** The greatest difference, relative to the greatest number wanted. */
function distance(got: Float64Array, wanted: Float64Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    difference = Math.max(difference, Math.abs(got[i] - wanted[i]));
    size = Math.max(size, Math.abs(wanted[i]));
    if (Number.isNaN(got[i])) return NaN;
  }
  return difference / size;
}
