/** Bad arguments of random numbers. */
import { random, tensor } from "../../../lib";
import {
  call,
  options,
  row,
  shaped,
  tensorLike,
  text,
  wrong,
  type Refusal,
  type Row,
  whole,
} from "./support";

const key = random.key(0);
const drawn = (f: unknown, ...rest: readonly unknown[]): readonly Refusal[] => [
  [() => call(f, 0, [2], ...rest), "key must be a key, as random.key(seed) makes it, got 0"],
  [() => call(f, whole, [2], ...rest), "key must be a key, as random.key(seed) makes it, got int32 [2]"],
  ...shaped((shape: unknown) => call(f, key, shape, ...rest)),
];
const draw = (f: unknown, o: unknown): unknown => call(f, key, [2], o);
const parameters = (f: unknown, known: string): readonly Refusal[] => [
  ...drawn(f),
  [() => draw(f, { wrongOption: 1 }), options("wrongOption", known)],
  ...known.split(", ").flatMap((name): Refusal[] => [
    [() => draw(f, { [name]: NaN }), `${name} must be a finite number, got NaN`],
    [() => draw(f, { [name]: "text" }), `${name} ${tensorLike} "text"`],
    [
      () => draw(f, { [name]: [1, 2, 3] }),
      `${name} must be a number or broadcast to the draws' shape [2], got shape [3]`,
    ],
  ]),
];

export const randomTable: Record<string, Row> = {
  key: row(
    [() => random.key(-1), "seed must be a whole number from 0 to 2^53 - 1, got -1"],
    [() => random.key(NaN), "seed must be a whole number from 0 to 2^53 - 1, got NaN"],
  ),
  bits: row(...drawn(random.bits)),
  split: row(...drawn(random.split).slice(0, 2), [
    () => random.split(key, 0),
    "count must be a whole number of at least 1, got 0",
  ]),
  foldIn: row(
    ...drawn(random.foldIn).slice(0, 2),
    [() => random.foldIn(key, -1), "data must be a non-negative integer below 2^32, got -1"],
    [() => random.foldIn(key, [1, 2]), "data must be one number, got shape [2]"],
    [() => random.foldIn(key, text), `data ${tensorLike} "text"`],
  ),
  uniform: row(
    ...parameters(random.uniform, "minval, maxval"),
    [
      () => draw(random.uniform, { minval: 2, maxval: 1 }),
      "minval must not exceed maxval, got minval 2 and m",
    ],
    [() => draw(random.uniform, { minval: [0, 3], maxval: tensor([1, 2]) }), "minval must not exceed maxval"],
    [() => draw(random.uniform, { maxval: [NaN, 2] }), "minval must not exceed maxval"],
  ),
  normal: row(
    ...parameters(random.normal, "mean, std"),
    [() => draw(random.normal, { std: -1 }), "std must be at least 0, got -1"],
    [() => draw(random.normal, { std: [1, -1] }), "std must be at least 0, got [1, -1]"],
    [() => draw(random.normal, { std: tensor([NaN, 1]) }), "std must be at least 0, got a Tensor"],
  ),
  bernoulli: row(
    ...parameters(random.bernoulli, "p").filter(([, message]) => !message.includes("NaN")),
    [() => random.bernoulli(key, [2], { p: 1.5 }), "p must lie in [0, 1], got 1.5"],
    [() => random.bernoulli(key, [2], { p: [0.5, -1] }), "p must lie in [0, 1], got [0.5, -1]"],
  ),
  truncatedNormal: row(
    ...drawn(random.truncatedNormal),
    [() => draw(random.truncatedNormal, { wrongOption: 1 }), options("wrongOption", "lower, upper")],
    [() => draw(random.truncatedNormal, { lower: "text" }), 'lower must be a number, got "text"'],
    [() => draw(random.truncatedNormal, { upper: "text" }), 'upper must be a number, got "text"'],
    [() => draw(random.truncatedNormal, { lower: 3 }), "lower must be below upper, got 3 and 2"],
    [() => draw(random.truncatedNormal, { upper: NaN }), "lower must be below upper, got -2 and NaN"],
  ),
  randint: row(
    ...drawn(random.randint, { maxval: 3 }),
    [
      () => draw(random.randint, undefined),
      "minval and maxval must be integers, minval below maxval, got 0 and undefined",
    ],
    [
      () => draw(random.randint, { maxval: NaN }),
      "minval and maxval must be integers, minval below maxval, got 0 and NaN",
    ],
    [
      () => draw(random.randint, { minval: -(2 ** 31), maxval: 2 ** 31 - 1 }),
      "maxval - minval must be at most 2^31, got -2147483648 and 2147483647, which differ by 4294967295",
    ],
    [
      () => draw(random.randint, { minval: 2 ** 40, maxval: 2 ** 40 + 1 }),
      "minval and maxval must lie in [-2^31, 2^31], the range of int32, got 1099511627776 and 1099511627777",
    ],
    [() => draw(random.randint, { wrongOption: 1 }), options("wrongOption", "minval, maxval")],
  ),
  categorical: row(
    ...drawn(random.categorical, { logits: [0, 0] }),
    [() => draw(random.categorical, undefined), `logits ${tensorLike} undefined`],
    [() => draw(random.categorical, { logits: 1 }), "logits must have an axis of categories, got a scalar"],
    [
      () => draw(random.categorical, { logits: [[1], [1], [1]] }),
      "logits must have leading axes that broadcast to [2], got [3, 1]",
    ],
    [() => draw(random.categorical, { logits: [0, NaN] }), "logits must not be NaN, got [0, NaN]"],
    [() => draw(random.categorical, { logits: tensor([0, NaN]) }), "logits must not be NaN, got a Tensor"],
    [() => draw(random.categorical, { wrongOption: 1 }), options("wrongOption", "logits")],
  ),
  permutation: row(
    [() => random.permutation(wrong(0), 3), "key must be a key, as random.key(seed) makes it, got 0"],
    [() => random.permutation(key, -1), "x must be a count or a tensor with an axis, got -1"],
    [() => random.permutation(key, NaN), "x must be a count or a tensor with an axis, got NaN"],
  ),
};
