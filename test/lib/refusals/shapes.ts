/** Bad arguments of what rearranges, indexes and multiplies. */
import * as sd from "../../../lib";
import { type Tensor } from "../../../lib";
import {
  alongAxis,
  binary,
  call,
  matrix,
  options,
  row,
  rows,
  shaped,
  tensorLike,
  text,
  unary,
  wrong,
  type Refusal,
  type Row,
} from "./support";

const image = sd.zeros([1, 2, 4, 4]);

const shapes: Record<string, Row> = {
  reshape: row(
    ...unary((x: Tensor) => sd.reshape(x, [1])),
    [() => sd.reshape([1, 2], [3]), "x [2] has 2 elements, shape [3] has 3"],
    [() => sd.reshape([1, 2], wrong(2)), "shape must be an array of integers, got 2"],
    [() => sd.reshape([1, 2], [-1, -1]), "at most one length of shape may be -1, got [-1, -1]"],
    [() => sd.reshape([1, 2, 3], [-1, 2]), "shape [-1, 2] must divide the 3 elements of x [3]"],
  ),
  transpose: row(...unary(sd.transpose), [
    () => sd.transpose(matrix, [0, 0]),
    "axes must name each of the 2 axes once, got [0, 0]",
  ]),
  swapaxes: row(
    ...unary((x: Tensor) => sd.swapaxes(x, 0, 0)),
    [() => sd.swapaxes(matrix, 2, 0), "axis1 2 is out of range for a tensor of 2 dimensions"],
    [() => sd.swapaxes(matrix, 0, NaN), "axis2 must be an integer, got NaN"],
  ),
  expandDims: row(...unary((x: Tensor) => sd.expandDims(x, 0)), [
    () => sd.expandDims(matrix, 3),
    "axis 3 is out of range for a tensor of 3 dimensions",
  ]),
  squeeze: row(...alongAxis(sd.squeeze), [
    () => sd.squeeze(matrix, 0),
    "axis 0 of shape [2, 2] has length 2, not 1",
  ]),
  broadcastTo: row(
    ...unary((x: Tensor) => sd.broadcastTo(x, [2])),
    ...shaped((shape: number[]) => sd.broadcastTo(1, shape)),
    [() => sd.broadcastTo([1, 2], [3]), "x [2] does not broadcast to shape [3]"],
  ),
  slice: row(
    ...unary((x: Tensor) => sd.slice(x, [0], [1])),
    [() => sd.slice([1], wrong(0), [1]), "starts must be an array of integers, got 0"],
    [() => sd.slice([1], [0], [NaN]), "ends must be an array of integers, got [NaN]"],
    [() => sd.slice([1], [0], [1], [0.5]), "steps must be an array of integers, got [0.5]"],
    [() => sd.slice([1], [0], [1], [0]), "steps must not be 0, got [0]"],
    [
      () => sd.slice([1], [0, 0], [1]),
      "starts, ends and steps must have one length of at most 1 (shape [1]), got 2",
    ],
  ),
  pad: row(
    ...unary((x: Tensor) => sd.pad(x, [[1, 1]])),
    [
      () => sd.pad([1], [1, 1] as never),
      "widths must be [[before, after], …], a pair of counts for each of the 1 axes",
    ],
    [() => sd.pad([1], [[1, 1]], text), 'value must be a number, got "text"'],
  ),
  flip: row(...alongAxis(sd.flip)),
  concatenate: row(
    [() => sd.concatenate([]), "tensors must be an array of at least one tensor, got []"],
    [() => sd.concatenate([[1], text]), `tensors[1] ${tensorLike} "text"`],
    [
      () => sd.concatenate([[[1]], [[1, 2]]]),
      "tensors must agree outside axis 0, got shapes [1, 1] and [1, 2]",
    ],
    [() => sd.concatenate([[1]], 1), "axis 1 is out of range for a tensor of 1 dimension"],
  ),
  stack: row(
    [() => sd.stack(wrong(matrix)), "tensors must be an array of at least one tensor, got a Tensor"],
    [() => sd.stack([[1], [1, 2]]), "tensors must have one shape, got [1] and [2]"],
    [() => sd.stack([[1]], 2), "axis 2 is out of range for a tensor of 2 dimensions"],
  ),
  split: row(
    ...unary((x: Tensor) => sd.split(x, 1)),
    [() => sd.split([1, 2, 3], 2), "parts must divide the length 3 of axis 0, got 2"],
    [() => sd.split([1, 2, 3], text), 'parts must be a count or an array of integer positions, got "text"'],
    [() => sd.split([1, 2, 3], [0.5]), "parts must be a count or an array of integer positions, got [0.5]"],
    [() => sd.split([1], 1, 1), "axis 1 is out of range for a tensor of 1 dimension"],
  ),
  tile: row(...unary((x: Tensor) => sd.tile(x, 2)), [
    () => sd.tile([1], -1),
    "repeats must be an array of non-negative integers, got [-1]",
  ]),
  repeat: row(
    ...unary((x: Tensor) => sd.repeat(x, 2)),
    [() => sd.repeat([1], 0.5), "count must be a whole number of at least 0, got 0.5"],
    [() => sd.repeat([1], 1, 1), "axis 1 is out of range for a tensor of 1 dimension"],
  ),
  take: row(
    ...unary((x: Tensor) => sd.take(x, 0)),
    [() => sd.take([1], [true]), "indices must be integers, got bool; select by a mask with where"],
    [() => sd.take([1], [0.5]), "indices must be integers, got 0.5"],
    [() => sd.take([1], NaN), "indices must be integers, got NaN"],
    [() => sd.take([1], sd.tensor([NaN])), "indices must be integers, got NaN or infinity among them"],
    [() => sd.take([1], 0, 1), "axis 1 is out of range for a tensor of 1 dimension"],
    [() => sd.take([], 0, 0), "axis 0 of shape [0] has no element to take"],
  ),
  takeAlongAxis: row(
    ...unary((x: Tensor) => sd.takeAlongAxis(x, [0], 0)),
    [() => sd.takeAlongAxis([[1]], [0], 0), "indices of shape [1] do not fit x of shape [1, 1] along axis 0"],
    [() => sd.takeAlongAxis([1], [0], wrong(undefined)), "axis must be an integer, got undefined"],
  ),
  scatterAdd: row(
    ...unary((x: Tensor) => sd.scatterAdd(x, [0], [1])),
    [() => sd.scatterAdd([1], text, [1]), `indices ${tensorLike} "text"`],
    [() => sd.scatterAdd([1], [0], text), `updates ${tensorLike} "text"`],
    [() => sd.scatterAdd([1], [0], [1, 2]), "updates must have shape [1], got [2]"],
    [() => sd.scatterAdd([1], [0], [1], -2), "axis -2 is out of range for a tensor of 1 dimension"],
  ),
};

