/** Bad arguments of linear algebra. */
import { linalg, type Tensor } from "../../../lib";
import {
  call,
  matrix,
  options,
  row,
  rows,
  tensorLike,
  text,
  unary,
  wrong,
  type Refusal,
  type Row,
} from "./support";

const matrices = (f: unknown): readonly Refusal[] => [
  ...unary(f, "a"),
  [() => call(f, [1, 2]), "a must be a matrix [m, n] or a batch of them [..., m, n], got shape [2]"],
  // Only whoever reads the numbers can tell.
  [() => readOf(f, [[NaN]]), "the matrix has NaN at [0, 0]"],
];
const squares = (f: unknown): readonly Refusal[] => [
  ...matrices(f),
  [() => call(f, [[1, 2]]), "a must be square matrices [..., n, n], got shape [1, 2]"],
];

/** What `f` gives, read. */
function readOf(f: unknown, a: unknown): unknown {
  const result = call(f, a) as Tensor | readonly Tensor[];
  return (Array.isArray(result) ? (result[0] as Tensor) : (result as Tensor)).data();
}

const iteration = (f: unknown, known: string): readonly Refusal[] => [
  [() => call(f, 1), "op must be a LinearOperator {shape, matvec} or a matrix, got 1"],
  [() => call(f, { shape: [2, 3], matvec: Math.abs }), "op must be square, [n, n], got shape [2, 3]"],
  [
    () => call(f, { shape: [1, 1], matvec: () => 1 }, { seed: 0 }),
    "op.matvec must return a tensor of shape [1], got 1",
  ],
  [() => call(f, matrix, { wrongOption: 1 }), options("wrongOption", known)],
];
const seeded = (f: unknown): Refusal => [
  () => call(f, matrix, { seed: -1 }),
  "seed must be a whole number of at least 0, got -1",
];
const wholeOption = (f: unknown, name: string): Refusal => [
  () => call(f, matrix, { [name]: 0.5 }),
  `${name} must be a whole number of at least 1, got 0.5`,
];
const conjugate = (o: unknown): unknown => linalg.cg(matrix, [1, 2], wrong(o));

export const linalgTable: Record<string, Row> = {
  ...rows("eigh eigvalsh cholesky inv det slogdet", squares, linalg),
  ...rows("svd svdvals qr", matrices, linalg),
  solve: row(
    ...squares((a: Tensor) => linalg.solve(a, [1])),
    [() => linalg.solve(matrix, text), `b ${tensorLike} "text"`],
    [() => linalg.solve(matrix, [1, 2, 3]), "b must have shape [2] or [..., 2, k] for a of [2, 2], got [3]"],
    [
      () =>
        linalg
          .solve([matrix.shape, [1, 1]] as never, [
            [[1], [1]],
            [[1], [1]],
            [[1], [1]],
          ])
          .data(),
      "the matrix is",
    ],
  ),
  norm: row(
    ...unary(linalg.norm),
    [() => readOf((a: Tensor) => linalg.norm(a, 2), [[Infinity]]), "the matrix has Infinity at [0, 0]"],
    [
      () => linalg.norm(matrix, wrong("nuk")),
      'ord must be one of "fro", "nuc", 2, -2, 1, -1, Infinity, -Infinity, got "nuk"',
    ],
    [() => linalg.norm([1], "fro"), 'ord "fro" is a norm of matrices, got one axis'],
    [() => linalg.norm([1], NaN), "ord must be 1, 2 or Infinity, got NaN"],
    [() => linalg.norm([[[1]]], 1), "ord 1 needs one or two axes, got 3 of shape [1, 1, 1]"],
    [() => linalg.norm(matrix, 1, { axis: 2 }), "axis 2 is out of range for a tensor of 2 dimensions"],
    [() => linalg.norm(matrix, 1, { keepdims: wrong(1) }), "keepdims must be true or false, got 1"],
    [() => linalg.norm(matrix, 1, wrong({ wrongOption: 1 })), options("wrongOption", "axis, keepdims")],
  ),
  cond: row(...matrices(linalg.cond), [() => linalg.cond(matrix, 3), 'ord must be one of "fro", "nuc", 2']),
  matrixRank: row(
    ...matrices(linalg.matrixRank),
    [() => linalg.matrixRank(matrix, { tol: NaN }), "tol must be at least 0, got NaN"],
    [() => linalg.matrixRank(matrix, wrong({ wrongOption: 1 })), options("wrongOption", "tol")],
  ),
  pinv: row(
    ...matrices(linalg.pinv),
    [() => linalg.pinv(matrix, { rcond: -1 }), "rcond must be at least 0, got -1"],
    [() => linalg.pinv(matrix, wrong({ wrongOption: 1 })), options("wrongOption", "rcond")],
  ),
  cg: row(
    ...iteration((op: never) => linalg.cg(op, [1]), "").slice(0, 2),
    [() => linalg.cg(matrix, [1]), "b must have shape [2], got [1]"],
    [() => linalg.cg(matrix, [1, NaN]), "b must be finite, got NaN in it"],
    [() => conjugate({ x0: [1] }), "x0 must have shape [2], got [1]"],
    [() => conjugate({ tol: NaN }), "tol must be a finite number above 0, got NaN"],
    [() => conjugate({ maxIterations: 0.5 }), "maxIterations must be a whole number of at least 1, got 0.5"],
    [() => conjugate({ wrongOption: 1 }), options("wrongOption", "tol, maxIterations, x0")],
  ),
  lanczos: row(
    ...iteration((op: never, o: never) => linalg.lanczos(op, o), "steps, start, seed"),
    seeded(linalg.lanczos),
    wholeOption(linalg.lanczos, "steps"),
    [() => linalg.lanczos(matrix, { start: [1] }), "start must have shape [2], got [1]"],
    [() => linalg.lanczos(matrix, { start: [0, 0] }), "start is zero"],
  ),
  lobpcg: row(
    ...iteration((op: never, o: never) => linalg.lobpcg(op, o), "k, which, tol, maxIterations, seed"),
    seeded(linalg.lobpcg),
    wholeOption(linalg.lobpcg, "k"),
    wholeOption(linalg.lobpcg, "maxIterations"),
    [() => linalg.lobpcg(matrix, { k: 3 }), "k must be at most n = 2, got 3"],
    [() => linalg.lobpcg(matrix, { which: wrong("LM") }), 'which must be "LA" or "SA", got "LM"'],
    [() => linalg.lobpcg(matrix, { tol: 0 }), "tol must be a finite number above 0, got 0"],
  ),
};
