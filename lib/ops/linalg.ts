/**
 * Linear algebra of dense matrices, [...batch, m, n]. The decompositions run on the host in float64; their derivatives
 * are ordinary ops (Giles, "Collected matrix derivative results", 2008; Townsend, "Differentiating the SVD", 2016).
 */
import { cpuArray } from "../graph/interpret";
import { apply, makeNode, settle, type CpuArray, type Node, type Op } from "../graph/node";
import { SaddleError } from "../util/errors";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import { add, mul, neg, sub } from "./binary";
import * as dense from "./decompose";
import { constantLike, leaf, requireFloat } from "./define";
import { asRow, gapOps, inverseGaps, inverses } from "./gaps";
import { matmul, matrixTranspose } from "./matmul";
import { allBatched, expand, sum } from "./sum";
import { pad, reshape, slice } from "./view";

type Numbers = ArrayLike<number>;

interface HostRule {
  /** The last axes of the result, from the inputs' last two. */
  readonly shape: (matrices: readonly Shape[]) => Shape;
  /** The elements of one result, from the matrices of each input; errors name the function `where`. */
  readonly compute: (matrices: readonly dense.Matrix[], where: string) => Numbers;
  readonly jvp: Op["jvp"];
  readonly transpose?: Op["transpose"];
}

/** An op on the last two axes of its inputs, whose leading axes agree. */
function hostOp(name: string, rule: HostRule): Op {
  return {
    name,
    shape: (inputs) => {
      for (const x of inputs) requireFloat(name, x);
      const batch = inputs[0].shape.slice(0, -2);
      return {
        shape: [...batch, ...rule.shape(inputs.map((x) => x.shape.slice(-2)))],
        dtype: inputs[0].dtype,
      };
    },
    wgsl: { kind: "host" },
    cpu: (inputs, attrs, out) => {
      const result = cpuArray(out);
      const where = (attrs.where as string | undefined) ?? name;
      const batches = sizeOf(inputs[0].shape.slice(0, -2));
      const size = batches === 0 ? 0 : result.data.length / batches;
      for (let b = 0; b < batches && size > 0; b++) {
        result.data.set(
          rule.compute(
            inputs.map((x) => block(where, x, b)),
            where,
          ),
          b * size,
        );
      }
      return result;
    },
    jvp: rule.jvp,
    transpose: rule.transpose ?? "nonlinear",
    batch: (inputs, batched, node) => apply(node.op, allBatched(inputs, batched), node.attrs),
  };
}

function block(where: string, x: CpuArray, index: number): dense.Matrix {
  const [m, n] = x.shape.slice(-2);
  return dense.matrixAt(where, x.data, index * m * n, m, n);
}

const square = ([[n]]: readonly Shape[]): Shape => [n, n];

export const solveOp = hostOp("solve", {
  shape: ([, b]) => b,
  compute: ([a, b], where) => dense.solution(where, a, b).to1DArray(),
  jvp: ([ta, tb], node) => [
    ...(ta ? [neg(solve(node.inputs[0], matmul(ta, node)))] : []),
    ...(tb ? [solve(node.inputs[0], tb)] : []),
  ],
  transpose: (ct, node, input) => {
    if (input === 0) throw new SaddleError("solve: is not linear in the matrix");
    return solve(matrixTranspose(node.inputs[0]), ct);
  },
});

/** The x of a·x = b, for [...batch, n, n] and [...batch, n, k]. */
export function solve(a: Node, b: Node): Node {
  return apply(solveOp, [a, b]);
}

/** `where` is what errors name. */
export function inverse(a: Node, where = "inv"): Node {
  return apply(solveOp, [a, identityLike(a)], { where });
}

export const choleskyOp = hostOp("cholesky", {
  shape: square,
  compute: ([a]) => dense.choleskyFactor(a).to1DArray(),
  jvp: ([t], l) => {
    const half = solve(l, symmetric(t!));
    const inner = solve(l, matrixTranspose(half));
    return [
      matmul(
        l,
        mul(
          inner,
          maskLike(inner, (i, j) => (i > j ? 1 : i === j ? 0.5 : 0)),
        ),
      ),
    ];
  },
});

