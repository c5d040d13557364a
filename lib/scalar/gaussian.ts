/** The error function, its inverse and the normal distribution function. In float64 they have the digits of float32. */
import * as exact from "./errorFunction";
import { exp } from "./exponentials";
import type { Lanes, Num } from "./lanes";
import { log } from "./logarithms";
import { polynomial } from "./polynomial";
import type { ScalarFunction } from "./scalarFunction";

/**
 * Φ(−a) for a ≥ 0, to a few units in the last place down to where it vanishes: exp(−a²/2) / (1 + 2a) times a polynomial in
 * (a − 3) / (a + 3), an interpolation at Chebyshev's points (the form is that of Shepherd and Laframboise 1981 for erfc).
 * The square of the upper half of a is exact, so that its exponential loses no digits.
 */
function normalTail(s: Lanes, a: Num): Num {
  const [half, three] = [s.lit(-0.5), s.lit(3)];
  const q = s.div(s.sub(a, three), s.add(a, three));
  const p = polynomial(
    s,
    q,
    [
      -1.880545460153371e-4, -1.0167947039008141e-3, -1.7894386837724596e-4, 6.983104161918163e-3,
      -6.514256820082664e-4, -5.15944994986057e-2, 1.3655032217502594e-1, -1.5608879923820496e-1,
      1.3348754495382309e-2, 8.50597620010376e-1,
    ],
  );
  const upper = s.upperHalf(a);
  const t = s.mul(s.mul(half, s.sub(a, upper)), s.add(a, upper));
  const rest = polynomial(s, t, [1 / 24, 1 / 6, 0.5, 1, 1]);
  const main = s.call(exp, s.mul(s.mul(half, upper), upper));
  const y = s.mul(s.mul(main, rest), s.div(p, s.add(s.lit(1), s.mul(s.lit(2), a))));
  return s.select(s.lt(s.lit(14.5), a), s.lit(0), y);
}

/** Φ, the normal distribution function, whose lower tail keeps its digits where ½ + ½ erf would cancel. */
export const normalCdf: ScalarFunction = {
  name: "normalCdf",
  exact: exact.normalCdf,
  body: (s, x: Num) => {
    const below = normalTail(s, s.abs(x));
    return s.select(s.isNaN(x), x, s.select(s.lt(s.lit(0), x), s.sub(s.lit(1), below), below));
  },
  ulps: { exact: 2, float32: 5 },
};

/** Within 1 x times a polynomial in x² (an interpolation at Chebyshev's points), beyond 1 − 2 Φ(−√2 x). */
export const erf: ScalarFunction = {
  name: "erf",
  exact: exact.erf,
  body: (s, x: Num) => {
    const size = s.abs(x);
    const tail = normalTail(s, s.mul(size, s.lit(Math.SQRT2)));
    const far = s.copySign(s.sub(s.lit(1), s.mul(s.lit(2), tail)), x);
    const near = polynomial(
      s,
      s.mul(x, x),
      [
        7.882492081262e-5, -8.018855005502701e-4, 5.189312156289816e-3, -2.685432881116867e-2, 1.1283597350120544e-1,
        -3.761262595653534e-1, 1.1283791065216064,
      ],
    );
    return s.select(s.isNaN(x), x, s.select(s.lt(s.lit(1), size), far, s.mul(x, near)));
  },
  ulps: { exact: 2, float32: 3 },
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
    return s.select(s.eq(s.abs(x), one), s.copySign(s.lit(Infinity), x), y);
  },
  ulps: { exact: 4, float32: 5 },
};
