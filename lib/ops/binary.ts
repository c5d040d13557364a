/** Elementwise ops of two operands, comparisons, and where. */
import { apply, type Node, type Op } from "../graph/node";
import * as arcs from "../scalar/arcs";
import * as arithmetic from "../scalar/arithmetic";
import * as comparison from "../scalar/comparison";
import * as logarithms from "../scalar/logarithms";
import * as powers from "../scalar/powers";
import type { ScalarFunction } from "../scalar/lanes";
import * as words from "../scalar/words";
import { wrapped } from "../util/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { constantLike, constantValue, requireFloat } from "./define";
import { elementwise, type Scaling } from "./elementwise";

const sameDType =
  ({ name }: ScalarFunction) =>
  (inputs: readonly Node[]): DType => {
    const [a, b] = inputs;
    if (a.dtype !== b.dtype) refuse(name, `dtypes ${a.dtype} and ${b.dtype} differ`);
    if (a.dtype === "bool") refuse(name, `is not defined for bool; convert it with .astype("int32")`);
    return a.dtype;
  };

const [left, right] = [(node: Node) => node.inputs[0], (node: Node) => node.inputs[1]];

export const addOp = elementwise(arithmetic.add, {
  dtype: sameDType(arithmetic.add),
  partials: [(t) => t, (t) => t],
  linearIn: [0, 1],
});

export const subOp = elementwise(arithmetic.sub, {
  dtype: sameDType(arithmetic.sub),
  partials: [(t) => t, (t) => neg(t)],
  linearIn: [0, 1],
});

export const mulOp = elementwise(arithmetic.mul, {
  dtype: sameDType(arithmetic.mul),
  partials: [(t, n) => mul(t, right(n)), (t, n) => mul(t, left(n))],
  linearIn: [0, 1],
});

/** TensorFlow's multiply_no_nan, whose derivatives are of its kind. */
export const mulNoNanOp = elementwise(arithmetic.mulNoNan, {
  dtype: sameDType(arithmetic.mulNoNan),
  partials: [(t, n) => mulNoNan(t, right(n)), (t, n) => mulNoNan(left(n), t)],
  linearIn: [0, 1],
});

export const divOp = elementwise(arithmetic.div, {
  dtype: sameDType(arithmetic.div),
  partials: [(t, n) => div(t, right(n)), (t, n) => neg(mul(t, div(n, right(n))))],
  linearIn: [0],
});

export const negOp = elementwise(arithmetic.neg, {
  dtype: ([x]) => (x.dtype === "bool" ? refuse("neg", "is not defined for bool; use logicalNot") : x.dtype),
  partials: [(t) => neg(t)],
  linearIn: [0],
});

/** Where equal, both share the derivative, as in JAX. */
function extremum(f: ScalarFunction, wins: (own: Node, other: Node) => Node): Op {
  const share = (mine: 0 | 1): Scaling => {
    return (t, n) => {
      const [own, other] = [n.inputs[mine], n.inputs[1 - mine]];
      const half = constantLike(t, 0.5);
      const shared = where(equal(own, other), half, constantLike(t, 0));
      return mul(t, where(wins(own, other), constantLike(t, 1), shared));
    };
  };
  return elementwise(f, { dtype: sameDType(f), partials: [share(0), share(1)] });
}

export const maximumOp = extremum(arithmetic.maximum, (own, other) => less(other, own));
export const minimumOp = extremum(arithmetic.minimum, (own, other) => less(own, other));

/** The derivative in y is zero where x is zero or below. */
export const powOp = elementwise(powers.pow, {
  dtype: sameDType(powers.pow),
  partials: [
    (t, n) => {
      const [x, y] = n.inputs;
      const slope = mul(y, pow(x, sub(y, constantLike(y, 1))));
      return mul(t, where(equal(y, constantLike(y, 0)), constantLike(y, 0), slope));
    },
    (t, n) => {
      const [x] = n.inputs;
      const positive = less(constantLike(x, 0), x);
      const safe = where(positive, x, constantLike(x, 1));
      return mul(t, mul(log(safe), where(positive, n, constantLike(n, 0))));
    },
  ],
});

/** The natural logarithm stands here because the derivative of pow needs it. */
export const logOp = elementwise(logarithms.log, {
  dtype: ([x]) => (isFloat(x.dtype) ? x.dtype : refuse("log", `needs a float tensor, got ${x.dtype}`)),
  partials: [(t, n) => div(t, n.inputs[0])],
});

function compared(f: ScalarFunction): Op {
  return elementwise(f, {
    dtype: ([a, b]) => {
      if (a.dtype !== b.dtype) refuse(f.name, `dtypes ${a.dtype} and ${b.dtype} differ`);
      if (a.dtype === "bool" && f !== comparison.equal)
        refuse(f.name, "has no order of bool; convert it first");
      return "bool";
    },
    partials: "nondifferentiable",
  });
}

