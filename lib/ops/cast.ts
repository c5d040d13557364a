import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/interpret";
import { isFloat, type DType } from "../util/dtypes";
import { registerType } from "../wgsl/expr";
import { constant, constantValue } from "./define";

/** Conversion of dtype: floats are truncated toward zero, anything but zero is true. */
export const castOp: Op = {
  name: "astype",
  shape: ([x], attrs) => ({ shape: x.shape, dtype: attrs.dtype as DType }),
  wgsl: { kind: "elementwise", text: ([x], type) => `${registerType(type)}(${x})` },
  cpu: ([x], _attrs, out) => {
    const result = cpuArray(out);
    if (out.dtype === "bool") result.data.set(Array.from(x.data, (v) => (v === 0 ? 0 : 1)));
    else result.data.set(isFloat(out.dtype) ? x.data : x.data.map((v) => Math.trunc(v)));
    return result;
  },
  jvp: (tangents, node) => (isFloat(node.dtype) ? [cast(tangents[0]!, node.dtype)] : []),
  transpose: (ct, node) => cast(ct, node.inputs[0].dtype),
  batch: ([x], _batched, node) => cast(x, node.dtype),
};

export function cast(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x;
  const value = constantValue(x);
  if (value !== undefined && isFloat(x.dtype) && isFloat(dtype))
    return constant(value, { shape: x.shape, dtype }, x.device);
  return apply(castOp, [x], { dtype });
}
