/** The cpu device: interprets the graph op by op in float64. It is the reference that other devices are tested against. */
import { totalmem } from "node:os";
import { arrayFor, type TypedArray } from "../util/dtypes";
import { SaddleError } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { cpuArray, toCpuArray } from "./array";
import {
  checkNotDisposed,
  settle,
  topological,
  type Aval,
  type CpuArray,
  type Device,
  type Node,
  type Program,
  type Storage,
} from "./node";

interface CpuStorage extends Storage {
  readonly array: CpuArray;
}

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
    store: storeOnCpu,
    realize: (nodes) => realizeOnCpu(nodes, arrayOf),
    read: (node) => {
      realizeOnCpu([node], arrayOf);
      return Promise.resolve(readOnCpu(node));
    },
    peek: (node) => arrayOf(node)?.data,
    finish: () => Promise.resolve(),
    compile: (outputs, inputs) => compileOnCpu(outputs, inputs, arrayOf),
    free: () => {},
    memory: () => ({ live: 0, pooled: 0, peak: 0 }),
  };
}

export function storeOnCpu(data: TypedArray, aval: Aval, isGiven = false): Storage {
  const array = isGiven && data instanceof Float64Array ? cpuArray(aval, data) : toCpuArray(data, aval);
  const storage: CpuStorage = { bytes: array.data.byteLength, array };
  return storage;
}

/** The interpreter's value of a realised node, or undefined where it has none. */
export function arrayOf(node: Node): CpuArray | undefined {
  checkNotDisposed(node);
  return (node.storage as CpuStorage | undefined)?.array;
}

/** Computes nodes here; `leaf` gives the values of those that have one. */
export function realizeOnCpu(nodes: readonly Node[], leaf: (node: Node) => CpuArray | undefined): void {
  const pending = nodes.filter((n) => !n.storage);
  if (pending.length === 0) return;
  const kept = topological(pending, (n) => n.storage !== undefined).filter((n) => n.kept && !n.storage);
  const roots = [...new Set([...pending, ...kept])];
  const results = interpret(roots, leaf);
  roots.forEach((node, i) => {
    const storage: CpuStorage = { bytes: results[i].data.byteLength, array: results[i] };
    settle(node, storage);
  });
}

/** A program for the interpreter; `leaf` gives the values of nodes that have one. */
export function compileOnCpu(
  outputs: readonly Node[],
  inputs: readonly Node[],
  leaf: (node: Node) => CpuArray | undefined,
): Program {
  return (values) => {
    const given = new Map(inputs.map((n, i) => [n, leaf(values[i])]));
    const results = interpret(outputs, (node) => given.get(node) ?? leaf(node));
    return results.map((array): CpuStorage => ({ bytes: array.data.byteLength, array }));
  };
}

/** A copy, in the typed array of the node's dtype. */
export function readOnCpu(node: Node): TypedArray {
  const array = arrayOf(node);
  if (!array) throw new SaddleError("the value was not computed");
  const out = arrayFor(node.dtype, sizeOf(node.shape));
  out.set(array.data);
  return out;
}
