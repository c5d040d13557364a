import { makeNode, type Attrs, type Aval, type Device, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import type { DType } from "../util/dtypes";
import { refuse } from "../util/errors";

/** 0, 1, 2, … along the only axis. */
export const iotaOp: Op = {
  name: "arange",
  shape: () => refuse("arange", "takes no inputs"),
  lowering: { kind: "index" },
  cpu: (_inputs, _attrs, out) => {
    const result = cpuArray(out);
    for (let i = 0; i < result.data.length; i++) result.data[i] = i;
    return result;
  },
  jvp: "nondifferentiable",
  transpose: "nonlinear",
  batch: (_inputs, _batched, node) => node,
};

const noAttrs: Attrs = {};

export function iota(size: number, dtype: DType, device: Device): Node {
  const aval: Aval = { shape: [size], dtype };
  return makeNode(iotaOp, [], noAttrs, device, aval);
}
