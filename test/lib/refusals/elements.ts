/** Bad arguments of creation, elementwise functions and reductions. */
import * as sd from "../../../lib";
import { type Tensor } from "../../../lib";
import {
  alongAxis,
  broadcast,
  call,
  created,
  matrix,
  options,
  reduction,
  row,
  rows,
  severalAxes,
  shaped,
  tensorLike,
  text,
  unary,
  wrong,
  type Row,
} from "./support";

const creation: Record<string, Row> = {
  tensor: row(
    [() => sd.tensor(wrong([5n])), "value must be numbers, got 5n at depth 1"],
    ...unary(sd.tensor, "value").slice(1),
    [() => sd.tensor(text), `value ${tensorLike} "text"`],
    [() => sd.tensor([1, 2, 3], { shape: [2] }), "shape [2] has 2 elements, value 3"],
    [() => sd.tensor([1], { shape: wrong(1) }), "shape must be an array of non-negative integers, got 1"],
    [() => sd.tensor([1], wrong({ dtpye: "int32" })), 'unknown option "dtpye"; did you mean "dtype"?'],
    [() => sd.tensor([1], wrong({ wrongOption: 1 })), options("wrongOption", "dtype, shape")],
    [() => sd.tensor([1], { dtype: wrong("in32") }), 'got "in32"; did you mean "int32"?'],
    [() => sd.tensor([[[[[[[[[1]]]]]]]]]), "value has 9 dimensions, at most 8 are supported"],
  ),
  full: row(
    ...shaped((shape: number[]) => sd.full(shape, 1)),
    [() => sd.full([2], text), 'value must be a number, got "text"'],
    [() => sd.full([2], wrong(5n)), "value must be a number, got 5n"],
    [() => sd.full(wrong([2n]), 5), "shape must be an array of non-negative integers, got [2n]"],
    ...created((o) => sd.full([2], 1, wrong(o))),
  ),
  zeros: row(...shaped(sd.zeros), ...created((o) => sd.zeros([2], wrong(o)))),
  ones: row(...shaped(sd.ones), ...created((o) => sd.ones([2], wrong(o)))),
  ...rows("zerosLike onesLike fullLike", (f) => [[() => call(f, [1], 1), "x must be a tensor, got [1]"]]),
  fullLike: row(
    [() => sd.fullLike(wrong(1), 1), "x must be a tensor, got 1"],
    [() => sd.fullLike(matrix, text), 'value must be a number, got "text"'],
  ),
  eye: row(
    [() => sd.eye(-1), "n must be a whole number of at least 0, got -1"],
    [() => sd.eye(2, NaN), "m must be a whole number of at least 0, got NaN"],
    [() => sd.eye(2, wrong({ dtype: "int32" })), "m must be a whole number of at least 0, got {dtype}"],
    ...created((o) => sd.eye(2, 2, wrong(o))),
  ),
  arange: row(
    [() => sd.arange(NaN, 2), "start must be a finite number, got NaN"],
    [() => sd.arange(text), 'stop must be a finite number, got "text"'],
    [() => sd.arange(0, Infinity), "stop must be a finite number, got Infinity"],
    [() => sd.arange(0, 1, text), 'step must be a finite number, got "text"'],
    [() => sd.arange(0, 1, 0), "step must not be 0, got 0"],
    ...created((o) => sd.arange(0, 3, 1, wrong(o))),
  ),
  linspace: row(
    [() => sd.linspace(text, 1), 'start must be a finite number, got "text"'],
    [() => sd.linspace(0, NaN), "stop must be a finite number, got NaN"],
    [() => sd.linspace(0, 1, 2.5), "count must be a whole number of at least 0, got 2.5"],
    ...created((o) => sd.linspace(0, 1, 3, wrong(o))),
  ),
};

const elementwise: Record<string, Row> = {
  ...rows("neg abs sign floor ceil round exp expm1 log log1p sqrt rsqrt square reciprocal", unary),
  ...rows("sin cos tan asin acos atan sinh cosh tanh sigmoid erf erfinv", unary),
  ...rows("relu gelu silu softplus logicalNot isNaN", unary),
  ...rows("add sub mul div pow maximum minimum atan2", broadcast),
  ...rows("equal notEqual less lessEqual greater greaterEqual logicalAnd logicalOr", broadcast),
  leakyRelu: row(...unary(sd.leakyRelu), [
    () => sd.leakyRelu(1, NaN),
    "slope must be a finite number, got NaN",
  ]),
  elu: row(...unary(sd.elu), [() => sd.elu(1, text), 'alpha must be a finite number, got "text"']),
  clip: row(
    ...unary((x: Tensor) => sd.clip(x, 0)),
    [() => sd.clip(1), "needs min, max or both"],
    [() => sd.clip(1, null, null), "needs min, max or both"],
    [() => sd.clip(1, 3, 2), "min must not exceed max, got min 3 and max 2"],
    [() => sd.clip(1, text), `min ${tensorLike} "text"`],
    [() => sd.clip(1, 0, text), `max ${tensorLike} "text"`],
    [() => sd.clip([1, 2], [1, 2, 3]), "shapes of x [2] and min [3] do not broadcast"],
  ),
  where: row(
    ...broadcast((a: Tensor, b: Tensor) => sd.where(true, a, b)),
    [() => sd.where(text, 1, 2), `condition ${tensorLike} "text"`],
    [() => sd.where([true, false], [1], [1, 2, 3]), "shapes of condition [2] and a [3] and b [3] do not"],
  ),
  astype: row(...unary((x: Tensor) => sd.astype(x, "int32")), [
    () => sd.astype(1, wrong("float")),
    'dtype must be one of bool, uint32, int32, float16, float32, float64, got "float"',
  ]),
  to: row(...unary((x: Tensor) => sd.to(x, sd.cpu)), [
    () => sd.to(1, wrong("cpu")),
    'device must be one of those that `await devices()` lists, got "cpu"',
  ]),
};

const reductions: Record<string, Row> = {
  ...rows("sum mean max min prod logsumexp any all", severalAxes),
  ...rows("argmax argmin", (f) => [
    ...reduction(f),
    [() => call(f, sd.zeros([0, 3]), 0), "x must hold an element along the axis, got shape [0, 3]"],
  ]),
  ...rows("softmax logSoftmax cumsum", alongAxis),
  ...rows("variance std", (f) => [
    ...reduction(f, "keepdims, ddof"),
    [() => call(f, [1], 0, { ddof: NaN }), "ddof must be a finite number, got NaN"],
  ]),
  norm: row(...reduction(sd.norm, "keepdims, ord"), [
    () => sd.norm([1], 0, { ord: 3 }),
    "ord must be 1, 2 or Infinity, got 3",
  ]),
  ...rows("sort argsort", (f) => [
    ...alongAxis(f),
    [() => call(f, [1], 0, { wrongOption: true }), options("wrongOption", "descending")],
    [() => call(f, [1], 0, { descending: 1 }), "descending must be true or false, got 1"],
  ]),
  topK: row(
    ...unary((x: Tensor) => sd.topK(x, 1)),
    [() => sd.topK([1, 2], 3), "k must be an integer from 0 to 2, the length of axis 0 of shape [2], got 3"],
    [() => sd.topK([1], 1, 2), "axis 2 is out of range for a tensor of 1 dimension"],
  ),
};

export const elementsTable = { ...creation, ...elementwise, ...reductions };
