import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/interpret";
import { isFloat, type DType } from "../util/dtypes";
import { registerType } from "../wgsl/expr";
import { constant, constantValue } from "./define";

/**
 * Conversion of dtype: floats are truncated toward zero and held within the integer's range (what NaN becomes is up to
 * the device); anything but zero is true.
 */
export const castOp: Op = {
  name: "astype",
  shape: ([x], attrs) => ({ shape: x.shape, dtype: attrs.dtype as DType }),
  wgsl: { kind: "elementwise", text: ([x], type) => `${registerType(type)}(${x})` },
  cpu: ([x], _attrs, out) => {
    const result = cpuArray(out);
    if (out.dtype === "bool") result.data.set(Array.from(x.data, (v) => (v === 0 ? 0 : 1)));
    else result.data.set(isFloat(x.dtype) && !isFloat(out.dtype) ? x.data.map(within(out.dtype)) : x.data);
    return result;
  },
  jvp: (tangents, node) => (isFloat(node.dtype) ? [cast(tangents[0]!, node.dtype)] : []),
  transpose: (ct, node) => cast(ct, node.inputs[0].dtype),
  batch: ([x], _batched, node) => cast(x, node.dtype),
};

/** Truncation that stops at the ends of an integer's range; 0 for NaN. */
function within(dtype: DType): (v: number) => number {
  const [low, high] = dtype === "uint32" ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
  return (v) => (Number.isNaN(v) ? 0 : Math.trunc(Math.max(low, Math.min(high, v))));
}

export function cast(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x;
  const value = constantValue(x);
  if (value !== undefined && isFloat(x.dtype) && isFloat(dtype))
    return constant(value, { shape: x.shape, dtype }, x.device);
  return apply(castOp, [x], { dtype });
}
