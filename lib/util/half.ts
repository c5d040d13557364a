/** IEEE 754 binary16, as the bits of unsigned integers: JavaScript has no array of halves on every Node. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** To the nearest half, ties to even; too large a number becomes infinite. */
export function toHalf(value: number): number {
  float[0] = value;
  const [x] = bits;
  const sign = (x >>> 16) & 0x8000;
  const exponent = (x >>> 23) & 0xff;
  const fraction = x & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const shifted = exponent - 127 + 15;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted < -10) return sign;
  // A half below the normal range has no implicit leading one.
  const whole = shifted <= 0 ? (fraction | 0x800000) >>> 0 : fraction;
  const drop = shifted <= 0 ? 14 - shifted : 13;
  const kept = (shifted <= 0 ? 0 : shifted << 10) + (whole >>> drop);
  const rest = whole & ((1 << drop) - 1);
  const halfway = 1 << (drop - 1);
  // A carry out of the fraction goes where it belongs, into the exponent.
  return sign | (kept + (rest > halfway || (rest === halfway && (kept & 1) === 1) ? 1 : 0));
}

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
