/** Powers, of floats and of integers. */
import { isFloat } from "../util/dtypes";
import { exponentialOf, scaled } from "./exponentials";
import type { Lanes, Num, ScalarFunction } from "./lanes";
import { split } from "./logarithms";
import { forPrecision, polynomial, type ByPrecision } from "./polynomial";

/** 3/(2k + 3) for k from `last` down to 1: ⅔ (s³ + …) of the series of the logarithm, over s³/3 · 2. */
const odd = (last: number): number[] => Array.from({ length: last }, (_, i) => 3 / (2 * (last - i) + 3));

interface Precision {
  readonly series: readonly number[];
  /** 2 / (3 ln 2) as a number of half the digits, and the rest; and as one number. */
  readonly factor: readonly [upper: number, lower: number, whole: number];
  readonly exponents: readonly [least: number, most: number];
  /** A power of it or more comes to 0 or ∞ unless the base is 1. */
  readonly largest: number;
}

const precisions: ByPrecision<Precision> = {
  float32: {
    series: odd(5),
    factor: [0.96191406, -1.1736857402e-4, 0.961796694],
    exponents: [-160, 129],
    largest: 3e9,
  },
  float64: {
    series: odd(13),
    factor: [9.61796700954437255859e-1, -7.02846165095275826516e-9, 9.61796693925975554329e-1],
    exponents: [-1100, 1025],
    largest: 1e20,
  },
};

/**
 * x^y of x above zero by y log₂ x in numbers of twice the digits (fdlibm's scheme): log m = 2s + ⅔ s³ + … with
 * s = (m − 1) / (m + 1), each quantity as an upper half, whose products are exact, and the rest.
 */
function powerOfPositive(s: Lanes, x: Num, y: Num): Num {
  const { series: coefficients, factor, exponents, largest } = forPrecision(s, precisions);
  const [one, three] = [s.lit(1), s.lit(3)];
  const { m, k } = split(s, x);
  const over = s.sub(m, one);
  const under = s.add(m, one);
  const underUpper = s.upperHalf(under);
  const underLower = s.sub(m, s.sub(underUpper, one));
  const q = s.div(over, under);
  const qUpper = s.upperHalf(q);
  const qLower = s.div(s.sub(s.sub(over, s.mul(qUpper, underUpper)), s.mul(qUpper, underLower)), under);
  const z = s.mul(q, q);
  const series = s.add(s.mul(s.mul(z, z), polynomial(s, z, coefficients)), s.mul(qLower, s.add(qUpper, q)));
  const square = s.mul(qUpper, qUpper);
  const sumUpper = s.upperHalf(s.add(s.add(three, square), series));
  const sumLower = s.sub(series, s.sub(s.sub(sumUpper, three), square));
  const upper = s.mul(qUpper, sumUpper);
  const lower = s.add(s.mul(qLower, sumUpper), s.mul(sumLower, q));
  const pUpper = s.upperHalf(s.add(upper, lower));
  const pLower = s.sub(lower, s.sub(pUpper, upper));
  const logUpper = s.mul(s.lit(factor[0]), pUpper);
  const logLower = s.add(s.mul(s.lit(factor[1]), pUpper), s.mul(pLower, s.lit(factor[2])));
  const lUpper = s.upperHalf(s.add(s.add(logUpper, logLower), k));
  const lLower = s.sub(logLower, s.sub(s.sub(lUpper, k), logUpper));
  const power = s.min(s.max(y, s.lit(-largest)), s.lit(largest));
  const yUpper = s.upperHalf(power);
  const rest = s.add(s.mul(s.sub(power, yUpper), lUpper), s.mul(power, lLower));
  const main = s.mul(yUpper, lUpper);
  const n = s.min(s.max(s.nearest(s.add(main, rest)), s.lit(exponents[0])), s.lit(exponents[1]));
  const t = s.min(s.max(s.add(s.sub(main, n), rest), s.lit(-1)), one);
  return scaled(s, exponentialOf(s, s.mul(t, s.lit(Math.LN2))), n);
}

