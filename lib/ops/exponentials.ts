/**
 * Exponentials and logarithms in WGSL. It allows a driver errors of exp and pow that grow with their argument, and of log
 * near 1 that are as large as the result; these are good to a few units in the last place everywhere.
 */
import { isNaNText } from "../wgsl/text";
import { bothWidths, horner, perLane, upperHalf, type Lanes } from "./shader";

/** ln 2 in two parts, of which the first has so few digits that its products with exponents are exact. */
const ln2 = { upper: "0.693359375f", lower: "-2.12194440e-4f" };

/** (e^t − 1 − t) / t² on [−½ ln 2, ln 2], an interpolation at Chebyshev's points. */
const expTail = [2.2754342e-4, 1.3868994e-3, 8.328427e-3, 4.166723e-2, 1.6666685e-1, 0.5];
const expPolynomial = (t: string, f: Lanes["f"] = "f32"): string =>
  `((${horner(t, expTail, f)}) * ${t} * ${t} + ${t}) + ${f}(1.0f)`;

/** 2^n of a whole n from −126 to 127, by its bits; a conversion to an integer would be guarded against all that is none. */
const powerOfTwo = (n: string, { f, u }: Pick<Lanes, "f" | "u"> = { f: "f32", u: "u32" }): string =>
  `bitcast<${f}>((bitcast<${u}>(${n} + ${f}(12582912.0f)) << ${u}(23u)) + ${u}(0x3f800000u))`;

/** saddle_exp: the nearest power of 2, and a polynomial of what is left. Results that are denormal become 0. */
export const expHelpers = [
  bothWidths(
    (lanes) => `
fn saddle_exp${lanes.suffix}(x: ${lanes.f}) -> ${lanes.f} {
  let n = clamp(round(x * ${lanes.f}(1.44269504f)), ${lanes.f}(-126.0f), ${lanes.f}(127.0f));
  let t = (x - n * ${lanes.f}(${ln2.upper})) - n * ${lanes.f}(${ln2.lower});
  let y = (${expPolynomial("t", lanes.f)}) * ${powerOfTwo("n", lanes)};
  return select(y, ${lanes.f}(0.0f), x < ${lanes.f}(-87.336545f));
}`,
  ),
];

/** m · 2^k = x with m in [√½, √2), for numbers above zero, denormals too where the device keeps them. */
const split = ({ f, i, u }: { f: string; i: string; u: string }): string => `
  let tiny = x < ${f}(1.17549435e-38f);
  let bits = bitcast<${i}>(select(x, x * ${f}(16777216.0f), tiny));
  let e = (bits - ${i}(0x3f3504f3)) >> ${u}(23u);
  let m = bitcast<${f}>(bits - (e << ${u}(23u)));
  let k = ${f}(e) - select(${f}(0.0f), ${f}(24.0f), tiny);`;

/** saddle_log (fdlibm's scheme): log(1 + f) = f − f²/2 + s (f²/2 + …) with s = f / (2 + f). */
export const logHelpers = [
  bothWidths(
    (lanes) => `
fn saddle_log${lanes.suffix}(x: ${lanes.f}) -> ${lanes.f} {${split(lanes)}
  let f = m - ${lanes.f}(1.0f);
  let s = f / (f + ${lanes.f}(2.0f));
  let z = s * s;
  let square = ${lanes.f}(0.5f) * f * f;
  let series = (${horner("z", [2 / 9, 2 / 7, 2 / 5, 2 / 3], lanes.f)}) * z;
  let y = k * ${lanes.f}(${ln2.upper}) - ((square - (s * (square + series) + k * ${lanes.f}(${ln2.lower}))) - f);
  let own = bitcast<${lanes.u}>(x);
  let above = select(y, x, own >= ${lanes.u}(0x7f800000u));
  let below = bitcast<${lanes.f}>(own | ${lanes.u}(0x7fc00000u));
  let pole = bitcast<${lanes.f}>((own & ${lanes.u}(0x80000000u)) | ${lanes.u}(0xff800000u));
  return select(select(above, below, x < ${lanes.f}(0.0f)), pole, x == ${lanes.f}(0.0f));
}`,
  ),
];

/** The difference cancels near zero, where Taylor's series takes its place. */
export const expm1Helpers = [
  ...expHelpers,
  perLane(
    "saddle_expm1",
    ["x"],
    `
  if (abs(x) > 0.5f) { return saddle_exp(x) - 1.0f; }
  let p = ${horner("x", [1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1])};
  return x * (p);
`,
  ),
];

/** Near zero 2 artanh(x / (2 + x)), by its series. */
export const log1pHelpers = [
  ...logHelpers,
  perLane(
    "saddle_log1p",
    ["x"],
    `
  if (abs(x) > 0.25f) { return saddle_log(1.0f + x); }
  let r = x / (2.0f + x);
  let s = r * r;
  let p = ${horner("s", [2 / 9, 2 / 7, 2 / 5, 2 / 3, 2])};
  return r * (p);
`,
  ),
];

/** Half of e^|x| as a product of two roots: it has a value where e^|x| has none. */
const halfExp = "let root = saddle_exp(0.5f * abs(x)); let half = (0.5f * root) * root;";

