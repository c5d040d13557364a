/** The error function, its inverse and the normal distribution function. In float64 the inverse has float32's digits. */
import * as exact from "./errorFunction";
import { exp } from "./exponentials";
import type { Lanes, Num, ScalarFunction } from "./lanes";
import { log } from "./logarithms";
import { oddValue } from "./odd";
import { forPrecision, polynomial, type ByPrecision } from "./polynomial";

/** All by interpolation at Chebyshev's points. */
interface Coefficients {
  /** Φ(−a) e^(a²/2) (1 + 2a), of (a − 3) / (a + 3) (the form is that of Shepherd and Laframboise 1981 for erfc). */
  readonly tail: readonly number[];
  /** From here on Φ(−a) is taken for zero. */
  readonly vanishing: number;
  /** (Φ(x) − ½) / x of x², up to x = 0.6. */
  readonly middle: readonly number[];
  /** erf(x) / x of x², up to x = 1. */
  readonly erf: readonly number[];
}

const coefficients: ByPrecision<Coefficients> = {
  float32: {
    tail: [
      -1.880545460153371e-4, -1.0167947039008141e-3, -1.7894386837724596e-4, 6.983104161918163e-3,
      -6.514256820082664e-4, -5.15944994986057e-2, 1.3655032217502594e-1, -1.5608879923820496e-1,
      1.3348754495382309e-2, 8.50597620010376e-1,
    ],
    vanishing: 14.5,
    middle: [
      0.000107274859360639, -0.0011847915557224467, 0.009973232795078182, -0.06649036551631624,
      0.398942280296722,
    ],
    erf: [
      7.882492081262e-5, -8.018855005502701e-4, 5.189312156289816e-3, -2.685432881116867e-2,
      1.1283597350120544e-1, -3.761262595653534e-1, 1.1283791065216064,
    ],
  },
  float64: {
    tail: [
      4.5177274277517207e-10, -3.738823686451407e-9, -1.9106781613367063e-8, -2.7515612498589545e-9,
      1.0499724644833871e-7, 1.607851104598849e-7, -1.7137392154451499e-7, -8.28594725740231e-7,
      -6.919824703278595e-7, 1.900917524113637e-6, 5.670065025113499e-6, 1.309957014401352e-6,
      -2.13465306866564e-5, -3.517399872028187e-5, 5.022391336226557e-5, 0.00022060981911917776,
      -3.368597720720272e-5, -0.001170861709952215, -0.0003638065038978367, 0.007009375332420547,
      -0.0005843310726234515, -0.05159253247952933, 0.13654123731204795, -0.15608931162753914,
      0.013349096207406347, 0.8505976384889352,
    ],
    vanishing: 38.6,
    middle: [
      -1.0419303205171454e-10, 2.2668789504624147e-9, -4.122387697044865e-8, 6.659686386412998e-7,
      -9.444656146857938e-6, 0.00011543468760531163, -0.0011873282154798545, 0.0099735570100358,
      -0.06649038006690544, 0.3989422804014327,
    ],
    erf: [
      5.957176147748911e-11, -1.1372848856791674e-9, 1.4659775274047436e-8, -1.6350312701054695e-7,
      1.6461000484121368e-6, -1.4925595266831182e-5, 0.0001205533111164271, -0.000854832698083379,
      0.0052239776248180145, -0.026866170645076792, 0.11283791670954879, -0.3761263890318375,
      1.1283791670955126,
    ],
  },
};

/**
 * Φ(−a) for a ≥ 0, to a few units in the last place down to where it vanishes. The square of the upper half of a is exact, so
 * that its exponential loses no digits.
 */
function normalTail(s: Lanes, a: Num): Num {
  const { tail, vanishing } = forPrecision(s, coefficients);
  const [half, three] = [s.lit(-0.5), s.lit(3)];
  const p = polynomial(s, s.div(s.sub(a, three), s.add(a, three)), tail);
  const upper = s.upperHalf(a);
  const t = s.mul(s.mul(half, s.sub(a, upper)), s.add(a, upper));
  const rest = polynomial(s, t, [1 / 24, 1 / 6, 0.5, 1, 1]);
  const main = s.call(exp, s.mul(s.mul(half, upper), upper));
  const y = s.mul(s.mul(main, rest), s.div(p, s.add(s.lit(1), s.mul(s.lit(2), a))));
  return s.select(s.lt(s.lit(vanishing), a), s.lit(0), y);
}

/** Φ, the normal distribution function, whose lower tail keeps its digits where ½ + ½ erf would cancel. */
export const normalCdf: ScalarFunction = {
  name: "normalCdf",
  exact: exact.normalCdf,
  body: (s, x: Num) => {
    const size = s.abs(x);
    const tail = normalTail(s, size);
    const far = s.select(s.isNegative(x), tail, s.sub(s.lit(1), tail));
    const middle = polynomial(s, s.mul(x, x), forPrecision(s, coefficients).middle);
    const near = s.add(s.lit(0.5), s.mul(x, middle));
    return s.select(s.isNaN(x), x, s.select(s.lt(size, s.lit(0.6)), near, far));
  },
  ulps: { exact: 4, float32: 5, float64: 4 },
};

/** Beyond 1 it is 1 − 2 Φ(−√2 x). */
export const erf: ScalarFunction = {
  name: "erf",
  exact: exact.erf,
  body: (s, x: Num) => {
    const size = s.abs(x);
    const far = (): readonly [Num] => {
      const tail = normalTail(s, s.mul(size, s.lit(Math.SQRT2)));
      return [s.sub(s.lit(1), s.mul(s.lit(2), tail))];
    };
    const near = s.mul(x, polynomial(s, s.mul(x, x), forPrecision(s, coefficients).erf));
    const [y] = s.rarely(s.lt(s.lit(1), size), far, [near]);
    return oddValue(s, x, y);
  },
  ulps: { exact: 2, float32: 3, float64: 2 },
};

/** Giles, "Approximating the erfinv function", GPU Computing Gems 2011, in single precision. */
export const erfinv: ScalarFunction = {
  name: "erfinv",
  exact: exact.erfinv,
  body: (s, x: Num) => {
    const one = s.lit(1);
    const w = s.neg(s.call(log, s.mul(s.sub(one, x), s.add(one, x))));
    const { central, tail } = exact.erfinvCoefficients;
    const near = polynomial(s, s.sub(w, s.lit(2.5)), central);
    const far = polynomial(s, s.sub(s.sqrt(w), s.lit(3)), tail);
    const y = s.mul(x, s.select(s.lt(w, s.lit(5)), near, far));
    return oddValue(s, x, s.select(s.eq(s.abs(x), one), s.lit(Infinity), y));
  },
  ulps: { exact: 3, float32: 5 },
};
