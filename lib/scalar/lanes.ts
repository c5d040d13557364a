/** Elementwise functions, and the instructions that they are written in: each target gives these a meaning. */
import type { DType } from "../util/dtypes";

declare const sort: unique symbol;

/** A number for each lane: floats, or integers modulo 2³². What it is made of only its target knows. */
export interface Num {
  readonly [sort]: "number";
}

/** A truth for each lane. */
export interface Mask {
  readonly [sort]: "mask";
}

export type Value = Num | Mask;

/** What numbers are computed in; a float16 is a float32 while one computes with it. */
export type LaneType = Exclude<DType, "float16">;

/**
 * The instructions. Numbers are of `dtype` but where it is said otherwise. A target rounds + − × ÷ √ of floats to the
 * nearest, or as its driver does; it may take denormals for zero.
 */
export interface Lanes {
  /** bool where all that a function is given are masks. */
  readonly dtype: LaneType;
  /** The same lanes, computing with uint32. */
  readonly words: Lanes;

  /** The same number in all lanes; ±∞, NaN and −0 too. */
  lit(value: number): Num;
  add(a: Num, b: Num): Num;
  sub(a: Num, b: Num): Num;
  mul(a: Num, b: Num): Num;
  /** Of integers toward zero, and the dividend where the divisor is zero. */
  div(a: Num, b: Num): Num;
  neg(x: Num): Num;
  abs(x: Num): Num;
  /** Of NaN either operand. */
  min(a: Num, b: Num): Num;
  /** Of NaN either operand. */
  max(a: Num, b: Num): Num;

  sqrt(x: Num): Num;
  floor(x: Num): Num;
  ceil(x: Num): Num;
  /** The nearest whole number; halves go to the even neighbour. */
  nearest(x: Num): Num;
  /** −1, 0 or 1, and 0 for both zeros; of NaN anything. */
  sign(x: Num): Num;
  /** |size| with the sign bit of `sign`. */
  copySign(size: Num, sign: Num): Num;
  /** Whether the sign bit is set: of −0 too. */
  isNegative(x: Num): Mask;
  /** Also where a target's compiler may assume that no number is NaN. */
  isNaN(x: Num): Mask;
  /** x without the lower half of its digits: such numbers have exact products. */
  upperHalf(x: Num): Num;
  /** 2ⁿ of a whole n whose power is a normal number. */
  pow2(n: Num): Num;
  /** The whole n for which x · 2⁻ⁿ lies in [√½, √2); x is normal and above zero. */
  exponent(x: Num): Num;
  /** x · 2⁻ⁿ with the `exponent` n. */
  mantissa(x: Num): Num;

  lt(a: Num, b: Num): Mask;
  le(a: Num, b: Num): Mask;
  eq<V extends Value>(a: V, b: V): Mask;
  not(x: Mask): Mask;
  /** Of masks, or of the bits of integers. */
  and<V extends Value>(a: V, b: V): V;
  or<V extends Value>(a: V, b: V): V;
  xor<V extends Value>(a: V, b: V): V;
  /** Of uint32, by `places` modulo 32. */
  shl(a: Num, places: Num): Num;
  /** Of uint32, by `places` modulo 32; zeros come in. */
  shr(a: Num, places: Num): Num;
  /** Of masks too. */
  select<V extends Value>(where: Mask, yes: V, no: V): V;

  /** To another dtype: of a float toward zero, within the range of `to`; modulo 2³² among integers; all but 0 is true. */
  convert(x: Value, to: "bool"): Mask;
  convert(x: Value, to: Exclude<LaneType, "bool">): Num;
  convert(x: Value, to: LaneType): Value;
  /** The uint32 that has the bits of a float32. */
  bits(x: Num): Num;
  /** The element of `values` at each lane's place, a uint32, or a whole float where lanes are of float64. */
  table(values: readonly number[], at: Num): Num;

  /** `yes` where the mask holds, else `no`, as `select`; but a target may leave out `yes` where it holds in no lane. */
  rarely<S extends readonly Num[]>(where: Mask, yes: () => readonly [...S], no: readonly [...S]): S;
  /** Goes on while `goes` holds in any lane: a lane where it does not may be changed with the others. */
  loop<S extends readonly Num[]>(
    start: readonly [...S],
    goes: (state: S) => Mask,
    next: (state: S) => readonly [...S],
  ): S;
  /** f of the arguments, as lanes of the first that is a number compute it. */
  call(f: ScalarFunction, ...args: readonly Num[]): Num;
}

/** How far a result may be from the true value, in units of the last place that this has; where it is normal. */
export interface Ulps {
  /** Of `exact`, in float64. */
  readonly exact: number;
  /** Of `body` in float32, where the target rounds + − × ÷ √ to the nearest. */
  readonly float32: number;
  /** Of `body` in float64; undefined where it has no more digits than in float32. */
  readonly float64?: number;
}

export interface ScalarFunction {
  readonly name: string;
  /** In float64, by other means than `body`: what the interpreter computes, and what `body` is tested against. */
  readonly exact: (...args: number[]) => number;
  /** `exact` of integers, where that of floats would lose digits: any number that is right modulo 2³². */
  readonly exactWhole?: (...args: number[]) => number;
  /** In the instructions of any target. */
  readonly body: (s: Lanes, ...args: never[]) => Value;
  readonly ulps: Ulps;
}
