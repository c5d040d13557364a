/**
 * Arc functions in WGSL. Drivers may approximate theirs to a few thousand units in the last place, and some do to 1e-4;
 * these are the polynomials of Cephes (Moshier), good to two units, with the signs of zero as in IEEE 754.
 */
import { isNaNText } from "../wgsl/expr";

const lanes = (name: string, parameters: readonly string[]): string => {
  const at = (lane: string): string => `${name}(${parameters.map((p) => `${p}.${lane}`).join(", ")})`;
  const typed = parameters.map((p) => `${p}: vec4f`).join(", ");
  return `fn ${name}4(${typed}) -> vec4f { return vec4f(${["x", "y", "z", "w"].map(at).join(", ")}); }`;
};

/** atan of a ratio of magnitudes in [0, ∞]; then signs and quadrants. */
const atanBody = (prefix: string): string => `
fn ${prefix}_positive(x: f32) -> f32 {
  let steep = x > 2.414213562373095f;
  let middle = x > 0.4142135623730950f;
  let z = select(select(x, (x - 1.0f) / (x + 1.0f), middle), -1.0f / x, steep);
  let base = select(select(0.0f, 0.7853981633974483f, middle), 1.5707963267948966f, steep);
  let s = z * z;
  let p = ((8.05374449538e-2f * s - 1.38776856032e-1f) * s + 1.99777106478e-1f) * s - 3.33329491539e-1f;
  return base + (p * s * z + z);
}
fn ${prefix}_signed(x: f32, sign: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) | (bitcast<u32>(sign) & 0x80000000u));
}`;

export const atanHelper = `${atanBody("saddle_atan")}
fn saddle_atan(x: f32) -> f32 { return saddle_atan_signed(saddle_atan_positive(abs(x)), x); }
${lanes("saddle_atan", ["x"])}`;

export const atan2Helper = `${atanBody("saddle_atan2")}
fn saddle_atan2(y: f32, x: f32) -> f32 {
  if (${isNaNText("x", 1)} || ${isNaNText("y", 1)}) { return x + y; }
  let both = abs(x) > 3.4028234e38f && abs(y) > 3.4028234e38f;
  let top = select(abs(y), 1.0f, both);
  let bottom = select(abs(x), 1.0f, both);
  let left = (bitcast<u32>(x) >> 31u) != 0u;
  var angle = 0.0f;
  if (top != 0.0f) { angle = saddle_atan2_positive(top / bottom); }
  if (left) { angle = 3.141592653589793f - angle; }
  return saddle_atan2_signed(angle, y);
}
${lanes("saddle_atan2", ["y", "x"])}`;

const cosine = (x: string): string => `sqrt((1.0f - ${x}) * (1.0f + ${x}))`;

export const asinHelper = `${atanBody("saddle_asin")}
fn saddle_asin(x: f32) -> f32 {
  return saddle_asin_signed(saddle_asin_positive(abs(x) / ${cosine("x")}), x);
}
${lanes("saddle_asin", ["x"])}`;

export const acosHelper = `${atanBody("saddle_acos")}
fn saddle_acos(x: f32) -> f32 {
  let angle = saddle_acos_positive(${cosine("x")} / abs(x));
  return select(angle, 3.141592653589793f - angle, x < 0.0f);
}
${lanes("saddle_acos", ["x"])}`;
