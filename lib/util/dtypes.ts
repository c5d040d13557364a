import { describe, nearest, refuse } from "./errors";

export type DType = "float64" | "float32" | "float16" | "int32" | "uint32" | "bool";
export type FloatType = "float64" | "float32" | "float16";
/**
 * What a tensor of each dtype reads back as: a Float32Array, Float64Array, Int32Array, Uint32Array, or for bool a
 * Uint8Array of 0 and 1. What these have in common, as one type: TypeScript before 5.2 cannot call `filter` or `map` of
 * a union of them.
 */
export interface TypedArray extends ArrayBufferView, Iterable<number> {
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
  [index: number]: number;
  at(index: number): number | undefined;
  every(test: (value: number, index: number) => boolean): boolean;
  fill(value: number, start?: number, end?: number): this;
  filter(test: (value: number, index: number) => boolean): TypedArray;
  find(test: (value: number, index: number) => boolean): number | undefined;
  findIndex(test: (value: number, index: number) => boolean): number;
  forEach(visit: (value: number, index: number) => void): void;
  includes(value: number): boolean;
  indexOf(value: number): number;
  join(separator?: string): string;
  keys(): IterableIterator<number>;
  map(f: (value: number, index: number) => number): TypedArray;
  reduce<T>(f: (sum: T, value: number, index: number) => T, start: T): T;
  set(values: ArrayLike<number>, offset?: number): void;
  slice(start?: number, end?: number): TypedArray;
  some(test: (value: number, index: number) => boolean): boolean;
  sort(compare?: (a: number, b: number) => number): this;
  subarray(start?: number, end?: number): TypedArray;
}

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

/** At least as many as a device takes for it. */
export function bytesPerElement(dtype: DType): number {
  if (dtype === "float64") return 8;
  if (dtype === "float16") return 2;
  return dtype === "bool" ? 1 : 4;
}

/** The dtype that holds a typed array's numbers, int32 for the shorter integers; undefined where none does. */
export function dtypeOfArray(array: ArrayBufferView): DType | undefined {
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Uint32Array) return "uint32";
  const isInteger = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array].some(
    (type) => array instanceof type,
  );
  return isInteger ? "int32" : undefined;
}
