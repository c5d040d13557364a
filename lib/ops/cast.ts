import { apply, type Node, type Op } from "../graph/node";
import { conversionTo } from "../scalar/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { constant, constantValue } from "./define";
import { interpreted } from "./elementwise";

function conversion(name: string, isTaken: (from: DType, to: DType) => boolean): Op {
  return {
    name,
    shape: ([x], attrs) => {
      const dtype = attrs.dtype as DType;
      if (!isTaken(x.dtype, dtype)) refuse(name, `does not convert ${x.dtype} to ${dtype}`);
      return { shape: x.shape, dtype };
    },
    lowering: { kind: "elementwise", function: ({ dtype }) => conversionTo(dtype) },
    cpu: (inputs, _attrs, out) => interpreted(conversionTo(out.dtype), inputs, out),
    jvp: (tangents, node) => (isFloat(node.dtype) ? [cast(tangents[0]!, node.dtype)] : []),
    transpose: (ct, node) => cast(ct, node.inputs[0].dtype),
    batch: ([x], _batched, node) => cast(x, node.dtype),
  };
}

const isInteger = (dtype: DType): dtype is "int32" | "uint32" => dtype === "int32" || dtype === "uint32";

/** To bool, where anything but zero is true; to floats; and among integers, modulo 2³². */
export const castOp = conversion("astype", (from, to) => !(isFloat(from) && isInteger(to)));

/** Floats to integers: toward zero, held within the range, 0 for NaN. */
export const truncateOp = conversion("truncate", (from, to) => isFloat(from) && isInteger(to));

export function cast(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x;
  const value = constantValue(x);
  if (value !== undefined && isFloat(x.dtype) && isFloat(dtype))
    return constant(value, { shape: x.shape, dtype }, x.device);
  return apply(isFloat(x.dtype) && isInteger(dtype) ? truncateOp : castOp, [x], { dtype });
}