/** The lower triangular factor of (a + aᵀ)/2. */
export function cholesky(a: Node): Node {
  return apply(choleskyOp, [a]);
}

export const eigvalshOp = hostOp("eigvalsh", {
  shape: ([[n]]) => [n],
  compute: ([a]) => dense.symmetricEigenvalues(a),
  jvp: ([t], node) => {
    const vectors = eigenvectors(node.inputs[0]);
    return [columnSum(mul(vectors, matmul(symmetric(t!), vectors)))];
  },
});

/** The eigenvalues of (a + aᵀ)/2, ascending; `where` is the function that errors name. */
export function eigvalsh(a: Node, where = "eigvalsh"): Node {
  return apply(eigvalshOp, [a], { where });
}

export const eigenvectorsOp = hostOp("eigh", {
  shape: square,
  compute: ([a]) => dense.symmetricEigen(a).vectors.to1DArray(),
  jvp: ([t], vectors) => {
    const inner = matmul(matmul(matrixTranspose(vectors), symmetric(t!)), vectors);
    return [matmul(vectors, mul(inverseGaps(eigvalsh(vectors.inputs[0])), inner))];
  },
});

/** The orthonormal eigenvectors of (a + aᵀ)/2 as columns, in the order of `eigvalsh`. */
export function eigenvectors(a: Node): Node {
  return apply(eigenvectorsOp, [a]);
}

export const svdvalsOp = hostOp("svdvals", {
  shape: ([[m, n]]) => [Math.min(m, n)],
  compute: ([a]) => dense.singular(a).values,
  jvp: ([t], node) => {
    const { left, right } = singularVectors(node.inputs[0]);
    return [columnSum(mul(left, matmul(t!, right)))];
  },
});

/** The singular values, descending; `where` is the function that errors name. */
export function svdvals(a: Node, where = "svdvals"): Node {
  return apply(svdvalsOp, [a], { where });
}

/** The left singular vectors above the right ones, for they have their signs in common. */
export const singularVectorsOp = hostOp("svd", {
  shape: ([[m, n]]) => [m + n, Math.min(m, n)],
  compute: ([a]) => {
    const { left, right } = dense.singular(a);
    return [...left.to1DArray(), ...right.to1DArray()];
  },
  jvp: ([t], node) => [singularVectorsTangent(t!, node)],
});

export function singularVectors(a: Node): { left: Node; right: Node } {
  return parted(apply(singularVectorsOp, [a]), a.shape[a.shape.length - 2]);
}

function parted(stacked: Node, rows: number): { left: Node; right: Node } {
  const total = stacked.shape[stacked.shape.length - 2];
  return { left: rowsOf(stacked, 0, rows), right: rowsOf(stacked, rows, total - rows) };
}

function singularVectorsTangent(t: Node, node: Node): Node {
  const [a] = node.inputs;
  const [m, n] = a.shape.slice(-2);
  const { left, right } = parted(node, m);
  const values = asRow(svdvals(a));
  const gaps = inverseGaps(mul(svdvals(a), svdvals(a)));
  const inner = matmul(matmul(matrixTranspose(left), t), right);
  const across = mul(inner, expand(values, inner.shape));
  const down = mul(inner, expand(matrixTranspose(values), inner.shape));
  const within = (from: Node): Node => mul(gaps, from);
  const leftTangent = matmul(left, within(add(across, matrixTranspose(across))));
  const rightTangent = matmul(right, within(add(down, matrixTranspose(down))));
  const outside = (basis: Node, moved: Node): Node =>
    mul(
      sub(moved, matmul(basis, matmul(matrixTranspose(basis), moved))),
      expand(asRow(inverses(svdvals(a))), moved.shape),
    );
  return stackRows(
    m > n ? add(leftTangent, outside(left, matmul(t, right))) : leftTangent,
    n > m ? add(rightTangent, outside(right, matmul(matrixTranspose(t), left))) : rightTangent,
  );
}

