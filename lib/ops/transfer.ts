import { makeNode, type Device, type Node, type Op } from "../graph/node";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import type { CpuArray } from "../graph/node";

/** A value on its way from one device to another; whoever reads it has it copied first. */
export const transferOp: Op = {
  name: "to",
  shape: () => refuse("to", "is made by transfer, which knows the device"),
  lowering: { kind: "host" },
  cpu: ([x]): CpuArray => x,
  jvp: ([t], node) => [transfer(t!, node.device)],
  transpose: (ct, node) => transfer(ct, node.inputs[0].device),
  batch: ([x], _batched, node) => transfer(x, node.device),
};

export function transfer(x: Node, device: Device): Node {
  if (x.device === device) return x;
  const dtype = isFloat(x.dtype) ? device.floatType : x.dtype;
  return makeNode(transferOp, [x], {}, device, { shape: x.shape, dtype });
}
