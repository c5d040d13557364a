import { describe, nearest, refuse } from "./errors";

export type DType = "float64" | "float32" | "float16" | "int32" | "uint32" | "bool";
export type FloatType = "float64" | "float32" | "float16";
/** What a tensor of each dtype reads back as; bool is 0 or 1. */
export type TypedArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

const dtypes: readonly DType[] = ["bool", "uint32", "int32", "float16", "float32", "float64"];

export function checkDType(where: string, dtype: unknown): DType {
  if (dtypes.includes(dtype as DType)) return dtype as DType;
  const near = typeof dtype === "string" ? nearest(dtype, dtypes) : undefined;
  return refuse(
    where,
    `dtype must be one of ${dtypes.join(", ")}, got ${describe(dtype)}${near ? `; did you mean "${near}"?` : ""}`,
  );
}

export function isFloat(dtype: DType): dtype is FloatType {
  return dtype === "float64" || dtype === "float32" || dtype === "float16";
}

/** The dtype two operands compute in (JAX's lattice: bool < uint32 < int32 < float16 < float32 < float64). */
export function promote(a: DType, b: DType): DType {
  return dtypes.indexOf(a) >= dtypes.indexOf(b) ? a : b;
}

export function arrayFor(dtype: DType, size: number): TypedArray {
  switch (dtype) {
    case "float64":
      return new Float64Array(size);
    case "float32":
    case "float16":
      return new Float32Array(size);
    case "int32":
      return new Int32Array(size);
    case "uint32":
      return new Uint32Array(size);
    case "bool":
      return new Uint8Array(size);
  }
}

export function dtypeOfArray(array: TypedArray): DType {
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint32Array) return "uint32";
  return "bool";
}
