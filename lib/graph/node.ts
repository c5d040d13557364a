/** The graph: a node is an op applied to nodes, or a value. Building it checks shapes and dtypes; nothing is computed. */
import { bytesPerElement, isFloat, type DType, type FloatType, type TypedArray } from "../util/dtypes";
import { refuse, SaddleError } from "../util/errors";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import type { Affine } from "../loops/affine";
import type { Condition } from "../loops/expr";
import type { Combiner } from "../scalar/combiner";
import type { ScalarFunction } from "../scalar/lanes";

export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An op's static parameters: plain JSON. */
export type Attrs = Readonly<Record<string, unknown>>;

/** A dense row-major array of the cpu device; floats are float64 whatever the dtype. */
export interface CpuArray extends Aval {
  readonly data: TypedArray;
}

/** Where a device keeps a value. */
export interface Storage {
  readonly bytes: number;
}

/** What computes a graph. A device is a value, so that several can serve one process. */
export interface Device {
  readonly name: string;
  /** The graphics API, or "interpreter". */
  readonly backend: string;
  readonly kind: "gpu" | "software" | "cpu";
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
  /** What no tensor can have more of. */
  readonly most: { readonly elements: number; readonly bytes: number };
  /** The dtype floats have here unless one is asked for. */
  readonly floatType: FloatType;
  readonly floatTypes: readonly FloatType[];
  /** Takes a copy, or the array itself where the caller gives it away. */
  store(data: TypedArray, aval: Aval, isGiven?: boolean): Storage;
  /** Computes the nodes and gives each a storage; on a GPU the work is queued. */
  realize(nodes: readonly Node[]): void;
  /** Whether work can be queued now; a GPU opens at the first read. */
  readonly isOpen: boolean;
  /** Opens the device if that was not done; false where the hardware is missing. */
  open(): Promise<boolean>;
  read(node: Node): Promise<TypedArray>;
  /** The elements of a value that lies on the host. */
  peek(node: Node): TypedArray | undefined;
  /** Resolves once all work queued so far has run; throws what went wrong in it. */
  finish(): Promise<void>;
  /** Times each kernel from now on and returns how to stop; undefined, or not there, where the device has no clock. */
  startTiming?(): (() => Promise<KernelTime[]>) | undefined;
  /** A program that computes `outputs` from values for the placeholders `inputs`, as often as one likes. */
  compile(outputs: readonly Node[], inputs: readonly Node[]): Program;
  /** Frees a value now instead of when it is collected. */
  free(node: Node): void;
  memory(): MemoryUse;
}

/** What the dispatches of one label took on the device itself. */
export interface KernelTime {
  readonly label: string;
  readonly dispatches: number;
  readonly seconds: number;
}

/** From realised nodes, one for each input, to the outputs' storages. */
export type Program = (values: readonly Node[]) => Storage[];

export interface MemoryUse {
  /** Bytes that tensors hold, plus those of work in progress. */
  readonly live: number;
  /** Bytes kept for reuse. */
  readonly pooled: number;
  /** The most that was live at once. */
  readonly peak: number;
  /** Plans that are kept for graphs like those they were made for, and kernels compiled. Both are bounded: what was used least recently makes room. */
  readonly plans: number;
  readonly kernels: number;
}

export interface Node extends Aval {
  readonly id: number;
  readonly op: Op;
  /** Emptied when the node is realised: a value needs no history. */
  inputs: readonly Node[];
  readonly attrs: Attrs;
  readonly device: Device;
  storage: Storage | undefined;
  /** Whether the value is kept once computed, because a user holds it. */
  kept: boolean;
  /** Whether another node was built on this one. */
  consumed: boolean;
  /** Whether it has been part of a computation, which may not have stored it. */
  passed: boolean;
}

/** How an op becomes part of a plan. */
export type Lowering =
  /** Each element is a function of those at its place, which the result's dtype may decide. */
  | { readonly kind: "elementwise"; readonly function: (result: Aval) => ScalarFunction }
  /**
   * Reads its only input at other coordinates; where a condition fails the value is zero. `starts` names the attribute that
   * says by how much the coordinates are shifted along each axis, if there is one: it may be passed at run time.
   */
  | {
      readonly kind: "view";
      readonly read: (at: readonly Affine[], node: Node) => ViewRead;
      readonly starts?: string;
    }
  /** Reads input 0 at coordinates that depend on the value of input 1. */
  | {
      readonly kind: "gather";
      readonly indexAt: (at: readonly Affine[], node: Node) => Affine[];
      readonly read: (at: readonly Affine[], index: Affine, node: Node) => Affine[];
      readonly limit: (node: Node) => number;
    }
  /** The row-major linear index of the element. */
  | { readonly kind: "index" }
  | { readonly kind: "reduce"; readonly combiner: Combiner; readonly axes: (node: Node) => readonly number[] }
  | { readonly kind: "contract" }
  /** Stands for other nodes, which compute the same. */
  | { readonly kind: "expand"; readonly build: (inputs: readonly Node[], node: Node) => Node }
  /** A number that is passed at run time. */
  | { readonly kind: "scalar" }
  /**
   * Computed by the op's `cpu` rule in float64, or by `wait` where the result is to be waited for: whoever reads it has
   * its inputs read first.
   */
  | {
      readonly kind: "host";
      readonly wait?: (inputs: readonly CpuArray[], attrs: Attrs, out: Node) => Promise<CpuArray>;
    }
  /** A value that exists already, or an unknown one. */
  | { readonly kind: "leaf" };

