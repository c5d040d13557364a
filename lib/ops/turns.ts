/**
 * Sine, cosine and tangent in WGSL, which asks of a driver's own no more than an absolute error of 2⁻¹¹ on [−π, π]. Here an
 * angle is first brought to its nearest quarter turn, whatever its size; then follow the polynomials of Cephes (Moshier).
 */
import { horner, perLane } from "./shader";

/** π/2 in parts of 12 bits, whose products with whole numbers below 2¹² are exact, and the rest. */
const quarter = ["1.5703125f", "4.8375129699707031e-4f", "7.5495336204767227e-8f", "2.5633440682570896e-12f"];

/** The bits of 2/π after the point, behind 34 zeros: as many as the largest float32 reaches. */
const twoOverPi = [
  "0x00000000u, 0x28be60dbu, 0x9391054au, 0x7f09d5f4u",
  "0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau",
].join(", ");

/**
 * 0 ≤ x < ∞ as (the rest from the nearest quarter turn, how many quarters modulo 4). Large angles by
 * Payne and Hanek, "Radian reduction for trigonometric functions", 1983: in whole numbers, only those bits of 2/π that
 * move the angle within a turn.
 */
const reduction = `
fn saddle_product(a: u32, b: u32) -> vec2u {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let across = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let middle = (a & 0xffffu) * (b >> 16u) + (across & 0xffffu);
  return vec2u(a * b, (a >> 16u) * (b >> 16u) + (across >> 16u) + (middle >> 16u));
}
fn saddle_large_turn(x: f32) -> vec2f {
  var table = array<u32, 8>(${twoOverPi});
  let bits = bitcast<u32>(x);
  let mantissa = (bits << 8u) | 0x80000000u;
  let exponent = (bits >> 23u) - 126u;
  let word = exponent >> 5u;
  let shift = exponent & 31u;
  let behind = (31u - shift);
  let upper = (table[word] << shift) | ((table[word + 1u] >> 1u) >> behind);
  let middle = (table[word + 1u] << shift) | ((table[word + 2u] >> 1u) >> behind);
  let lower = (table[word + 2u] << shift) | ((table[word + 3u] >> 1u) >> behind);
  let carried = saddle_product(mantissa, lower).y;
  let product = saddle_product(mantissa, middle);
  let low = product.x + carried;
  let high = product.y + u32(low < carried) + mantissa * upper;
  var fraction = vec2u(low << 2u, (high << 2u) | (low >> 30u));
  let past = fraction.y >> 31u;
  if (past == 1u) { fraction = vec2u(~fraction.x + 1u, ~fraction.y + u32(fraction.x == 0u)); }
  let zeros = min(countLeadingZeros(fraction.y), 31u);
  let digits = (fraction.y << zeros) | ((fraction.x >> 1u) >> (31u - zeros));
  let size = f32(digits) * bitcast<f32>((95u - zeros) << 23u) * 1.57079632679f;
  return vec2f(select(size, -size, past == 1u), f32(((high >> 30u) + past) & 3u));
}
fn saddle_turn(x: f32) -> vec2f {
  if (x >= 4096.0f) { return saddle_large_turn(x); }
  let k = round(x * 0.636619772f);
  let rest = (((x - k * ${quarter[0]}) - k * ${quarter[1]}) - k * ${quarter[2]}) - k * ${quarter[3]};
  return vec2f(rest, k % 4.0f);
}
fn saddle_sine(t: f32) -> f32 {
  let z = t * t;
  return t + t * z * (${horner("z", [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])});
}
fn saddle_cosine(t: f32) -> f32 {
  let z = t * t;
  return (1.0f - 0.5f * z) + z * z * (${horner("z", [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2])});
}
fn saddle_outside(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u); }`;

const notFinite = "if ((bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u) { return saddle_outside(x); }";

export const sinHelpers = [
  reduction,
  perLane(
    "saddle_sin",
    ["x"],
    `
  ${notFinite}
  let turn = saddle_turn(abs(x));
  let y = select(saddle_sine(turn.x), saddle_cosine(turn.x), turn.y % 2.0f == 1.0f);
  let own = select(y, -y, turn.y >= 2.0f);
  return select(own, -own, bitcast<i32>(x) < 0);
`,
  ),
];

export const cosHelpers = [
  reduction,
  perLane(
    "saddle_cos",
    ["x"],
    `
  ${notFinite}
  let turn = saddle_turn(abs(x));
  let y = select(saddle_cosine(turn.x), saddle_sine(turn.x), turn.y % 2.0f == 1.0f);
  return select(y, -y, turn.y == 1.0f || turn.y == 2.0f);
`,
  ),
];

export const tanHelpers = [
  reduction,
  perLane(
    "saddle_tan",
    ["x"],
    `
  ${notFinite}
  let turn = saddle_turn(abs(x));
  let s = saddle_sine(turn.x);
  let c = saddle_cosine(turn.x);
  let y = select(s / c, -c / s, turn.y % 2.0f == 1.0f);
  return select(y, -y, bitcast<i32>(x) < 0);
`,
  ),
];