export const orthogonalOp = hostOp("qr", {
  shape: ([[m, n]]) => [m, Math.min(m, n)],
  compute: ([a]) => dense.orthogonal(a).to1DArray(),
  jvp: ([t], q) => {
    const [a] = q.inputs;
    const [m, n] = a.shape.slice(-2);
    if (m < n) throw new SaddleError(`qr: has no derivative for a wide matrix, ${formatShape(a.shape)}`);
    const r = upper(matmul(matrixTranspose(q), a));
    const moved = matrixTranspose(solve(matrixTranspose(r), matrixTranspose(t!)));
    const inner = matmul(matrixTranspose(q), moved);
    const lower = mul(
      inner,
      maskLike(inner, (i, j) => (i > j ? 1 : 0)),
    );
    const turn = sub(lower, matrixTranspose(lower));
    return [add(matmul(q, sub(turn, inner)), moved)];
  },
});

/** Orthonormal columns that span those of `a`. */
export function orthogonal(a: Node): Node {
  return apply(orthogonalOp, [a]);
}

export const detOp = hostOp("det", {
  shape: () => [],
  compute: ([a]) => [dense.determinant(a)],
  jvp: ([t], node) => [traceOf(mul(cofactors(node.inputs[0]), t!))],
});

export function det(a: Node): Node {
  return apply(detOp, [a]);
}

/** det(a) a⁻ᵀ, the derivative of the determinant, of singular matrices too. */
export const cofactorsOp = hostOp("cofactors", {
  shape: square,
  compute: ([a]) => dense.cofactors(a).to1DArray(),
  jvp: ([t], node) => [cofactorsTangent(node.inputs[0], t!)],
});

export function cofactors(a: Node): Node {
  return apply(cofactorsOp, [a]);
}

/** How the cofactors of `a` change along `t`: linear in t, and its own transpose, for it is a second derivative. */
export const cofactorsTangentOp = hostOp("cofactorsTangent", {
  shape: square,
  compute: ([a, t]) => dense.cofactorsTangent(a, t).to1DArray(),
  jvp: ([ta, tt], node) => {
    const [a, t] = node.inputs;
    return [
      ...(tt ? [cofactorsTangent(a, tt)] : []),
      ...(ta ? [matrixTranspose(adjugateAlong(a, t, ta))] : []),
    ];
  },
  transpose: (ct, node, input) => {
    if (input === 0) throw new SaddleError("cofactorsTangent: is not linear in the matrix");
    return cofactorsTangent(node.inputs[0], ct);
  },
});

function cofactorsTangent(a: Node, t: Node): Node {
  return apply(cofactorsTangentOp, [a, t]);
}

/**
 * The mixed second derivative of the adjugate of `a` along `s` and `t`, as a polynomial of the elements (Faddeev and
 * LeVerrier's: M ← aM + cI with c = −tr(aM)/k), so that derivatives of every order exist where `a` is singular too.
 */
function adjugateAlong(a: Node, s: Node, t: Node): Node {
  const n = a.shape[a.shape.length - 1];
  const unit = identityLike(a);
  const zero = constantLike(a, 0);
  let m = { value: unit, s: zero, t: zero, both: zero };
  for (let k = 1; k < n; k++) {
    const next = (product: Node): Node => {
      const c = traceOf(mul(product, unit));
      return add(product, mul(spread(mul(c, constantLike(c, -1 / k)), a.shape), unit));
    };
    m = {
      value: next(matmul(a, m.value)),
      s: next(add(matmul(a, m.s), matmul(s, m.value))),
      t: next(add(matmul(a, m.t), matmul(t, m.value))),
      both: next(add(matmul(a, m.both), add(matmul(s, m.t), matmul(t, m.s)))),
    };
  }
  return n % 2 === 1 ? m.both : neg(m.both);
}

/** Sign and log |det a| along a last axis. */
export const slogdetOp = hostOp("slogdet", {
  shape: () => [2],
  compute: ([a]) => dense.signedLogDeterminant(a),
  jvp: ([t], node) => {
    const along = traceOf(mul(matrixTranspose(inverse(node.inputs[0], "the derivative of slogdet")), t!));
    const zeros = along.shape.map(() => 0);
    return [pad(reshape(along, [...along.shape, 1]), [...zeros, 1], [...zeros, 0])];
  },
});

