/**
 * Dense linear algebra over the last two axes; leading axes are a batch.
 *
 * Where it runs: the decompositions (Cholesky, LU of `solve`, `inv`, `det` and `slogdet`, QR, SVD, eigenvalues) on the host
 * in float64 whatever the device, from the elements that the device has, whose dtype the result takes: they are a sequence
 * of small steps, in which a GPU has nothing to do at once, and lose the digits that float32 lacks. The machine's LAPACK
 * computes them where there is one (`report.devices()` says which), beside the event loop and on all cores: for n = 1000
 * in tenths of a second. Else they run in JavaScript, in one to twenty seconds. Either way each eigenvector and left
 * singular vector has its first largest element positive, and agrees with the other way's to rounding. The products around
 * them, as in derivatives and in `r` of `qr`, are ordinary ops of the device. `cg`, `lanczos` and `lobpcg` are for what is
 * larger, with their products on the device.
 *
 * Derivatives of values (`eigvalsh`, `svdvals`, `det`, …) exist where values coincide: of a multiple eigenvalue each takes
 * a part that depends on the basis found, but a symmetric function of them all has its gradient. Eigenvectors and singular
 * vectors have none there, nor have second derivatives of the values: reading one is an error that says which coincide.
 */
import { cast } from "../ops/cast";
import { matmul, matrixTranspose } from "../ops/matmul";
import * as determinant from "../ops/determinant";
import * as ops from "../ops/linalg";
import { upper } from "../ops/matrices";
import * as spectral from "../ops/spectral";
import { broadcastTo } from "../ops/sum";
import { reshape, slice } from "../ops/view";
import type { Node } from "../graph/node";
import { asFloat, asTensor } from "../tensor/lift";
import { wrap, type Tensor, type TensorLike } from "../tensor/tensor";
import { promote } from "../util/dtypes";
import { refuse } from "../util/errors";
import { broadcastShapes, formatShape } from "../util/shapes";
import { asMatrices, asSquare } from "./arguments";

/** A pair or triple that has names too, as NumPy's results have. */
type Named<List extends readonly Tensor[], Names extends string> = List & Readonly<Record<Names, Tensor>>;

function named<List extends readonly Tensor[], Names extends string>(
  names: readonly Names[],
  list: List,
): Named<List, Names> {
  const entries = names.map((name, i) => [name, { value: list[i] }] as const);
  return Object.defineProperties(list, Object.fromEntries(entries)) as Named<List, Names>;
}

/**
 * Eigenvalues [..., n], ascending, and orthonormal eigenvectors [..., n, n] as columns of the symmetric part of `a`:
 * `const [w, v] = eigh(a)`, or `eigh(a).eigenvalues`. The eigenvectors have no derivative where eigenvalues coincide;
 * reading one is an error there.
 */
export function eigh(a: TensorLike): Named<[Tensor, Tensor], "eigenvalues" | "eigenvectors"> {
  const { values, vectors } = spectral.eigh(asSquare("eigh", a));
  return named(["eigenvalues", "eigenvectors"], [wrap(values), wrap(vectors)]);
}

/** Eigenvalues [..., n] of the symmetric part of `a`, ascending. */
export function eigvalsh(a: TensorLike): Tensor {
  return wrap(spectral.eigvalsh(asSquare("eigvalsh", a)));
}

/**
 * The singular value decomposition a = u · diag(s) · vt, reduced: `u` [..., m, k], `s` [..., k] descending, `vt`
 * [..., k, n], k = min(m, n). The vectors have no derivative where singular values coincide.
 */
export function svd(a: TensorLike): Named<[Tensor, Tensor, Tensor], "u" | "s" | "vt"> {
  const { values, left, right } = spectral.svd(asMatrices("svd", a));
  return named(["u", "s", "vt"], [wrap(left), wrap(values), wrap(right)]);
}

/** Singular values [..., min(m, n)], descending. */
export function svdvals(a: TensorLike): Tensor {
  return wrap(spectral.svdvals(asMatrices("svdvals", a)));
}

/** a = q · r, reduced: `q` [..., m, k] with orthonormal columns, `r` [..., k, n] upper triangular, k = min(m, n). */
export function qr(a: TensorLike): Named<[Tensor, Tensor], "q" | "r"> {
  const node = asMatrices("qr", a);
  const q = ops.orthogonal(node);
  return named(["q", "r"], [wrap(q), wrap(upper(matmul(matrixTranspose(q), node)))]);
}

/** The lower triangular L with L·Lᵀ the symmetric part of `a`. Reading it is an error where that is not positive definite. */
export function cholesky(a: TensorLike): Tensor {
  return wrap(ops.cholesky(asSquare("cholesky", a)));
}

/**
 * The x of a·x = b, for `a` [..., n, n] and `b` [n] or [..., n, k]; leading axes broadcast. Reading it is an error where
 * `a` is singular.
 */
export function solve(a: TensorLike, b: TensorLike): Tensor {
  const matrix = asSquare("solve", a, [b]);
  const right = asFloat("solve", asTensor("solve", "b", b, matrix.device));
  const isVector = right.shape.length === 1;
  const dtype = promote(matrix.dtype, right.dtype);
  const [x, y] = [matrix, isVector ? reshape(right, [...right.shape, 1]) : right].map((m) => cast(m, dtype));
  const n = x.shape[x.shape.length - 1];
  if (y.shape.length < 2 || y.shape[y.shape.length - 2] !== n) {
    refuse(
      "solve",
      `b must have shape [${n}] or [..., ${n}, k] for a of ${formatShape(x.shape)}, got ${formatShape(right.shape)}`,
    );
  }
  const [left, columns] = broadcastBatches("solve", x, y);
  const found = ops.solve(left, columns);
  return wrap(isVector ? reshape(found, found.shape.slice(0, -1)) : found);
}

function broadcastBatches(where: string, a: Node, b: Node): [Node, Node] {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (batch === undefined) {
    return refuse(
      where,
      `leading axes of shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not broadcast`,
    );
  }
  return [broadcastTo(a, [...batch, ...a.shape.slice(-2)]), broadcastTo(b, [...batch, ...b.shape.slice(-2)])];
}

/** a⁻¹. Reading it is an error where `a` is singular; see `pinv`. */
export function inv(a: TensorLike): Tensor {
  return wrap(ops.inverse(asSquare("inv", a)));
}

/** The determinant of each matrix, [...batch]. Its derivative, the cofactors, exists for singular matrices too. */
export function det(a: TensorLike): Tensor {
  return wrap(determinant.det(asSquare("det", a)));
}

/** Sign and logarithm of the determinant's magnitude, [...batch] each, where the determinant itself would overflow. */
export function slogdet(a: TensorLike): Named<[Tensor, Tensor], "sign" | "logabsdet"> {
  const node = determinant.slogdet(asSquare("slogdet", a));
  const batch = node.shape.slice(0, -1);
  const part = (i: number): Tensor =>
    wrap(
      reshape(
        slice(
          node,
          [...batch.map(() => 0), i],
          [...batch, 1],
          node.shape.map(() => 1),
        ),
        batch,
      ),
    );
  return named(["sign", "logabsdet"], [part(0), part(1)]);
}