export const sinhHelpers = [
  ...expHelpers,
  perLane(
    "saddle_sinh",
    ["x"],
    `
  if (${isNaNText("x", 1)}) { return x; }
  if (abs(x) > 1.0f) { ${halfExp} return sign(x) * (half - 0.25f / half); }
  let s = x * x;
  let p = ${horner("s", [1 / 362880, 1 / 5040, 1 / 120, 1 / 6, 1])};
  return x * (p);
`,
  ),
];

export const coshHelpers = [
  ...expHelpers,
  perLane("saddle_cosh", ["x"], ` ${halfExp} return half + 0.25f / half; `),
];

/** Cephes (Moshier) near zero; some drivers lose all digits there, and overflow for large x. */
export const tanhHelpers = [
  perLane(
    "saddle_tanh",
    ["x"],
    `
  if (${isNaNText("x", 1)}) { return x; }
  let m = min(abs(x), 9.1f);
  if (m > 0.625f) { return sign(x) * (1.0f - 2.0f / (exp(2.0f * m) + 1.0f)); }
  let s = x * x;
  let p = ${horner("s", [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1])};
  return x * (1.0f + s * (p));
`,
  ),
];

/**
 * x^y of x above zero by y log₂ x in numbers of twice the digits (fdlibm's scheme): log m = 2s + ⅔ s³ + … with
 * s = (m − 1) / (m + 1), each quantity as an upper half, whose products are exact, and the rest.
 */
const powOfPositive = `
fn saddle_pow_positive(x: f32, y: f32) -> f32 {${split({ f: "f32", i: "i32", u: "u32" })}
  let over = m - 1.0f;
  let under = m + 1.0f;
  let under_h = ${upperHalf("under")};
  let under_l = m - (under_h - 1.0f);
  let s = over / under;
  let s_h = ${upperHalf("s")};
  let s_l = ((over - s_h * under_h) - s_h * under_l) / under;
  let z = s * s;
  let series = z * z * (${horner("z", [3 / 13, 3 / 11, 3 / 9, 3 / 7, 3 / 5])}) + s_l * (s_h + s);
  let square = s_h * s_h;
  let sum = 3.0f + square + series;
  let sum_h = ${upperHalf("sum")};
  let sum_l = series - ((sum_h - 3.0f) - square);
  let upper = s_h * sum_h;
  let lower = s_l * sum_h + sum_l * s;
  let p = upper + lower;
  let p_h = ${upperHalf("p")};
  let p_l = lower - (p_h - upper);
  let log_h = 0.96191406f * p_h;
  let log_l = -1.1736857402e-4f * p_h + p_l * 0.961796694f;
  let l = (log_h + log_l) + k;
  let l_h = ${upperHalf("l")};
  let l_l = log_l - ((l_h - k) - log_h);
  let power = clamp(y, -3e9f, 3e9f);
  let y_h = ${upperHalf("power")};
  let rest = (power - y_h) * l_h + power * l_l;
  let main = y_h * l_h;
  let n = clamp(round(main + rest), -160.0f, 129.0f);
  let t = clamp((main - n) + rest, -1.0f, 1.0f) * 0.693147181f;
  let half = floor(0.5f * n);
  return (${expPolynomial("t")}) * ${powerOfTwo("half")} * ${powerOfTwo("(n - half)")};
}`;

/** x^y as in IEEE 754's pow: for negative x, y must be whole. */
export const powHelpers = [
  powOfPositive,
  perLane(
    "saddle_pow",
    ["x", "y"],
    `
  if (y == 0.0f || x == 1.0f) { return 1.0f; }
  if (${isNaNText("x", 1)} || ${isNaNText("y", 1)}) { return x + y; }
  let whole = floor(y);
  let odd = whole == y && (abs(whole) % 2.0f) == 1.0f;
  if (x == 0.0f || abs(x) > 3.4028234e38f) {
    let size = select(x, 1.0f / x, y < 0.0f);
    return select(abs(size), size, odd);
  }
  let magnitude = saddle_pow_positive(abs(x), y);
  if (x > 0.0f) { return magnitude; }
  if (whole != y) { return bitcast<f32>(0x7fc00000u + u32(y < 0.0f)); }
  return select(magnitude, -magnitude, odd);
`,
  ),
];

/** x^y modulo 2³² by repeated squaring; of a negative y what is whole of it: 1 and −1 have powers, others have 0. */
export const wholePowHelpers = ["i32", "u32"].map((type) => {
  const negative =
    type === "u32"
      ? ""
      : `
  if (y < 0) {
    if (x == 1 || (x == -1 && (y & 1) == 0)) { return 1; }
    return select(0, -1, x == -1);
  }`;
  const lanes = ["x", "y", "z", "w"].map((lane) => `saddle_pow_${type}(x.${lane}, y.${lane})`).join(", ");
  return `
fn saddle_pow_${type}(x: ${type}, y: ${type}) -> ${type} {${negative}
  var power = ${type}(1);
  var square = x;
  for (var left = u32(y); left != 0u; left >>= 1u) {
    if ((left & 1u) == 1u) { power *= square; }
    square *= square;
  }
  return power;
}
fn saddle_pow_${type}4(x: vec4<${type}>, y: vec4<${type}>) -> vec4<${type}> { return vec4<${type}>(${lanes}); }`;
});
