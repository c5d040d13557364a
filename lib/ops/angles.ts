/**
 * Arc functions in WGSL. Drivers may approximate theirs to a few thousand units in the last place, and some do to 1e-4;
 * these are the polynomials of Cephes (Moshier), good to two units, with the signs of zero as in IEEE 754.
 */
import { isNaNText } from "../wgsl/text";
import { perLane } from "./shader";

/** atan of a ratio of magnitudes in [0, ∞]; then signs and quadrants. */
const arc = `
fn saddle_arc(x: f32) -> f32 {
  let steep = x > 2.414213562373095f;
  let middle = x > 0.4142135623730950f;
  let z = select(select(x, (x - 1.0f) / (x + 1.0f), middle), -1.0f / x, steep);
  let base = select(select(0.0f, 0.7853981633974483f, middle), 1.5707963267948966f, steep);
  let s = z * z;
  let p = ((8.05374449538e-2f * s - 1.38776856032e-1f) * s + 1.99777106478e-1f) * s - 3.33329491539e-1f;
  return base + (p * s * z + z);
}
fn saddle_signed(x: f32, sign: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) | (bitcast<u32>(sign) & 0x80000000u));
}`;

export const atanHelpers = [
  arc,
  perLane("saddle_atan", ["x"], ` return saddle_signed(saddle_arc(abs(x)), x); `),
];

export const atan2Helpers = [
  arc,
  perLane(
    "saddle_atan2",
    ["y", "x"],
    `
  if (${isNaNText("x", 1)} || ${isNaNText("y", 1)}) { return x + y; }
  let both = abs(x) > 3.4028234e38f && abs(y) > 3.4028234e38f;
  let top = select(abs(y), 1.0f, both);
  let bottom = select(abs(x), 1.0f, both);
  let left = (bitcast<u32>(x) >> 31u) != 0u;
  var angle = 0.0f;
  if (top != 0.0f) { angle = saddle_arc(top / bottom); }
  if (left) { angle = 3.141592653589793f - angle; }
  return saddle_signed(angle, y);
`,
  ),
];

const cosine = (x: string): string => `sqrt((1.0f - ${x}) * (1.0f + ${x}))`;

export const asinHelpers = [
  arc,
  perLane("saddle_asin", ["x"], ` return saddle_signed(saddle_arc(abs(x) / ${cosine("x")}), x); `),
];

export const acosHelpers = [
  arc,
  perLane(
    "saddle_acos",
    ["x"],
    `
  let angle = saddle_arc(${cosine("x")} / abs(x));
  return select(angle, 3.141592653589793f - angle, x < 0.0f);
`,
  ),
];
