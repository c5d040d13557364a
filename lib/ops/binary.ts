/** Elementwise ops of two operands, comparisons, and where. */
import { apply, type Node, type Op } from "../graph/node";
import { wrapped } from "../util/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { isNaNText, registerType } from "../wgsl/text";
import { constantLike, constantValue, requireFloat } from "./define";
import { elementwise, type Scaling } from "./elementwise";
import { atan2Helpers } from "./angles";
import { logHelpers, powHelpers, wholePowHelpers } from "./exponentials";

const sameDType =
  (name: string) =>
  (inputs: readonly Node[]): DType => {
    const [a, b] = inputs;
    if (a.dtype !== b.dtype) refuse(name, `dtypes ${a.dtype} and ${b.dtype} differ`);
    if (a.dtype === "bool") refuse(name, `is not defined for bool; convert it with .astype("int32")`);
    return a.dtype;
  };

const infix =
  (operator: string) =>
  ([a, b]: readonly string[]): string =>
    `(${a} ${operator} ${b})`;

const [left, right] = [(node: Node) => node.inputs[0], (node: Node) => node.inputs[1]];

export const addOp = elementwise("add", {
  dtype: sameDType("add"),
  text: infix("+"),
  cpu: (a, b) => a + b,
  partials: [(t) => t, (t) => t],
  linearIn: [0, 1],
});

export const subOp = elementwise("sub", {
  dtype: sameDType("sub"),
  text: infix("-"),
  cpu: (a, b) => a - b,
  partials: [(t) => t, (t) => neg(t)],
  linearIn: [0, 1],
});

export const mulOp = elementwise("mul", {
  dtype: sameDType("mul"),
  text: infix("*"),
  cpu: (a, b) => a * b,
  cpuWhole: Math.imul,
  partials: [(t, n) => mul(t, right(n)), (t, n) => mul(t, left(n))],
  linearIn: [0, 1],
});

/** w · x, but 0 where w is 0 though x be infinite or NaN (TensorFlow's multiply_no_nan); derivatives keep to that. */
export const mulNoNanOp = elementwise("mulNoNan", {
  dtype: sameDType("mulNoNan"),
  text: ([w, x], type) => {
    const zero = `${registerType(type)}(0)`;
    return `select(${w} * ${x}, ${zero}, ${w} == ${zero})`;
  },
  cpu: (w, x) => (w === 0 ? 0 : w * x),
  cpuWhole: Math.imul,
  partials: [(t, n) => mulNoNan(t, right(n)), (t, n) => mulNoNan(left(n), t)],
  linearIn: [0, 1],
});

export const divOp = elementwise("div", {
  dtype: sameDType("div"),
  text: infix("/"),
  cpu: (a, b) => a / b,
  // As in WGSL.
  cpuWhole: (a, b) => (b === 0 ? a : Math.trunc(a / b)),
  partials: [(t, n) => div(t, right(n)), (t, n) => neg(mul(t, div(n, right(n))))],
  linearIn: [0],
});

export const negOp = elementwise("neg", {
  dtype: ([x]) => (x.dtype === "bool" ? refuse("neg", "is not defined for bool; use logicalNot") : x.dtype),
  text: ([x], type) => (type.dtype === "uint32" ? `(${registerType(type)}(0) - ${x})` : `(-${x})`),
  cpu: (x) => -x,
  partials: [(t) => neg(t)],
  linearIn: [0],
});

/** Where equal, both share the derivative, as in JAX. */
function extremum(name: "maximum" | "minimum", text: string, cpu: (a: number, b: number) => number): Op {
  const share = (mine: 0 | 1): Scaling => {
    return (t, n) => {
      const [own, other] = [n.inputs[mine], n.inputs[1 - mine]];
      const wins = name === "maximum" ? less(other, own) : less(own, other);
      const half = constantLike(t, 0.5);
      const weight = where(wins, constantLike(t, 1), where(equal(own, other), half, constantLike(t, 0)));
      return mul(t, weight);
    };
  };
  return elementwise(name, {
    dtype: sameDType(name),
    text: ([a, b], type) => {
      const value = `${text}(${a}, ${b})`;
      if (!isFloat(type.dtype)) return value;
      return `select(${value}, ${a} + ${b}, ${isNaNText(a, type.width)} | ${isNaNText(b, type.width)})`;
    },
    cpu,
    partials: [share(0), share(1)],
  });
}

export const maximumOp = extremum("maximum", "max", Math.max);
export const minimumOp = extremum("minimum", "min", Math.min);

