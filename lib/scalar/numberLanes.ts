/** One lane that is a JavaScript number, and a mask that is a boolean: what the instructions mean. */
import { converted, wrapped } from "../util/conversion";
import { isFloat } from "../util/dtypes";
import { roundHalfEven } from "../util/rounding";
import type { LaneType, Lanes, Mask, Num, Value } from "./lanes";

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);
const double = new Float64Array(1);
const doubleBits = new BigUint64Array(double.buffer);

type Binary = (a: number, b: number) => number;
type Unary = (x: number) => number;

interface Arithmetic {
  readonly lit: Unary;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly sqrt: Unary;
  readonly upperHalf: Unary;
}

const ofFloat64: Arithmetic = {
  lit: (x) => x,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  sqrt: Math.sqrt,
  upperHalf: (x) => {
    double[0] = x;
    doubleBits[0] &= 0xfffffffff8000000n;
    return double[0];
  },
};

/** Rounded twice, once to float64, + − × ÷ √ are what they would be rounded once. */
const ofFloat32: Arithmetic = {
  lit: Math.fround,
  add: (a, b) => Math.fround(a + b),
  sub: (a, b) => Math.fround(a - b),
  mul: (a, b) => Math.fround(a * b),
  div: (a, b) => Math.fround(a / b),
  sqrt: (x) => Math.fround(Math.sqrt(x)),
  upperHalf: (x) => {
    float[0] = x;
    floatBits[0] &= 0xfffff000;
    return float[0];
  },
};

const whole = (wrap: Unary): Arithmetic => ({
  lit: wrap,
  add: (a, b) => wrap(a + b),
  sub: (a, b) => wrap(a - b),
  mul: (a, b) => wrap(Math.imul(a, b)),
  div: (a, b) => wrap(b === 0 ? a : Math.trunc(a / b)),
  sqrt: (x) => x,
  upperHalf: (x) => x,
});

const ofInt32 = whole((x) => x | 0);
const ofWords = whole((x) => x >>> 0);

const arithmetic: Readonly<Record<LaneType, Arithmetic>> = {
  float64: ofFloat64,
  float32: ofFloat32,
  int32: ofInt32,
  uint32: ofWords,
  bool: ofWords,
};

/** floor(log₂ x + ½) of a normal x above zero. */
function exponentOf(x: number): number {
  double[0] = x;
  const n = Number(doubleBits[0] >> 52n) - 1023;
  return x >= Math.SQRT2 * 2 ** n ? n + 1 : n;
}

function convertedFrom(from: LaneType, x: number | boolean, to: LaneType): number | boolean {
  const value = Number(x);
  if (to === "bool") return value !== 0;
  if (to === "float32") return Math.fround(value);
  return isFloat(from) ? converted(value, to) : wrapped(value, to);
}

function makeLanes(dtype: LaneType): Lanes {
  const of = arithmetic[dtype];
  const wrap = of.lit;
  const bitwise =
    (ofMasks: (a: boolean, b: boolean) => boolean, ofWords: Binary) =>
    (a: number | boolean, b: number | boolean): number | boolean =>
      typeof a === "number" ? wrap(ofWords(a, b as number)) : ofMasks(a, b as boolean);
  const instructions = {
    dtype,
    ...of,
    neg: (x: number) => wrap(-x),
    abs: Math.abs,
    min: Math.min,
    max: Math.max,
    floor: Math.floor,
    ceil: Math.ceil,
    nearest: roundHalfEven,
    sign: (x: number) => (x === 0 ? 0 : Math.sign(x)),
    copySign: (size: number, sign: number) =>
      sign < 0 || Object.is(sign, -0) ? -Math.abs(size) : Math.abs(size),
    isNegative: (x: number) => x < 0 || Object.is(x, -0),
    isNaN: Number.isNaN,
    pow2: (n: number) => 2 ** n,
    exponent: exponentOf,
    // 2ⁿ itself may be infinite.
    mantissa: (x: number) => x / 2 / 2 ** (exponentOf(x) - 1),
    lt: (a: number, b: number) => a < b,
    le: (a: number, b: number) => a <= b,
    eq: (a: number | boolean, b: number | boolean) => a === b,
    not: (x: boolean) => !x,
    and: bitwise(
      (a, b) => a && b,
      (a, b) => a & b,
    ),
    or: bitwise(
      (a, b) => a || b,
      (a, b) => a | b,
    ),
    xor: bitwise(
      (a, b) => a !== b,
      (a, b) => a ^ b,
    ),
    shl: (a: number, places: number) => (a << places) >>> 0,
    shr: (a: number, places: number) => a >>> places,
    select: (where: boolean, yes: unknown, no: unknown) => (where ? yes : no),
    convert: (x: number | boolean, to: LaneType) => convertedFrom(dtype, x, to),
    bits: (x: number) => {
      float[0] = x;
      return floatBits[0];
    },
    table: (values: readonly number[], at: number) => values[at],
    rarely: (where: boolean, yes: () => unknown, no: unknown) => (where ? yes() : no),
    loop: (
      start: readonly number[],
      goes: (s: readonly number[]) => boolean,
      next: (s: readonly number[]) => readonly number[],
    ) => {
      let state = start;
      while (goes(state)) state = next(state);
      return state;
    },
  };
  const lanes = instructions as unknown as Lanes;
  return Object.assign(lanes, {
    words: dtype === "uint32" ? lanes : numberLanes("uint32"),
    call: (f: Parameters<Lanes["call"]>[0], ...args: Num[]) => f.body(lanes, ...(args as never[])),
  });
}

const made = new Map<LaneType, Lanes>();

/** The lanes that compute in `dtype`: of float32 each result is rounded to it, of integers it is taken modulo 2³². */
export function numberLanes(dtype: LaneType): Lanes {
  const lanes = made.get(dtype) ?? makeLanes(dtype);
  made.set(dtype, lanes);
  return lanes;
}

/** A number as a value of these lanes. */
export function numberValue(x: number, dtype: LaneType): Value {
  return (dtype === "bool" ? x !== 0 : arithmetic[dtype].lit(x)) as unknown as Value;
}

/** The number that a value of these lanes is; 0 or 1 of a mask. */
export const numberOf = (value: Num | Mask): number => Number(value);
