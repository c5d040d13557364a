/** Special functions in float64 that Math lacks. */

/** The error function: a series up to 2.5 (DLMF 7.6.2), from there on what a continued fraction of erfc leaves (7.9.1). */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 2.5)) return x === 0 ? x : Math.sign(x) * erfSeries(a);
  return Math.sign(x) * (1 - erfcFraction(a));
}

/** Φ(x), the normal distribution function; its lower tail to full precision. */
export function normalCdf(x: number): number {
  const a = Math.abs(x) * Math.SQRT1_2;
  if (Number.isNaN(x)) return NaN;
  if (a < 1) return 0.5 + 0.5 * Math.sign(x) * erfSeries(a);
  const tail = 0.5 * erfcFraction(a);
  return x < 0 ? tail : 1 - tail;
}

/** All its terms are positive, so that none cancel. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** With as many levels as 53 bits take; they grow fewer with x². */
function erfcFraction(x: number): number {
  if (x > 28) return 0;
  let fraction = x;
  for (let n = Math.ceil(190 / (x * x)) + 8; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** Giles's polynomials for erfinv(x)/x, highest power first: in w − 2.5 below w = 5, in √w − 3 above, w = −log(1 − x²). */
export const erfinvCoefficients = {
  central: [
    2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503,
    -0.00417768164, 0.246640727, 1.50140941,
  ],
  tail: [
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
    0.00943887047, 1.00167406, 2.83297682,
  ],
} as const;

/** The inverse of erf on [−1, 1]: Giles's approximation, refined by Newton's method. */
export function erfinv(x: number): number {
  if (!(Math.abs(x) < 1)) return Math.abs(x) === 1 ? x * Infinity : NaN;
  const w = -Math.log((1 - x) * (1 + x));
  const [at, coefficients] =
    w < 5 ? [w - 2.5, erfinvCoefficients.central] : [Math.sqrt(w) - 3, erfinvCoefficients.tail];
  let y = x * coefficients.reduce((sum, c) => sum * at + c, 0);
  for (let step = 0; step < 2; step++) {
    y -= (erf(y) - x) / ((2 / Math.sqrt(Math.PI)) * Math.exp(-y * y));
  }
  return y;
}
