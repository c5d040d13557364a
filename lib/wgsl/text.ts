/** How types, literals and values are written in WGSL. */
import type { DType } from "../util/dtypes";

/** Elements of the vectors that kernels compute with. */
export const vectorWidth = 4;

export interface WgslType {
  readonly dtype: DType;
  readonly width: 1 | 4;
}

const scalarTypes: Record<DType, string> = {
  float64: "f32",
  float32: "f32",
  float16: "f32",
  int32: "i32",
  uint32: "u32",
  bool: "bool",
};

/** The type a value has in a register. */
export function registerType({ dtype, width }: WgslType): string {
  return width === 1 ? scalarTypes[dtype] : `vec4<${scalarTypes[dtype]}>`;
}

/** The type a value has in a storage buffer: bool is stored as u32, float16 as half the bytes. */
export function storageType(dtype: DType, width: 1 | 4): string {
  if (dtype === "float16") return width === 1 ? "f16" : "vec4<f16>";
  return registerType({ dtype: dtype === "bool" ? "uint32" : dtype, width });
}

export function literalText(value: number, type: WgslType): string {
  const { dtype } = type;
  let text: string;
  if (dtype === "bool") text = value ? "true" : "false";
  else if (dtype === "int32") text = value === -(2 ** 31) ? "i32(-2147483647 - 1)" : `${value}i`;
  else if (dtype === "uint32") text = `${value >>> 0}u`;
  else text = floatText(value);
  return type.width === 1 ? text : `${registerType(type)}(${text})`;
}

const greatest = 3.4028234663852886e38;

function floatText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`WGSL has no literal for ${value}`);
  const single = Math.fround(value);
  const shorter = [6, 7, 8, 9].map((digits) => Number(single.toPrecision(digits)));
  // WGSL takes no number above the greatest, though it be the nearest.
  const shortest = shorter.find((x) => Math.fround(x) === single && Math.abs(x) <= greatest) ?? single;
  const text = String(shortest);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** Whether a float is NaN, by its bits: WGSL lets a compiler assume that x != x is false. */
export function isNaNText(x: string, width: 1 | 4): string {
  return `(${magnitudeBits(x, width)} > ${registerType({ dtype: "uint32", width })}(0x7f800000u))`;
}

/** The bits of a float without its sign: they order as magnitudes do, with NaN above infinity. */
export function magnitudeBits(x: string, width: 1 | 4): string {
  const type = registerType({ dtype: "uint32", width });
  return `(bitcast<${type}>(${x}) & ${type}(0x7fffffffu))`;
}

export function loadText(expression: string, type: WgslType): string {
  if (type.dtype === "float16") return `${registerType(type)}(${expression})`;
  if (type.dtype !== "bool") return expression;
  return type.width === 1 ? `(${expression} != 0u)` : `(${expression} != vec4u(0u))`;
}

export function storeText(expression: string, type: WgslType): string {
  if (type.dtype === "float16") return `${storageType("float16", type.width)}(${expression})`;
  if (type.dtype !== "bool") return expression;
  return type.width === 1 ? `select(0u, 1u, ${expression})` : `select(vec4u(0u), vec4u(1u), ${expression})`;
}
