/** Interprets the graph op by op in float64: the cpu device, and the reference that other devices are tested against. */
import { totalmem } from "node:os";
import { cpuArray, toCpuArray } from "../graph/array";
import {
  settle,
  topological,
  type Aval,
  type CpuArray,
  type Device,
  type Node,
  type Program,
} from "../graph/node";
import { arrayFor, type TypedArray } from "../util/dtypes";
import { SaddleError } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { arrayOf, hostStorage, onHost, type Stored } from "./storage";

/** Values of `roots`; `leaf` gives those of nodes that need no computing. */
export function interpret(roots: readonly Node[], leaf: (node: Node) => CpuArray | undefined): CpuArray[] {
  const values = new Map<Node, CpuArray>();
  const order = topological(roots, (node) => leaf(node) !== undefined);
  const uses = new Map<Node, number>();
  for (const node of order) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  for (const root of roots) uses.set(root, Infinity);
  for (const node of order) {
    values.set(node, leaf(node) ?? evaluate(node, values));
    for (const input of node.inputs) {
      const left = uses.get(input)! - 1;
      uses.set(input, left);
      if (left === 0) values.delete(input);
    }
  }
  return roots.map((root) => values.get(root)!);
}

function evaluate(node: Node, values: ReadonlyMap<Node, CpuArray>): CpuArray {
  const inputs = node.inputs.map((i) => values.get(i)!);
  return node.op.cpu(inputs, node.attrs, node);
}

/** The float64 device. It holds no state: storages belong to their nodes. */
export function createCpuDevice(): Device {
  return {
    name: "cpu",
    backend: "interpreter",
    kind: "cpu",
    limits: {},
    most: { elements: 2 ** 32 - 1, bytes: totalmem() },
    features: ["float64"],
    floatType: "float64",
    floatTypes: ["float64"],
    isOpen: true,
    open: () => Promise.resolve(true),
    store,
    realize,
    read: (node) => {
      realize([node]);
      return Promise.resolve(readArray(node));
    },
    peek: onHost,
    finish: () => Promise.resolve(),
    compile,
    free: () => {},
    memory: () => ({ live: 0, pooled: 0, peak: 0, plans: 0, kernels: 0 }),
  };
}

function store(data: TypedArray, aval: Aval, isGiven = false): Stored {
  return hostStorage(
    (isGiven && data instanceof Float64Array ? cpuArray(aval, data) : toCpuArray(data, aval)).data,
  );
}

function realize(nodes: readonly Node[]): void {
  const pending = nodes.filter((n) => !n.storage);
  if (pending.length === 0) return;
  const kept = topological(pending, (n) => n.storage !== undefined).filter((n) => n.kept && !n.storage);
  const roots = [...new Set([...pending, ...kept])];
  const results = interpret(roots, arrayOf);
  roots.forEach((node, i) => settle(node, hostStorage(results[i].data)));
}

function compile(outputs: readonly Node[], inputs: readonly Node[]): Program {
  return (values) => {
    const given = new Map(inputs.map((n, i) => [n, arrayOf(values[i])]));
    return interpret(outputs, (node) => given.get(node) ?? arrayOf(node)).map(({ data }) =>
      hostStorage(data),
    );
  };
}

/** A copy, in the typed array of the node's dtype. */
function readArray(node: Node): TypedArray {
  const host = onHost(node);
  if (!host) throw new SaddleError("the value was not computed");
  const out = arrayFor(node.dtype, sizeOf(node.shape));
  out.set(host);
  return out;
}
