/**
 * Linear algebra of dense matrices, [...batch, m, n]. The decompositions run on the host in float64; their derivatives
 * are ordinary ops.
 */
import { apply, type Node } from "../graph/node";
import { SaddleError } from "../util/errors";
import { formatShape } from "../util/shapes";
import { add, mul, neg, sub } from "./binary";
import * as dense from "./decompose";
import { hostOp, square } from "./hostOp";
import { identityLike, maskLike, symmetric, upper } from "./matrices";
import { matmul, matrixTranspose } from "./matmul";

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

export const linalgOps = [solveOp, choleskyOp, orthogonalOp, pinvOp];
