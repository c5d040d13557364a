/** The error function and its kin in float64, which Math lacks. */

/** The error function. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 0.5)) return x === 0 ? x : Math.sign(x) * erfSeries(a);
  return Math.sign(x) * (1 - erfc(a, squareExponential(a, 1)));
}

/** Φ(x), the normal distribution function; its lower tail to full precision. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const size = Math.abs(x);
  if (size < 0.7) return 0.5 + 0.5 * Math.sign(x) * erfSeries(size * Math.SQRT1_2);
  const tail = 0.5 * erfc(size * Math.SQRT1_2, squareExponential(size, 0.5));
  return x < 0 ? tail : 1 - tail;
}

/** e^(−factor · x²): the square of x with half its digits is exact, so that the exponential loses none. */
function squareExponential(x: number, factor: 0.5 | 1): number {
  const upper = Math.fround(x);
  return Math.exp(-factor * upper * upper) * Math.exp(-factor * (x - upper) * (x + upper));
}

/** Maclaurin's series up to ½, where the terms soon vanish. */
function erfSeries(x: number): number {
  const square = x * x;
  let [power, sum] = [1, 0];
  for (let n = 1; Math.abs(power) > 1e-18; n++) {
    power *= -square / n;
    sum += power / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * (x + x * sum);
}

/** The step of the sum below, and its powers e^(−n² step²). */
const step = 0.5;
const powers = Array.from({ length: 13 }, (_, n) => Math.exp(-((n * step) ** 2)));

/**
 * erfc(x) for x ≥ ½; `exponential` is e^−x². The trapezoidal rule for an integral that it converges to as e^(−π²/step²), with
 * what a pole adds (Matta and Reichel, "Uniform computation of the error function and other related functions", 1971).
 */
function erfc(x: number, exponential: number): number {
  if (x > 28) return 0;
  const square = x * x;
  let sum = 0;
  for (let n = powers.length - 1; n >= 1; n--) sum += powers[n] / ((n * step) ** 2 + square);
  const whole = ((step * x) / Math.PI) * exponential * (1 / square + 2 * sum);
  return x < Math.PI / step ? whole - 2 / Math.expm1((2 * Math.PI * x) / step) : whole;
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

/**
 * The inverse of erf on [−1, 1]: Giles's approximation, refined by Newton's method; beyond ½ for that of erfc, which
 * knows how far 1 is away.
 */
export function erfinv(x: number): number {
  const a = Math.abs(x);
  if (!(a < 1)) return a === 1 ? x * Infinity : NaN;
  const w = -Math.log((1 - a) * (1 + a));
  const [at, coefficients] =
    w < 5 ? [w - 2.5, erfinvCoefficients.central] : [Math.sqrt(w) - 3, erfinvCoefficients.tail];
  let y = a * coefficients.reduce((sum, c) => sum * at + c, 0);
  for (let change = y; Math.abs(change) > 1e-10 * y; y -= change) {
    const exponential = squareExponential(y, 1);
    const slope = (2 / Math.sqrt(Math.PI)) * exponential;
    if (y < 0.5) change = (erfSeries(y) - a) / slope;
    else {
      const complement = erfc(y, exponential);
      change = (Math.log((1 - a) / complement) * complement) / slope;
    }
  }
  return x === 0 ? x : Math.sign(x) * y;
}