export interface ViewRead {
  readonly at: Affine[];
  /** Where a coordinate is outside [0, size), the element is zero. */
  readonly conditions?: readonly Condition[];
  /** Whether that is −0, which leaves all that is added to it as it is, −0 too. */
  readonly negative?: boolean;
}

/** Everything that is known of an op. */
export interface Op {
  readonly name: string;
  /** The result's shape and dtype; throws an ArgumentError where the inputs do not fit. */
  readonly shape: (inputs: readonly Node[], attrs: Attrs) => Aval;
  readonly lowering: Lowering;
  readonly cpu: (inputs: readonly CpuArray[], attrs: Attrs, out: Aval) => CpuArray;
  /** The terms that sum to the result's tangent; an input without tangent has undefined, no terms mean zero. */
  readonly jvp:
    "nondifferentiable" | ((tangents: readonly (Node | undefined)[], node: Node) => readonly Node[]);
  /** The cotangent of input `input`, the others held fixed; the op is linear in that input alone. Undefined is zero. */
  readonly transpose: "nonlinear" | ((cotangent: Node, node: Node, input: number) => Node | undefined);
  /** The op over a leading axis that the inputs marked in `batched` have; `inputs` replace the node's own. */
  readonly batch: (inputs: readonly Node[], batched: readonly boolean[], node: Node) => Node;
}

/** Stands for the value of a tensor that was disposed of. */
export const disposed: Storage = { bytes: 0 };

/** Refuses a value that was disposed of. */
export function checkNotDisposed({ storage, shape, dtype }: Node): void {
  if (storage !== disposed) return;
  throw new SaddleError(
    `a ${dtype} tensor of shape ${formatShape(shape)} is used that was disposed of; dispose of what nothing needs any more`,
  );
}

/** Refuses what is larger than anything can be on the device, so that it could never be computed. */
export function checkSize(where: string, { shape, dtype }: Aval, device: Device): void {
  const elements = sizeOf(shape);
  const bytes = elements * bytesPerElement(dtype);
  const { most } = device;
  if (elements <= most.elements && bytes <= most.bytes) return;
  const limit = bytes > most.bytes ? `${most.bytes}` : `${most.elements} elements`;
  refuse(
    where,
    `${dtype} of shape ${formatShape(shape)} would take ${bytes} bytes, at most ${limit} are to be had on ${device.name}`,
  );
}

let nextId = 1;

/** Ids grow with creation, so whatever depends on a node has a greater id than it. */
export function makeNode(op: Op, inputs: readonly Node[], attrs: Attrs, device: Device, aval: Aval): Node {
  for (const input of inputs) {
    checkNotDisposed(input);
    input.consumed = true;
  }
  checkSize(op.name, aval, device);
  return {
    id: nextId++,
    op,
    inputs,
    attrs,
    device,
    shape: aval.shape,
    dtype: aval.dtype,
    storage: undefined,
    kept: false,
    consumed: false,
    passed: false,
  };
}

const noAttrs: Attrs = {};

/** Applies `op`; the device is that of the inputs, which must agree. */
export function apply(op: Op, inputs: readonly Node[], attrs: Attrs = noAttrs): Node {
  const device = inputs[0].device;
  for (const input of inputs) {
    if (input.device !== device) {
      throw new SaddleError(
        `${op.name}: operands lie on different devices, ${device.name} and ${input.device.name}; move one with .to(device)`,
      );
    }
  }
  return makeNode(op, inputs, attrs, device, op.shape(inputs, attrs));
}

export function isRealized(node: Node): boolean {
  return node.storage !== undefined;
}

/** Gives the node its value and forgets how it came about. */
export function settle(node: Node, storage: Storage): void {
  node.storage = storage;
  node.inputs = [];
}

/**
 * The nodes that `roots` are computed from, inputs first, stopping at those for which `stop` holds. `resolve` may put
 * another node in the place of each.
 */
export function topological(
  roots: readonly Node[],
  stop: (node: Node) => boolean,
  resolve: (node: Node) => Node = (node) => node,
): Node[] {
  const order: Node[] = [];
  const entered = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  const enter = (given: Node): void => {
    const node = resolve(given);
    if (entered.has(node)) return;
    entered.add(node);
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const inputs = stop(top.node) ? [] : top.node.inputs;
      if (top.next < inputs.length) enter(inputs[top.next++]);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

export function isFloatNode(node: Node): boolean {
  return isFloat(node.dtype);
}