export function slogdet(a: Node): Node {
  return apply(slogdetOp, [a]);
}

export const pinvOp: Op = {
  ...hostOp("pinv", { shape: ([[m, n]]) => [n, m], compute: () => [], jvp: "nondifferentiable" }),
  cpu: ([a], attrs, out) => {
    const result = cpuArray(out);
    const size = sizeOf(out.shape.slice(-2));
    for (let b = 0; b < sizeOf(out.shape.slice(0, -2)) && size > 0; b++) {
      result.data.set(dense.pseudoInverse(block("pinv", a, b), attrs.rcond as number).to1DArray(), b * size);
    }
    return result;
  },
  // Golub and Pereyra 1973, eq. 4.12; holds where the rank is constant.
  jvp: ([t], p) => {
    const [a] = p.inputs;
    const [tT, pT] = [matrixTranspose(t!), matrixTranspose(p)];
    const beside = (x: Node): Node => sub(identityLike(x), x);
    const left = matmul(matmul(p, matmul(pT, tT)), beside(matmul(a, p)));
    const right = matmul(beside(matmul(p, a)), matmul(tT, matmul(pT, p)));
    return [neg(matmul(p, matmul(t!, p))), left, right];
  },
};

/** The Moore–Penrose inverse; singular values of at most `rcond` times the greatest count as zero. */
export function pinv(a: Node, rcond: number): Node {
  return apply(pinvOp, [a], { rcond });
}

function symmetric(a: Node): Node {
  const total = add(a, matrixTranspose(a));
  return mul(total, constantLike(total, 0.5));
}

export function upper(a: Node): Node {
  return mul(
    a,
    maskLike(a, (i, j) => (i <= j ? 1 : 0)),
  );
}

function identityLike(a: Node): Node {
  return maskLike(a, (i, j) => (i === j ? 1 : 0));
}

/** A constant of the shape of `a` with the same entries in each matrix. */
function maskLike(a: Node, entry: (row: number, column: number) => number): Node {
  const [m, n] = a.shape.slice(-2);
  const data = Float64Array.from({ length: m * n }, (_, k) => entry(Math.floor(k / n), k % n));
  const aval = { shape: [m, n], dtype: a.dtype };
  const node = makeNode(leaf, [], {}, a.device, aval);
  settle(node, a.device.store(data, aval));
  return expand(reshape(node, [...a.shape.slice(0, -2).map(() => 1), m, n]), a.shape);
}

function columnSum(a: Node): Node {
  return sum(a, [a.shape.length - 2]);
}

function traceOf(product: Node): Node {
  const { length } = product.shape;
  return sum(product, [length - 2, length - 1]);
}

function spread(perMatrix: Node, shape: Shape): Node {
  return expand(reshape(perMatrix, [...perMatrix.shape, 1, 1]), shape);
}

function rowsOf(x: Node, start: number, count: number): Node {
  const zeros = x.shape.map(() => 0);
  const axis = x.shape.length - 2;
  const at = (values: readonly number[], value: number): number[] =>
    values.map((v, d) => (d === axis ? value : v));
  return slice(
    x,
    at(zeros, start),
    at(x.shape, count),
    x.shape.map(() => 1),
  );
}

function stackRows(a: Node, b: Node): Node {
  const axis = a.shape.length - 2;
  const along = (n: number): number[] => a.shape.map((_, d) => (d === axis ? n : 0));
  const zeros = along(0);
  return add(pad(a, zeros, along(b.shape[axis])), pad(b, along(a.shape[axis]), zeros));
}

export const linalgOps = [
  solveOp,
  choleskyOp,
  eigvalshOp,
  eigenvectorsOp,
  svdvalsOp,
  singularVectorsOp,
  orthogonalOp,
  detOp,
  cofactorsOp,
  cofactorsTangentOp,
  slogdetOp,
  pinvOp,
  ...gapOps,
];
