/** The determinant, its logarithm, and its derivatives of every order, at singular matrices too. */
import { apply, type Node } from "../graph/node";
import { SaddleError } from "../util/errors";
import { add, mul, neg } from "./binary";
import * as dense from "./decompose";
import { constantLike } from "./define";
import { hostOp, square } from "./hostOp";
import { inverse } from "./linalg";
import { identityLike, spread, traceOf } from "./matrices";
import { matmul, matrixTranspose } from "./matmul";
import { pad, reshape } from "./view";

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

export const determinantOps = [detOp, cofactorsOp, cofactorsTangentOp, slogdetOp];