export const equalOp = compared(comparison.equal);
export const lessOp = compared(comparison.less);
export const lessEqualOp = compared(comparison.lessEqual);

function logical(f: ScalarFunction): Op {
  return elementwise(f, {
    dtype: ([a, b]) => {
      if (a.dtype !== b.dtype || isFloat(a.dtype)) {
        refuse(f.name, `needs two tensors of one integer dtype or bool, got ${a.dtype} and ${b.dtype}`);
      }
      return a.dtype;
    },
    partials: "nondifferentiable",
  });
}

export const andOp = logical(words.bitwiseAnd);
export const orOp = logical(words.bitwiseOr);
export const xorOp = logical(words.bitwiseXor);

export const shiftRightOp = elementwise(words.shiftRight, {
  dtype: ([a, b]) => {
    if (b.dtype !== "uint32" || a.dtype !== "uint32") {
      refuse("shiftRight", `needs two uint32 tensors, got ${a.dtype} and ${b.dtype}`);
    }
    return "uint32";
  },
  partials: "nondifferentiable",
});

export const isNaNOp = elementwise(comparison.isNaN, {
  dtype: ([x]) => (isFloat(x.dtype) ? "bool" : refuse("isNaN", `needs a float tensor, got ${x.dtype}`)),
  partials: "nondifferentiable",
});

export const notOp = elementwise(comparison.logicalNot, {
  dtype: ([x]) => (x.dtype === "bool" ? "bool" : refuse("logicalNot", `needs bool, got ${x.dtype}`)),
  partials: "nondifferentiable",
});

/** Elements of input 1 where input 0 is true, else of input 2. */
export const whereOp = elementwise(comparison.where, {
  dtype: ([condition, a, b]) => {
    if (condition.dtype !== "bool") refuse("where", `condition must be bool, got ${condition.dtype}`);
    if (a.dtype !== b.dtype) refuse("where", `dtypes ${a.dtype} and ${b.dtype} differ`);
    return a.dtype;
  },
  partials: [
    undefined,
    (t, n) => where(n.inputs[0], t, constantLike(t, 0)),
    (t, n) => where(n.inputs[0], constantLike(t, 0), t),
  ],
  linearIn: [1, 2],
});

/** The angle of (x, y), y first. */
export const atan2Op = elementwise(arcs.atan2, {
  dtype: (inputs) => {
    requireFloat("atan2", inputs[0]);
    return sameDType(arcs.atan2)(inputs);
  },
  partials: [
    (t, n) => mul(t, div(right(n), squaredNorm(n))),
    (t, n) => neg(mul(t, div(left(n), squaredNorm(n)))),
  ],
});

function squaredNorm(n: Node): Node {
  return add(mul(left(n), left(n)), mul(right(n), right(n)));
}

export function add(a: Node, b: Node): Node {
  if (constantValue(a) === 0) return b;
  if (constantValue(b) === 0) return a;
  return apply(addOp, [a, b]);
}

export function sub(a: Node, b: Node): Node {
  return constantValue(b) === 0 ? a : apply(subOp, [a, b]);
}

export function mul(a: Node, b: Node): Node {
  if (constantValue(a) === 1) return b;
  if (constantValue(b) === 1) return a;
  return apply(mulOp, [a, b]);
}

export function div(a: Node, b: Node): Node {
  return constantValue(b) === 1 ? a : apply(divOp, [a, b]);
}

export function neg(x: Node): Node {
  const value = constantValue(x);
  return value !== undefined ? constantLike(x, wrapped(-value, x.dtype)) : apply(negOp, [x]);
}

export const mulNoNan = (w: Node, x: Node): Node => apply(mulNoNanOp, [w, x]);
export const maximum = (a: Node, b: Node): Node => apply(maximumOp, [a, b]);
export const minimum = (a: Node, b: Node): Node => apply(minimumOp, [a, b]);
export const pow = (a: Node, b: Node): Node => apply(powOp, [a, b]);
export const log = (x: Node): Node => apply(logOp, [x]);
export const atan2 = (y: Node, x: Node): Node => apply(atan2Op, [y, x]);
export const equal = (a: Node, b: Node): Node => apply(equalOp, [a, b]);
export const less = (a: Node, b: Node): Node => apply(lessOp, [a, b]);
export const lessEqual = (a: Node, b: Node): Node => apply(lessEqualOp, [a, b]);
export const and = (a: Node, b: Node): Node => apply(andOp, [a, b]);
export const or = (a: Node, b: Node): Node => apply(orOp, [a, b]);
export const xor = (a: Node, b: Node): Node => apply(xorOp, [a, b]);
export const shiftRight = (a: Node, b: Node): Node => apply(shiftRightOp, [a, b]);
export const isNaN = (x: Node): Node => apply(isNaNOp, [x]);
export const not = (x: Node): Node => apply(notOp, [x]);
export const where = (condition: Node, a: Node, b: Node): Node => apply(whereOp, [condition, a, b]);