/** x^y; the derivative in y is zero where x is zero or below. */
export const powOp = elementwise("pow", {
  dtype: sameDType("pow"),
  text: ([x, y], type) => {
    const own = isFloat(type.dtype) ? "" : `_${registerType({ ...type, width: 1 })}`;
    return `${call4(`saddle_pow${own}`, type.width)}(${x}, ${y})`;
  },
  helpers: [...powHelpers, ...wholePowHelpers],
  cpu: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
  cpuWhole: wholePow,
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
export const logOp = elementwise("log", {
  dtype: ([x]) => (isFloat(x.dtype) ? x.dtype : refuse("log", `needs a float tensor, got ${x.dtype}`)),
  text: ([x], type) => `${call4("saddle_log", type.width)}(${x})`,
  helpers: logHelpers,
  cpu: Math.log,
  partials: [(t, n) => div(t, n.inputs[0])],
});

function call4(name: string, width: 1 | 4): string {
  return width === 1 ? name : `${name}4`;
}

/** x^y modulo 2³² by repeated squaring; of a negative y what is whole of it: 1 and −1 have powers, others have 0. */
function wholePow(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0;
  let [power, square] = [1, x];
  for (let left = y; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = Math.imul(power, square);
    square = Math.imul(square, square);
  }
  return power;
}

function comparison(name: string, operator: string, cpu: (a: number, b: number) => boolean): Op {
  return elementwise(name, {
    dtype: ([a, b]) => {
      if (a.dtype !== b.dtype) refuse(name, `dtypes ${a.dtype} and ${b.dtype} differ`);
      if (a.dtype === "bool" && name !== "equal") refuse(name, "has no order of bool; convert it first");
      return "bool";
    },
    text: infix(operator),
    cpu: (a, b) => Number(cpu(a, b)),
    partials: "nondifferentiable",
  });
}

export const equalOp = comparison("equal", "==", (a, b) => a === b);
export const lessOp = comparison("less", "<", (a, b) => a < b);
export const lessEqualOp = comparison("lessEqual", "<=", (a, b) => a <= b);

/** `ofBool` is the operator where that of integers is none of bool. */
function logical(
  name: string,
  operator: string,
  cpu: (a: number, b: number) => number,
  ofBool = operator,
): Op {
  return elementwise(name, {
    dtype: ([a, b]) => {
      if (a.dtype !== b.dtype || isFloat(a.dtype)) {
        refuse(name, `needs two tensors of one integer dtype or bool, got ${a.dtype} and ${b.dtype}`);
      }
      return a.dtype;
    },
    text: (args, type) => infix(type.dtype === "bool" ? ofBool : operator)(args),
    cpu,
    partials: "nondifferentiable",
  });
}

export const andOp = logical("bitwiseAnd", "&", (a, b) => a & b);
export const orOp = logical("bitwiseOr", "|", (a, b) => a | b);

export const xorOp = logical("bitwiseXor", "^", (a, b) => a ^ b, "!=");
/** Shifts zeros in from the left. */
export const shiftRightOp = elementwise("shiftRight", {
  dtype: ([a, b]) => {
    if (b.dtype !== "uint32" || a.dtype !== "uint32") {
      refuse("shiftRight", `needs two uint32 tensors, got ${a.dtype} and ${b.dtype}`);
    }
    return "uint32";
  },
  text: infix(">>"),
  cpu: (a, b) => a >>> b,
  partials: "nondifferentiable",
});

/** Whether a float is NaN. */
export const isNaNOp = elementwise("isNaN", {
  dtype: ([x]) => (isFloat(x.dtype) ? "bool" : refuse("isNaN", `needs a float tensor, got ${x.dtype}`)),
  text: ([x], type) => isNaNText(x, type.width),
  cpu: (x) => Number(Number.isNaN(x)),
  partials: "nondifferentiable",
});

export const notOp = elementwise("logicalNot", {
  dtype: ([x]) => (x.dtype === "bool" ? "bool" : refuse("logicalNot", `needs bool, got ${x.dtype}`)),
  text: ([x]) => `!${x}`,
  cpu: (x) => Number(!x),
  partials: "nondifferentiable",
});

/** Elements of input 1 where input 0 is true, else of input 2. */
export const whereOp = elementwise("where", {
  dtype: ([condition, a, b]) => {
    if (condition.dtype !== "bool") refuse("where", `condition must be bool, got ${condition.dtype}`);
    if (a.dtype !== b.dtype) refuse("where", `dtypes ${a.dtype} and ${b.dtype} differ`);
    return a.dtype;
  },
  text: ([condition, a, b]) => `select(${b}, ${a}, ${condition})`,
  cpu: (condition, a, b) => (condition ? a : b),
  partials: [
    undefined,
    (t, n) => where(n.inputs[0], t, constantLike(t, 0)),
    (t, n) => where(n.inputs[0], constantLike(t, 0), t),
  ],
  linearIn: [1, 2],
});

/** The angle of (x, y), y first. */
export const atan2Op = elementwise("atan2", {
  dtype: (inputs) => {
    requireFloat("atan2", inputs[0]);
    return sameDType("atan2")(inputs);
  },
  text: ([y, x], type) => `${call4("saddle_atan2", type.width)}(${y}, ${x})`,
  helpers: atan2Helpers,
  cpu: Math.atan2,
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

export const binaryOps = [
  addOp,
  subOp,
  mulOp,
  mulNoNanOp,
  divOp,
  negOp,
  maximumOp,
  minimumOp,
  powOp,
  logOp,
  atan2Op,
  equalOp,
  lessOp,
  lessEqualOp,
  andOp,
  orOp,
  xorOp,
  shiftRightOp,
  isNaNOp,
  notOp,
  whereOp,
];
