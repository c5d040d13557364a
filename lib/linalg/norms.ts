/**
 * Norms of vectors and matrices, and what singular values tell of a matrix. Singular values are computed on the host in
 * float64, as are `pinv` and inverses; sums, powers and maxima on the device.
 */
import type { Node } from "../graph/node";
import { pinv as pinvNode } from "../ops/linalg";
import { svdvals } from "../ops/spectral";
import { asFloat } from "../tensor/lift";
import { norm as vectorNorm } from "../tensor/reduce";
import { wrap, type Tensor, type TensorLike } from "../tensor/tensor";
import { checkFlag, checkIn } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, normalizeAxes, reduceShape, type Axes } from "../util/shapes";
import { asMatrices } from "./arguments";
import { inv } from "./dense";

/** Of vectors 1, 2 and Infinity; of matrices these and "fro", "nuc", −1, −2, −Infinity, as in NumPy. */
export type NormOrder = number | "fro" | "nuc";

export interface NormOptions {
  /** One axis for vectors, two for matrices; by default all. */
  readonly axis?: Axes;
  readonly keepdims?: boolean;
}

/** `where` is the function that errors name. */
type MatrixNorm = (x: Tensor, where: string) => Tensor;

const absoluteSums = (axis: number) => (x: Tensor) => x.abs().sum(axis);

/** Each over the last two axes. */
const matrixNorms = new Map<NormOrder, MatrixNorm>([
  ["fro", (x) => x.square().sum([-2, -1]).sqrt()],
  ["nuc", (x, where) => singularValues(x, where).sum(-1)],
  [2, (x, where) => singularValues(x, where).max(-1)],
  [-2, (x, where) => singularValues(x, where).min(-1)],
  [1, (x) => absoluteSums(-2)(x).max(-1)],
  [-1, (x) => absoluteSums(-2)(x).min(-1)],
  [Infinity, (x) => absoluteSums(-1)(x).max(-1)],
  [-Infinity, (x) => absoluteSums(-1)(x).min(-1)],
]);

function singularValues(x: Tensor, where: string): Tensor {
  return wrap(svdvals(x.node, where));
}

/**
 * A norm over `axis`: of one axis the vector norm (2 unless `ord` says otherwise), of two the matrix norm. Over all axes
 * without an `ord` it is √Σx².
 */
export function norm(x: TensorLike, ord?: NormOrder, options: NormOptions = {}): Tensor {
  checkOptions("linalg.norm", options, ["axis", "keepdims"]);
  const node = asFloat("linalg.norm", x);
  const axes = normalizeAxes("linalg.norm", options.axis, node.shape.length);
  const keepdims = checkFlag("linalg.norm", "keepdims", options.keepdims);
  if (ord === undefined || axes.length === 1)
    return vectorNorm(wrap(node), axes, { ord: checkVector(ord), keepdims });
  if (axes.length !== 2) {
    refuse(
      "linalg.norm",
      `ord ${describe(ord)} needs one or two axes, got ${axes.length} of shape ${formatShape(node.shape)}`,
    );
  }
  const found = matrixNorm("linalg.norm", ord)(lastTwo(node, axes), "linalg.norm");
  return keepdims ? found.reshape(reduceShape(node.shape, axes, true)) : found;
}

function checkVector(ord: NormOrder | undefined): number {
  if (ord === undefined) return 2;
  return typeof ord === "number"
    ? ord
    : refuse("linalg.norm", `ord "${ord}" is a norm of matrices, got one axis`);
}

function matrixNorm(where: string, ord: NormOrder): MatrixNorm {
  const found = matrixNorms.get(ord);
  const known = [...matrixNorms.keys()].map(describe).join(", ");
  return found ?? refuse(where, `ord must be one of ${known}, got ${describe(ord)}`);
}

function lastTwo(node: Node, axes: readonly number[]): Tensor {
  const others = node.shape.map((_, d) => d).filter((d) => !axes.includes(d));
  return wrap(node).transpose([...others, ...axes]);
}

/**
 * The condition number ‖a‖·‖a⁻¹‖ of each matrix, [...batch]: for `ord` 2 (the default) and −2 from the singular values,
 * ∞ where the least is zero; the others need square matrices that are not singular.
 */
export function cond(a: TensorLike, ord: NormOrder = 2): Tensor {
  const x = wrap(asMatrices("cond", a));
  if (ord === 2 || ord === -2) {
    const s = singularValues(x, "cond");
    const [most, least] = [s.max(-1), s.min(-1)];
    return ord === 2 ? most.div(least) : least.div(most);
  }
  const size = matrixNorm("cond", ord);
  return size(x, "cond").mul(size(inv(x), "cond"));
}

export interface RankOptions {
  /** Singular values of at most this count as zero; by default max(m, n) · ε · the greatest, ε that of the dtype. */
  readonly tol?: number;
}

/** The number of singular values that are not zero, int32 [...batch]. */
export function matrixRank(a: TensorLike, options: RankOptions = {}): Tensor {
  checkOptions("matrixRank", options, ["tol"]);
  const node = asMatrices("matrixRank", a);
  const s = singularValues(wrap(node), "matrixRank");
  const { tol } = options;
  if (tol !== undefined) checkIn("matrixRank", "tol", tol, (t) => t >= 0, "be at least 0");
  const bound = tol ?? s.max(-1, { keepdims: true }).mul(relativeTolerance(node));
  return s.greater(bound).sum(-1);
}

export interface PinvOptions {
  /** Singular values of at most `rcond` times the greatest count as zero; by default max(m, n) · ε of the dtype. */
  readonly rcond?: number;
}

/** The Moore–Penrose inverse [..., n, m] of `a` [..., m, n]. */
export function pinv(a: TensorLike, options: PinvOptions = {}): Tensor {
  checkOptions("pinv", options, ["rcond"]);
  const node = asMatrices("pinv", a);
  const { rcond = relativeTolerance(node) } = options;
  checkIn("pinv", "rcond", rcond, (r) => r >= 0, "be at least 0");
  return wrap(pinvNode(node, rcond));
}

/** What rounding the elements alone does to a singular value, relative to the greatest. */
function relativeTolerance({ shape, dtype }: Node): number {
  const [m, n] = shape.slice(-2);
  return Math.max(m, n) * (dtype === "float64" ? 2 ** -52 : 2 ** -23);
}