/** As in IEEE 754: for negative x, y must be whole. */
function floatPower(s: Lanes, x: Num, y: Num): Num {
  const [zero, one] = [s.lit(0), s.lit(1)];
  const size = s.abs(x);
  const isWhole = s.eq(s.floor(y), y);
  const half = s.mul(s.lit(0.5), y);
  const isOdd = s.and(isWhole, s.not(s.eq(s.floor(half), half)));
  const isExtreme = s.or(s.eq(x, zero), s.eq(size, s.lit(Infinity)));
  const extreme = s.select(s.eq(s.lt(y, zero), s.eq(x, zero)), s.lit(Infinity), zero);
  const magnitude = s.select(isExtreme, extreme, powerOfPositive(s, size, y));
  const isNegative = s.isNegative(x);
  const signed = s.select(s.and(isNegative, isOdd), s.neg(magnitude), magnitude);
  const isReal = s.or(s.or(isWhole, isExtreme), s.not(isNegative));
  const real = s.select(isReal, signed, s.lit(NaN));
  const isUnit = s.or(s.eq(y, zero), s.eq(x, one));
  return s.select(isUnit, one, s.select(s.or(s.isNaN(x), s.isNaN(y)), s.add(x, y), real));
}

/** Modulo 2³² by repeated squaring; of a negative y what is whole of it: 1 and −1 have powers, others have 0. */
function wholePower(s: Lanes, x: Num, y: Num): Num {
  const w = s.words;
  const one = w.lit(1);
  const isOdd = (left: Num): Num => w.and(left, one);
  const [power] = w.loop<readonly [Num, Num, Num]>(
    [one, w.convert(s.convert(x, "uint32"), "uint32"), s.convert(y, "uint32")],
    ([, , left]) => w.lt(w.lit(0), left),
    ([power, square, left]) => [
      w.select(w.eq(isOdd(left), one), w.mul(power, square), power),
      w.mul(square, square),
      w.shr(left, one),
    ],
  );
  const found = s.dtype === "int32" ? w.convert(power, "int32") : power;
  if (s.dtype !== "int32") return found;
  const isEven = s.eq(s.and(y, s.lit(1)), s.lit(0));
  const ofMinusOne = s.select(isEven, s.lit(1), s.lit(-1));
  const isMinusOne = s.eq(x, s.lit(-1));
  const inverse = s.select(s.eq(x, s.lit(1)), s.lit(1), s.select(isMinusOne, ofMinusOne, s.lit(0)));
  return s.select(s.lt(y, s.lit(0)), inverse, found);
}

/** IEEE 754 has a value for some powers of ±1 that JavaScript has none for. */
function exactPower(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  const isGreat = Math.abs(y) >= 2 ** 31 && Math.abs(x - 1) < 2 ** -20 && Math.abs(y * (x - 1)) < 800;
  return isGreat ? greatPower(x - 1, y) : x ** y;
}

/**
 * (1 + t)^y of a small t, the exponent with what rounding takes from y · t: V8's own power is some hundred units off where y
 * is beyond 2³¹.
 */
function greatPower(t: number, y: number): number {
  const [tUpper, yUpper] = [Math.fround(t), Math.fround(y)];
  const main = y * t;
  const lost =
    tUpper * yUpper - main + tUpper * (y - yUpper) + (t - tUpper) * yUpper + (t - tUpper) * (y - yUpper);
  const rest = lost - y * t * t * (1 / 2 - t * (1 / 3 - t / 4));
  return Math.exp(main) * Math.exp(rest);
}

function exactWholePower(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0;
  let [power, square] = [1, x];
  for (let left = y; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = Math.imul(power, square);
    square = Math.imul(square, square);
  }
  return power;
}

/** x^y. */
export const pow: ScalarFunction = {
  name: "pow",
  exact: exactPower,
  exactWhole: exactWholePower,
  body: (s, x: Num, y: Num) => (isFloat(s.dtype) ? floatPower(s, x, y) : wholePower(s, x, y)),
  ulps: { exact: 2, float32: 2, float64: 2 },
};
