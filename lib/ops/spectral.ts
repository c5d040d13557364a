/**
 * Eigenvalues and singular values, and their vectors (Giles, "Collected matrix derivative results", 2008; Townsend,
 * "Differentiating the SVD", 2016).
 */
import { apply, type Node } from "../graph/node";
import type { Shape } from "../util/shapes";
import { add, mul, sub } from "./binary";
import * as dense from "./decompose";
import { asRow, inverseGaps, inverses } from "./gaps";
import { hostOp, square } from "./hostOp";
import { columnSum, symmetric } from "./matrices";
import { matmul, matrixTranspose } from "./matmul";
import { expand } from "./sum";

/**
 * Each eigenvalue with its eigenvector in a row, [n, 1 + n]: found together, and taken apart by the ops below. These have
 * the derivatives, for which they are given the matrix as well.
 */
export const eigenpairsOp = hostOp("eigh", {
  shape: ([[n]]) => [n, 1 + n],
  compute: function* ([a]) {
    const { values, vectors } = yield* dense.symmetricEigen(a);
    return besideEachOther(values, vectors);
  },
  jvp: "nondifferentiable",
});

/** Columns side by side; a list of numbers is one. */
function besideEachOther(first: Float64Array, ...others: readonly dense.Dense[]): Float64Array {
  const width = 1 + others.reduce((total, { columns }) => total + columns, 0);
  const out = new Float64Array(first.length * width);
  first.forEach((value, i) => {
    let at = i * width;
    out[at++] = value;
    for (const other of others) {
      out.set(dense.rowOf(other, i), at);
      at += other.columns;
    }
  });
  return out;
}

function columnsOf({ rows, columns, data }: dense.Dense, from: number, to: number): dense.Dense {
  const out = new Float64Array(rows * (to - from));
  for (let i = 0; i < rows; i++) {
    out.set(data.subarray(i * columns + from, i * columns + to), i * (to - from));
  }
  return { rows, columns: to - from, data: out };
}

/** Eigenvalues alone take a third of the time of eigenpairs. */
export const eigvalshOp = hostOp("eigvalsh", {
  shape: ([[n]]) => [n],
  compute: ([a]) => dense.symmetricEigenvalues(a),
  jvp: ([t], { inputs: [a] }) => eigenvaluesTangent(t!, a, eigenpairs(a)),
});

export const eigenvaluesOp = hostOp("eigenvalues", {
  shape: ([[n]]) => [n],
  compute: function* ([, pairs]) {
    return columnsOf(pairs, 0, 1).data;
  },
  jvp: ([t], { inputs: [a, pairs] }) => (t ? eigenvaluesTangent(t, a, pairs) : []),
});

export const eigenvectorsOp = hostOp("eigenvectors", {
  shape: square,
  compute: function* ([, pairs]) {
    return dense.transposed(pairs, 1).data;
  },
  jvp: ([t], vectors) => {
    if (!t) return [];
    const [a, pairs] = vectors.inputs;
    const inner = matmul(matmul(matrixTranspose(vectors), symmetric(t)), vectors);
    return [matmul(vectors, mul(inverseGaps(apply(eigenvaluesOp, [a, pairs])), inner))];
  },
});

function eigenpairs(a: Node): Node {
  return apply(eigenpairsOp, [a]);
}

function eigenvaluesTangent(t: Node, a: Node, pairs: Node): readonly Node[] {
  const vectors = apply(eigenvectorsOp, [a, pairs]);
  return [columnSum(mul(vectors, matmul(symmetric(t), vectors)))];
}

/** The eigenvalues of (a + aᵀ)/2, ascending; `where` is the function that errors name. */
export function eigvalsh(a: Node, where = "eigvalsh"): Node {
  return apply(eigvalshOp, [a], { where });
}

/** The same with orthonormal eigenvectors as columns, in the same order. */
export function eigh(a: Node): { values: Node; vectors: Node } {
  const pairs = eigenpairs(a);
  return { values: apply(eigenvaluesOp, [a, pairs]), vectors: apply(eigenvectorsOp, [a, pairs]) };
}

/** Each singular value with its left and its right vector in a row, [k, 1 + m + n]. */
export const singularTriplesOp = hostOp("svd", {
  shape: ([[m, n]]) => [Math.min(m, n), 1 + m + n],
  compute: function* ([a]) {
    const { values, left, right } = yield* dense.singular(a);
    return besideEachOther(values, left, right);
  },
  jvp: "nondifferentiable",
});

