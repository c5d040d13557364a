/** Bad arguments that many functions have in common, and how a table of them is written. */
import * as sd from "../../../lib";
import { tensor, type Tensor } from "../../../lib";

/** A call to be refused, and what its message says after "name: ". */
export type Refusal = readonly [call: () => unknown, message: string];

/** The refusals of a function, with the parameters for which any value is good, and why; or why there is none. */
export interface Row {
  readonly refusals: readonly Refusal[];
  readonly free?: Readonly<Record<string, string>>;
}

export const wrong = (value: unknown): never => value as never;
export const text = wrong("text");
export const tensorLike = "must be a tensor, a number or nested arrays of numbers, got";
export const options = (name: string, known: string): string =>
  `unknown option "${name}" (options: ${known})`;
export const matrix = tensor([[2, 1], [1, 3]]); // prettier-ignore
export const whole = tensor([1, 2]).astype("int32");
export const id = (x: Tensor): Tensor => x;
export const total = (x: Tensor): Tensor => x.sum();

type AnyFunction = (...args: readonly unknown[]) => unknown;
export const call = (f: unknown, ...args: readonly unknown[]): unknown => (f as AnyFunction)(...args);
export const row = (...refusals: readonly Refusal[]): Row => ({ refusals });

export function rows(
  names: string,
  of: (f: unknown) => readonly Refusal[],
  from: object = sd,
): Record<string, Row> {
  return Object.fromEntries(
    names.split(" ").map((name) => [name, row(...of(from[name as keyof typeof from]))]),
  );
}

export const unary = (f: unknown, name = "x"): readonly Refusal[] => [
  [() => call(f, "text"), `${name} ${tensorLike} "text"`],
  [() => call(f, [[1, 2], [3]]), `${name} is ragged: length 2 is wanted at depth 1, got length 1`],
  [() => call(f, [1, undefined]), `${name} must be numbers, got undefined at depth 1`],
  [
    () => call(f, new BigInt64Array(1)),
    `${name} must be numbers of at most 32 bits or Float64Array, got a Big`,
  ],
];
export const binary = (f: unknown): readonly Refusal[] => [
  [() => call(f, null, 1), `a ${tensorLike} null`],
  [() => call(f, 1, { b: 1 }), `b ${tensorLike} {b}`],
];
export const broadcast = (f: unknown): readonly Refusal[] => [
  ...binary(f),
  [() => call(f, [1, 2], [1, 2, 3]), "shapes of a [2] and b [3] do not broadcast"],
];
export const alongAxis = (f: unknown): readonly Refusal[] => [
  ...unary(f),
  [() => call(f, [1, 2], 1), "axis 1 is out of range for a tensor of 1 dimension"],
  [() => call(f, [1, 2], NaN), "axis must be an integer, got NaN"],
];
export const reduction = (f: unknown, known = "keepdims"): readonly Refusal[] => [
  ...alongAxis(f),
  [() => call(f, [1, 2], { keepdims: true }), "axis must be an integer, got {keepdims}"],
  [() => call(f, [1, 2], 0, true), `options must be an object {${known}}, got true`],
  [() => call(f, [1, 2], 0, { wrongOption: true }), options("wrongOption", known)],
  [() => call(f, [1, 2], 0, { keepdims: 1 }), "keepdims must be true or false, got 1"],
];
export const severalAxes = (f: unknown): readonly Refusal[] => [
  ...reduction(f),
  [() => call(f, [[1, 2]], [0, -2]), "axis [0, -2] names an axis twice"],
];
export const created = (make: (options: unknown) => unknown): readonly Refusal[] => [
  [() => make({ wrongOption: 1 }), options("wrongOption", "dtype")],
  [() => make("float32"), 'options must be an object {dtype}, got "float32"'],
  [() => make({ dtype: "in32" }), 'got "in32"; did you mean "int32"?'],
  [() => make({ dtype: 3 }), "dtype must be one of bool, uint32, int32, float16, float32, float64, got 3"],
];
export const shaped = (f: unknown): readonly Refusal[] => [
  [() => call(f, 3), "shape must be an array of non-negative integers, got 3"],
  [() => call(f, [2, -1]), "shape must be an array of non-negative integers, got [2, -1]"],
  [() => call(f, [NaN]), "shape must be an array of non-negative integers, got [NaN]"],
  [() => call(f, new Array(9).fill(1)), "shape has 9 dimensions, at most 8 are supported"],
];
