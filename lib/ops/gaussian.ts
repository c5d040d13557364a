/** The error function, its inverse and the normal distribution function in WGSL. */
import { isNaNText } from "../wgsl/text";
import { expHelpers, logHelpers } from "./exponentials";
import { horner, perLane, upperHalf } from "./shader";
import { erfinvCoefficients } from "./special";

/**
 * Φ(−a) for a ≥ 0, to a few units in the last place down to where it vanishes: exp(−a²/2) / (1 + 2a) times a polynomial in
 * (a − 3) / (a + 3), an interpolation at Chebyshev's points (the form is that of Shepherd and Laframboise 1981 for erfc).
 * The square of the upper half of a is exact, so that its exponential loses no digits.
 */
const tail = `
fn saddle_normal_tail(a: f32) -> f32 {
  if (a > 14.5f) { return 0.0f; }
  let q = (a - 3.0f) / (a + 3.0f);
  let p = ${horner("q", [-1.880545460153371e-4, -1.0167947039008141e-3, -1.7894386837724596e-4, 6.983104161918163e-3, -6.514256820082664e-4, -5.15944994986057e-2, 1.3655032217502594e-1, -1.5608879923820496e-1, 1.3348754495382309e-2, 8.50597620010376e-1])};
  let upper = ${upperHalf("a")};
  let t = -0.5f * (a - upper) * (a + upper);
  let rest = ((${horner("t", [1 / 24, 1 / 6, 0.5])}) * t + 1.0f) * t + 1.0f;
  return saddle_exp(-0.5f * upper * upper) * rest * (p / (1.0f + 2.0f * a));
}`;

/** Φ, whose lower tail keeps its digits. */
export const normalCdfHelpers = [
  ...expHelpers,
  tail,
  perLane(
    "saddle_normal_cdf",
    ["x"],
    `
  if (${isNaNText("x", 1)}) { return x; }
  let below = saddle_normal_tail(abs(x));
  return select(below, 1.0f - below, x > 0.0f);
`,
  ),
];

/** Within 1 x times a polynomial in x² (an interpolation at Chebyshev's points), beyond 1 − 2 Φ(−√2 x). */
export const erfHelpers = [
  ...expHelpers,
  tail,
  perLane(
    "saddle_erf",
    ["x"],
    `
  if (${isNaNText("x", 1)}) { return x; }
  if (abs(x) > 1.0f) { return sign(x) * (1.0f - 2.0f * saddle_normal_tail(abs(x) * 1.41421356237f)); }
  let s = x * x;
  return x * (${horner("s", [7.882492081262e-5, -8.018855005502701e-4, 5.189312156289816e-3, -2.685432881116867e-2, 1.1283597350120544e-1, -3.761262595653534e-1, 1.1283791065216064])});
`,
  ),
];

/** Giles, "Approximating the erfinv function", GPU Computing Gems 2011, in single precision. */
export const erfinvHelpers = [
  ...logHelpers,
  perLane(
    "saddle_erfinv",
    ["x"],
    `
  if (abs(x) == 1.0f) { return x / (1.0f - abs(x)); }
  let w = -saddle_log((1.0f - x) * (1.0f + x));
  let c = w - 2.5f;
  let t = sqrt(w) - 3.0f;
  let central = ${horner("c", erfinvCoefficients.central)};
  let tail = ${horner("t", erfinvCoefficients.tail)};
  return x * select(tail, central, w < 5.0f);
`,
  ),
];
