import { isRealized, makeNode, topological, type Device, type Node } from "../graph/node";
import { fromData } from "../tensor/create";
import { Tensor, traced } from "../tensor/tensor";
import { checkFunction } from "../util/checks";
import { isFloat } from "../util/dtypes";
import { unflatten } from "../util/trees";
import { flattenTensors, flattenTree, placeholder, unflattenTree } from "./trees";

/**
 * `f` on another device: its graph, as it is for arguments of the shapes of `example`, with copies of what it reads beside
 * its arguments. So a function that was written for a GPU can be evaluated and differentiated on `cpu` in float64. The
 * arguments must be on `device`, and have the example's shapes.
 */
export async function relocate<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  example: A,
  device: Device,
): Promise<(...args: A) => Y> {
  checkFunction("relocate", f);
  const given = flattenTree(example);
  const inputs = given.leaves.map(placeholder);
  const passed = unflatten(
    given.structure,
    inputs.map((n) => new Tensor(n)),
  ) as A;
  const result = flattenTensors(traced(() => f(...passed)));
  const outputs = result.leaves.map((t) => t.node);
  const isInput = new Set(inputs);
  const order = topological(outputs, (n) => isRealized(n) || isInput.has(n));
  const copies = new Map<Node, Node>();
  for (const node of order) {
    if (!isRealized(node)) continue;
    const data = await new Tensor(node).data();
    const dtype = isFloat(node.dtype) ? device.floatType : node.dtype;
    copies.set(node, fromData(data, node.shape, dtype, device).node);
  }
  return (...args) => {
    const made = new Map(copies);
    flattenTree(args).leaves.forEach((t, i) => made.set(inputs[i], t.node));
    for (const node of order) if (!made.has(node)) made.set(node, rebuilt(node, made, device));
    const nodes = outputs.map((n) => made.get(n)!);
    return unflattenTree(result.structure, nodes) as Y;
  };
}

function rebuilt(node: Node, made: ReadonlyMap<Node, Node>, device: Device): Node {
  const dtype = isFloat(node.dtype) ? device.floatType : node.dtype;
  const inputs = node.inputs.map((n) => made.get(n)!);
  return makeNode(node.op, inputs, node.attrs, device, { shape: node.shape, dtype });
}