const window = (f: unknown): readonly Refusal[] => [
  ...unary((x: Tensor) => call(f, x, { kernel: 2 })),
  [() => call(f, [1], { kernel: 2 }), "x must have shape [samples, channels, height, width], got [1]"],
  [() => call(f, image, { kernel: 2, wrongOption: 1 }), options("wrongOption", "kernel, stride, padding")],
  [() => call(f, image, {}), "kernel must be an integer of at least 1 or a pair of them, got undefined"],
  [() => call(f, image, { kernel: 0 }), "kernel must be an integer of at least 1 or a pair of them, got 0"],
  [
    () => call(f, image, { kernel: 2, stride: NaN }),
    "stride must be an integer of at least 1 or a pair of them, got NaN",
  ],
  [() => call(f, image, { kernel: 2, padding: "valid" }), 'padding must be counts or "same", got "valid"'],
  [
    () => call(f, image, { kernel: 2, padding: 2 }),
    "padding must be less than the kernel, got 2 for a kernel of 2 × 2",
  ],
  [() => call(f, image, { kernel: 9 }), "a window of 9 × 9 does not fit into images of 4 × 4 with padding 0"],
];
const kernels = sd.zeros([3, 2, 3, 3]);
const convolve = (o: unknown): unknown => sd.conv2d(image, kernels, wrong(o));

const products: Record<string, Row> = {
  ...rows("matmul dot", binary),
  outer: row(...binary(sd.outer)),
  matmul: row(
    ...binary(sd.matmul),
    [
      () => sd.matmul(2, [1]),
      "a and b must have at least one axis, got shapes [] and [1]; use mul for scalars",
    ],
    [() => sd.matmul(matrix, [1]), "a [2, 2] and b [1] do not fit: the inner lengths are 2 and 1"],
    [
      () => sd.matmul(sd.zeros([2, 3, 3]), sd.zeros([4, 3, 3])),
      "leading axes of a [2, 3, 3] and b [4, 3, 3]",
    ],
  ),
  dot: row(...binary(sd.dot), [() => sd.dot([1, 2], [1]), "a and b must have one length, got 2 and 1"]),
  einsum: row(
    [() => sd.einsum(wrong(1), [1]), "subscripts must be a string, got 1"],
    [() => sd.einsum("i"), "operands must be at least one tensor, got none"],
    [() => sd.einsum("i", text), `operand 0 ${tensorLike} "text"`],
    [() => sd.einsum("i,j", [1]), 'subscripts "i,j" name 2 operands, got 1'],
    [() => sd.einsum("ij", [[1]], [1]), 'subscripts "ij" name 1 operand, got 2'],
    [() => sd.einsum("ij->->i", [[1]]), 'subscripts must have at most one "->", got "ij->->i"'],
    [
      () => sd.einsum("i1", [1]),
      'subscripts must be letters and at most one "..." for each operand, got "i1"',
    ],
    [() => sd.einsum("ij", [1]), 'subscripts "ij" in "ij" name 2 axes, the operand has 1'],
    [() => sd.einsum("i->j", [1]), 'subscripts "i->j" have "j" in the output, which is in no operand'],
    [() => sd.einsum("i->ii", [1]), 'subscripts "i->ii" repeat a letter in the output'],
    [() => sd.einsum("i,i", [1, 2], [1, 2, 3]), 'letter "i" of subscripts "i,i" has lengths 2 and 3'],
  ),
  conv2d: row(
    [() => sd.conv2d(text, kernels), `x ${tensorLike} "text"`],
    [() => sd.conv2d(image, text), `w ${tensorLike} "text"`],
    [() => sd.conv2d(matrix, kernels), "x must have shape [samples, channels, height, width], got [2, 2]"],
    [() => sd.conv2d(image, matrix), "w must have shape [out, in / groups, height, width], got [2, 2]"],
    [
      () => sd.conv2d(image, sd.zeros([3, 5, 3, 3])),
      "x of 2 channels and w of shape [3, 5, 3, 3] do not fit",
    ],
    [() => convolve({ wrongOption: 1 }), options("wrongOption", "stride, padding, dilation, groups")],
    [() => convolve({ stride: 0 }), "stride must be an integer of at least 1 or a pair of them, got 0"],
    [
      () => convolve({ dilation: [1] }),
      "dilation must be an integer of at least 1 or a pair of them, got [1]",
    ],
    [() => convolve({ padding: -1 }), "padding must be an integer of at least 0 or a pair of them, got -1"],
    [() => convolve({ groups: NaN }), "groups must be a whole number of at least 1, got NaN"],
  ),
  ...rows("maxPool2d avgPool2d", window),
};

export const shapesTable = { ...shapes, ...products };
