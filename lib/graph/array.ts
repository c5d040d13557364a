/** Arrays of the cpu device, which ops' own rules compute with. */
import { convertInto } from "../util/conversion";
import { arrayFor, bytesPerElement, type DType, type TypedArray } from "../util/dtypes";
import { DeviceError } from "../util/errors";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import type { Aval, CpuArray } from "./node";

/** A typed array of the interpreter: floats are float64 whatever the dtype says. */
export function cpuArray(aval: Aval, data?: TypedArray): CpuArray {
  const dtype = aval.dtype === "float32" || aval.dtype === "float16" ? "float64" : aval.dtype;
  return { shape: aval.shape, dtype: aval.dtype, data: data ?? allocate(dtype, aval.shape) };
}

function allocate(dtype: DType, shape: Shape): TypedArray {
  try {
    return arrayFor(dtype, sizeOf(shape));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const bytes = sizeOf(shape) * bytesPerElement(dtype);
    throw new DeviceError(
      `the memory for ${bytes} bytes, ${dtype} of shape ${formatShape(shape)}, is not to be had`,
    );
  }
}

export function toCpuArray(data: TypedArray, aval: Aval): CpuArray {
  const out = cpuArray(aval);
  convertInto(out.data, data, aval.dtype);
  return out;
}
