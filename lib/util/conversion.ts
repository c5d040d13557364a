/** What becomes of a number in another dtype: one rule for all devices, and for all ways of giving a number. */
import { isFloat, type DType, type TypedArray } from "./dtypes";

/** What an integer can hold. */
export const integerRanges = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
} as const;

/** A float in `dtype`: integers take the nearest toward zero that they can hold, 0 for NaN; anything but zero is true. */
export function converted(value: number, dtype: DType): number {
  if (isFloat(dtype)) return value;
  if (dtype === "bool") return value === 0 ? 0 : 1;
  if (Number.isNaN(value)) return 0;
  const [least, most] = integerRanges[dtype];
  return Math.trunc(Math.max(least, Math.min(most, value))) + 0;
}

/** A whole number as an integer dtype counts, modulo 2³²; floats have it as it is. */
export function wrapped(value: number, dtype: DType): number {
  if (dtype === "int32") return value | 0;
  return dtype === "uint32" ? value >>> 0 : value;
}

/** Writes numbers into the array of a tensor of `dtype`: those of integers modulo 2³², those of floats converted. */
export function convertInto(out: TypedArray, data: TypedArray, dtype: DType): TypedArray {
  const isOfFloats = data instanceof Float32Array || data instanceof Float64Array;
  if (isFloat(dtype) || (dtype !== "bool" && !isOfFloats)) out.set(data);
  else for (let i = 0; i < data.length; i++) out[i] = converted(data[i], dtype);
  return out;
}
