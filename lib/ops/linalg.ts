/**
 * Linear algebra of dense matrices, [...batch, m, n]. The decompositions run on the host in float64; their derivatives
 * are ordinary ops (Giles, "Collected matrix derivative results", 2008; Townsend, "Differentiating the SVD", 2016).
 */
import { cpuArray } from "../graph/interpret";
import {
  apply,
  makeNode,
  settle,
  type Attrs,
  type Aval,
  type CpuArray,
  type Node,
  type Op,
} from "../graph/node";
import { SaddleError } from "../util/errors";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import { add, mul, neg, sub } from "./binary";
import * as dense from "./decompose";
import { later, now, type Computation } from "./decompose";
import { constantLike, leaf, requireFloat } from "./define";
import { asRow, gapOps, inverseGaps, inverses } from "./gaps";
import { matmul, matrixTranspose } from "./matmul";
import { allBatched, expand, sum } from "./sum";
import { pad, reshape } from "./view";

type Numbers = ArrayLike<number>;

interface HostRule {
  /** The last axes of the result, from the inputs' last two. */
  readonly shape: (matrices: readonly Shape[]) => Shape;
  /** The elements of one result, from the matrices of each input; errors name the function `where`. */
  readonly compute: (matrices: readonly dense.Dense[], where: string, attrs: Attrs) => Computation<Numbers>;
  readonly jvp: Op["jvp"];
  readonly transpose?: Op["transpose"];
}

/** An op on the last two axes of its inputs, whose leading axes agree. */
function hostOp(name: string, rule: HostRule): Op {
  function* computed(inputs: readonly CpuArray[], attrs: Attrs, out: Aval): Computation<CpuArray> {
    const result = cpuArray(out);
    const where = (attrs.where as string | undefined) ?? name;
    const batches = sizeOf(inputs[0].shape.slice(0, -2));
    const size = batches === 0 ? 0 : result.data.length / batches;
    for (let b = 0; b < batches && size > 0; b++) {
      const matrices = inputs.map((x) => block(where, x, b));
      result.data.set(yield* rule.compute(matrices, where, attrs), b * size);
    }
    return result;
  }
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
    wgsl: { kind: "host", wait: (inputs, attrs, out) => later(computed(inputs, attrs, out)) },
    cpu: (inputs, attrs, out) => now(computed(inputs, attrs, out)),
    jvp: rule.jvp,
    transpose: rule.transpose ?? "nonlinear",
    batch: (inputs, batched, node) => apply(node.op, allBatched(inputs, batched), node.attrs),
  };
}

function block(where: string, x: CpuArray, index: number): dense.Dense {
  const [m, n] = x.shape.slice(-2);
  return dense.matrixAt(where, x.data, index * m * n, m, n);
}

const square = ([[n]]: readonly Shape[]): Shape => [n, n];

export const solveOp = hostOp("solve", {
  shape: ([, b]) => b,
  compute: function* ([a, b], where) {
    return (yield* dense.solution(where, a, b)).data;
  },
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
  compute: function* ([a]) {
    return (yield* dense.choleskyFactor(a)).data;
  },
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
    return dense.transposed(columnsOf(pairs, 1, pairs.columns)).data;
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
    return dense.transposed(columnsOf(triples, 1, 1 + a.rows)).data;
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

export const orthogonalOp = hostOp("qr", {
  shape: ([[m, n]]) => [m, Math.min(m, n)],
  compute: function* ([a]) {
    return (yield* dense.orthogonal(a)).data;
  },
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
  compute: function* ([a]) {
    return [yield* dense.determinant(a)];
  },
  jvp: ([t], node) => [traceOf(mul(cofactors(node.inputs[0]), t!))],
});

export function det(a: Node): Node {
  return apply(detOp, [a]);
}

/** det(a) a⁻ᵀ, the derivative of the determinant, of singular matrices too. */
export const cofactorsOp = hostOp("cofactors", {
  shape: square,
  compute: function* ([a]) {
    return (yield* dense.cofactors(a)).data;
  },
  jvp: ([t], node) => [cofactorsTangent(node.inputs[0], t!)],
});

export function cofactors(a: Node): Node {
  return apply(cofactorsOp, [a]);
}

/** How the cofactors of `a` change along `t`: linear in t, and its own transpose, for it is a second derivative. */
export const cofactorsTangentOp = hostOp("cofactorsTangent", {
  shape: square,
  compute: function* ([a, t]) {
    return (yield* dense.cofactorsTangent(a, t)).data;
  },
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

export const pinvOp = hostOp("pinv", {
  shape: ([[m, n]]) => [n, m],
  compute: function* ([a], _where, { rcond }) {
    return (yield* dense.pseudoInverse(a, rcond as number)).data;
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
});

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

export const linalgOps = [
  solveOp,
  choleskyOp,
  eigenpairsOp,
  eigvalshOp,
  eigenvaluesOp,
  eigenvectorsOp,
  singularTriplesOp,
  svdvalsOp,
  singularValuesOp,
  leftVectorsOp,
  rightVectorsOp,
  orthogonalOp,
  detOp,
  cofactorsOp,
  cofactorsTangentOp,
  slogdetOp,
  pinvOp,
  ...gapOps,
];
