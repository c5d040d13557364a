import { toCpuArray } from "../graph/array";
import { arrayOf } from "../device/storage";
import {
  checkNotDisposed,
  disposed,
  settle,
  topological,
  type CpuArray,
  type Device,
  type Node,
} from "../graph/node";
import { leaf } from "../ops/define";
import type { DType, TypedArray } from "../util/dtypes";
import { DeviceError, refuse, SaddleError } from "../util/errors";
import { displayKey, type MimeBundle } from "../util/frontend";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import { flatten } from "../util/trees";
import { formatArray } from "./print";
import { computedWith, hold } from "./pending";
import { viewOf } from "./view";

/** Numbers in arrays, nested as deep as a tensor has dimensions. */
export type NestedArray = number | boolean | NestedArray[];

/** What a function takes where it takes a tensor. */
export type TensorLike = Tensor | number | boolean | readonly NestedArray[] | TypedArray;

/**
 * An immutable array of numbers on a device. Expressions are built at once and computed when a value is read, so that
 * whole chains run as few kernels.
 */
export class Tensor {
  /** @internal */
  readonly node: Node;

  /** @internal */
  constructor(node: Node) {
    this.node = node;
  }

  /** Lengths of the axes, outermost first. Numbers, and no part of the type: docs/shapes.md says why. */
  get shape(): Shape {
    return this.node.shape;
  }
  get dtype(): DType {
    return this.node.dtype;
  }
  get device(): Device {
    return this.node.device;
  }
  /** Number of axes. */
  get ndim(): number {
    return this.node.shape.length;
  }
  /** Number of elements. */
  get size(): number {
    return sizeOf(this.node.shape);
  }

  /**
   * The elements in row-major order: a Float32Array, Float64Array (cpu), Int32Array, Uint32Array, or Uint8Array (bool).
   * Computes what is pending. Throws a DeviceError where the device failed, a SaddleError for a traced tensor.
   */
  async data(): Promise<TypedArray> {
    await compute(this.node);
    return this.node.device.read(this.node);
  }

  /** The elements as nested arrays; a number (or boolean) for a scalar. */
  async array(): Promise<NestedArray> {
    const data = await this.data();
    return nest(data, this.shape, this.dtype === "bool");
  }

  /** The only element. Throws an ArgumentError unless `size` is 1. */
  async item(): Promise<number> {
    if (this.size !== 1)
      refuse("item", `needs a tensor of one element, got shape ${formatShape(this.shape)}`);
    return (await this.data())[0];
  }

  /**
   * Frees the memory now instead of when the tensor is collected. Whatever uses the tensor after that is an error, as is
   * reading what was made of it and not computed yet.
   */
  dispose(): void {
    if (this.node.storage === disposed) return;
    if (this.node.storage) this.node.device.free(this.node);
    settle(this.node, disposed);
  }

  /** The dtype, the shape and the device, without the values, which may not be computed. */
  toString(): string {
    return `Tensor(${formatShape(this.shape)}, ${this.dtype}, ${this.device.name})`;
  }

  /** As text it is what `toString` gives; operators of numbers are refused, for they know nothing of its elements. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new SaddleError(
      "operators such as +, * and > do not work on tensors: write a.add(b), a.mul(b), a.greater(b), a.equal(b), … " +
        "or read a number with `await t.item()`; in a text write `${t}`",
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  async [displayKey](): Promise<MimeBundle> {
    const data = await this.data();
    const { shape, dtype } = this;
    return {
      "text/html": viewOf({ data, shape, dtype, place: this.device.name }),
      "text/plain": formatArray(data, shape, dtype),
    };
  }
}

/** Queues the work that gives `node` its value. */
async function compute(node: Node): Promise<void> {
  checkNotDisposed(node);
  refuseTraced(node);
  await computeOnHost(node);
  if (node.storage) return;
  await node.device.open();
  realizeTogether(node);
}

/**
 * Resolves with `tree` once every tensor in it is computed, without reading any: for timing, and to bound how much work
 * is queued. Throws a DeviceError where the work failed.
 */
export async function blockUntilReady<T>(tree: T): Promise<T> {
  const { leaves } = flatten(tree, (x): x is Tensor => x instanceof Tensor);
  for (const { node } of leaves) await compute(node);
  await Promise.all([...new Set(leaves.map((t) => t.device))].map((device) => device.finish()));
  return tree;
}

/** Computes what `node` needs of the ops that run on the host, reading their inputs from wherever these are. */
async function computeOnHost(node: Node): Promise<void> {
  const isHost = (n: Node): boolean => n.storage === undefined && n.op.lowering.kind === "host";
  for (const n of topological([node], (m) => m.storage !== undefined || isHost(m)).filter(isHost)) {
    // One that another of these needs was computed with it.
    if (!isHost(n)) continue;
    let computing = onHost.get(n);
    if (computing === undefined) onHost.set(n, (computing = settleOnHost(n)));
    // What has failed may be tried again.
    await computing.finally(() => onHost.delete(n));
  }
}

/** What is under way, so that two readers do not have it done twice. */
const onHost = new WeakMap<Node, Promise<void>>();

/** Inputs are read one after the other: those that wait for other processes do so in an order that these share. */
async function settleOnHost(n: Node): Promise<void> {
  const inputs: CpuArray[] = [];
  for (const x of n.inputs) inputs.push(await arrayOnHost(x));
  const { lowering, cpu } = n.op;
  const wait = lowering.kind === "host" ? lowering.wait : undefined;
  const { data } = wait ? await wait(inputs, n.attrs, n) : cpu(inputs, n.attrs, n);
  settle(n, n.device.store(data, n, true));
}

/** The value of `node` for the host to look at: its own array where that is where it lies. */
async function arrayOnHost(node: Node): Promise<CpuArray> {
  await compute(node);
  return arrayOf(node) ?? toCpuArray(await node.device.read(node), node);
}

/** Computes `node` with what shares its work; if that fails, alone, so that only its own failure counts. */
function realizeTogether(node: Node): void {
  const nodes = computedWith(node);
  try {
    node.device.realize(nodes);
  } catch (error) {
    if (nodes.length === 1 || !(error instanceof DeviceError)) throw error;
    node.device.realize([node]);
  }
}

/** Depth of functions being traced: tensors made inside are the trace's, not the user's to keep. */
let tracing = 0;

export function traced<T>(fn: () => T): T {
  tracing++;
  try {
    return fn();
  } finally {
    tracing--;
  }
}

export function isTracing(): boolean {
  return tracing > 0;
}

export function wrap(node: Node): Tensor {
  if (tracing === 0) hold(node);
  return new Tensor(node);
}

function refuseTraced(node: Node): void {
  const seen = new Set<Node>();
  const stack = [node];
  while (stack.length > 0) {
    const n = stack.pop()!;
    if (seen.has(n) || n.storage) continue;
    seen.add(n);
    if (n.op === leaf) {
      throw new SaddleError(
        "this tensor stands for an argument of a function that is being transformed and has no value; return it from the function and read it there",
      );
    }
    stack.push(...n.inputs);
  }
}

function nest(data: TypedArray, shape: Shape, bool: boolean): NestedArray {
  const build = (d: number, offset: number, stride: number): NestedArray => {
    if (d === shape.length) return bool ? data[offset] !== 0 : data[offset];
    const inner = shape[d] === 0 ? 0 : stride / shape[d];
    return Array.from({ length: shape[d] }, (_, i) => build(d + 1, offset + i * inner, inner));
  };
  return build(0, 0, data.length);
}
