import { apply, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { converted, integerRanges } from "../util/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import type { CallText } from "../loops/expr";
import { isNaNText, literalText, registerType } from "../wgsl/text";
import { constant, constantValue } from "./define";

function conversion(
  name: string,
  isTaken: (from: DType, to: DType) => boolean,
  text: CallText,
  convert: (x: CpuArray, out: CpuArray) => void,
): Op {
  return {
    name,
    shape: ([x], attrs) => {
      const dtype = attrs.dtype as DType;
      if (!isTaken(x.dtype, dtype)) refuse(name, `does not convert ${x.dtype} to ${dtype}`);
      return { shape: x.shape, dtype };
    },
    lowering: { kind: "elementwise", text },
    cpu: ([x], _attrs, out) => {
      const result = cpuArray(out);
      convert(x, result);
      return result;
    },
    jvp: (tangents, node) => (isFloat(node.dtype) ? [cast(tangents[0]!, node.dtype)] : []),
    transpose: (ct, node) => cast(ct, node.inputs[0].dtype),
    batch: ([x], _batched, node) => cast(x, node.dtype),
  };
}

const isInteger = (dtype: DType): dtype is "int32" | "uint32" => dtype === "int32" || dtype === "uint32";

/** To bool, where anything but zero is true; to floats; and among integers, modulo 2³². */
export const castOp = conversion(
  "astype",
  (from, to) => !(isFloat(from) && isInteger(to)),
  ([x], type) => `${registerType(type)}(${x})`,
  (x, { data, dtype }) => {
    if (dtype === "bool") data.set(Array.from(x.data, (v) => converted(v, dtype)));
    else data.set(x.data);
  },
);

/** Floats to integers: toward zero, held within the range, 0 for NaN. Of the last two a driver's own may make what it likes. */
export const truncateOp = conversion(
  "truncate",
  (from, to) => isFloat(from) && isInteger(to),
  ([x], type) => {
    const [, most] = integerRanges[type.dtype as keyof typeof integerRanges];
    const float = registerType({ ...type, dtype: "float32" });
    const held = `select(${registerType(type)}(${x}), ${literalText(most, type)}, ${x} >= ${float}(${most + 1}.0f))`;
    return `select(${held}, ${literalText(0, type)}, ${isNaNText(x, type.width)})`;
  },
  (x, { data, dtype }) => data.set(x.data.map((v) => converted(v, dtype))),
);

export function cast(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x;
  const value = constantValue(x);
  if (value !== undefined && isFloat(x.dtype) && isFloat(dtype))
    return constant(value, { shape: x.shape, dtype }, x.device);
  return apply(isFloat(x.dtype) && isInteger(dtype) ? truncateOp : castOp, [x], { dtype });
}