const lesserSide = ([[m, n]]: readonly Shape[]): Shape => [Math.min(m, n)];

export const svdvalsOp = hostOp("svdvals", {
  shape: lesserSide,
  compute: ([a]) => dense.singularValues(a),
  jvp: ([t], { inputs: [a] }) => singularValuesTangent(t!, a, apply(singularTriplesOp, [a])),
});

export const singularValuesOp = hostOp("singularValues", {
  shape: lesserSide,
  compute: function* ([, triples]) {
    return columnsOf(triples, 0, 1).data;
  },
  jvp: ([t], { inputs: [a, triples] }) => (t ? singularValuesTangent(t, a, triples) : []),
});

/** As columns, [m, k]. */
export const leftVectorsOp = hostOp("leftVectors", {
  shape: ([[m, n]]) => [m, Math.min(m, n)],
  compute: function* ([a, triples]) {
    return dense.transposed(triples, 1, 1 + a.rows).data;
  },
  jvp: ([t], node) => (t ? [leftTangent(t, node.inputs[0], node.inputs[1])] : []),
});

/** As rows, [k, n]. */
export const rightVectorsOp = hostOp("rightVectors", {
  shape: ([[m, n]]) => [Math.min(m, n), n],
  compute: function* ([a, triples]) {
    return columnsOf(triples, 1 + a.rows, triples.columns).data;
  },
  jvp: ([t], node) => (t ? [rightTangent(t, node.inputs[0], node.inputs[1])] : []),
});

function singularValuesTangent(t: Node, a: Node, triples: Node): readonly Node[] {
  const { left, right } = singularParts(a, triples);
  return [columnSum(mul(left, matmul(t, matrixTranspose(right))))];
}

interface SingularParts {
  readonly values: Node;
  readonly left: Node;
  readonly right: Node;
}

function singularParts(a: Node, triples: Node): SingularParts {
  const [values, left, right] = [singularValuesOp, leftVectorsOp, rightVectorsOp].map((op) =>
    apply(op, [a, triples]),
  );
  return { values, left, right };
}

/** The singular values, descending; `where` is the function that errors name. */
export function svdvals(a: Node, where = "svdvals"): Node {
  return apply(svdvalsOp, [a], { where });
}

/** The same with left singular vectors as columns and right ones as rows. */
export function svd(a: Node): SingularParts {
  return singularParts(a, apply(singularTriplesOp, [a]));
}

/** What turns the singular vectors among themselves as `a` moves by `t` (Townsend 2016), for left or right ones. */
function turn(t: Node, { values, left, right }: SingularParts, isLeft: boolean): Node {
  const inner = matmul(matmul(matrixTranspose(left), t), matrixTranspose(right));
  const row = asRow(values);
  const scaled = mul(inner, expand(isLeft ? row : matrixTranspose(row), inner.shape));
  return mul(inverseGaps(mul(values, values)), add(scaled, matrixTranspose(scaled)));
}

/** The part of `moved` that is outside of the space of `basis`, over the singular values. */
function outside(basis: Node, moved: Node, values: Node): Node {
  const within = matmul(basis, matmul(matrixTranspose(basis), moved));
  return mul(sub(moved, within), expand(asRow(inverses(values)), moved.shape));
}

function leftTangent(t: Node, a: Node, triples: Node): Node {
  const [m, n] = a.shape.slice(-2);
  const parts = singularParts(a, triples);
  const turned = matmul(parts.left, turn(t, parts, true));
  return m > n
    ? add(turned, outside(parts.left, matmul(t, matrixTranspose(parts.right)), parts.values))
    : turned;
}

function rightTangent(t: Node, a: Node, triples: Node): Node {
  const [m, n] = a.shape.slice(-2);
  const parts = singularParts(a, triples);
  const right = matrixTranspose(parts.right);
  const turned = matmul(right, turn(t, parts, false));
  const moved = (): Node => matmul(matrixTranspose(t), parts.left);
  return matrixTranspose(n > m ? add(turned, outside(right, moved(), parts.values)) : turned);
}

export const spectralOps = [
  eigenpairsOp,
  eigvalshOp,
  eigenvaluesOp,
  eigenvectorsOp,
  singularTriplesOp,
  svdvalsOp,
  singularValuesOp,
  leftVectorsOp,
  rightVectorsOp,
];
