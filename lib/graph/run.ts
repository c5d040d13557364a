/** The GPU device: plans what is to be computed, finds it buffers, and queues it. */
import { openDevice, type AdapterChoice, type AdapterDescription } from "../gpu/device";
import type { PooledBuffer } from "../gpu/pool";
import { Queue, uniformAlignment, type Dispatch } from "../gpu/queue";
import type { KernelTime } from "../gpu/timing";
import { convertInto } from "../util/conversion";
import { arrayFor, isFloat, type DType, type FloatType, type TypedArray } from "../util/dtypes";
import { DeviceError } from "../util/errors";
import { toHalf, fromHalf } from "../util/half";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import { canonicalize, type Canonical } from "./canonical";
import {
  checkNotDisposed,
  settle,
  type Aval,
  type Device,
  type MemoryUse,
  type Node,
  type Program,
  type Storage,
} from "./node";
import type { BufferRef, ScalarRef } from "./expressions";
import { makePlan, storedBytes, type Plan, type PlanLimits, type Step } from "./plan";

/** A value on the device, or on its way there: data given before the device opened waits in `host`. */
export interface GpuStorage extends Storage {
  buffer: PooledBuffer | undefined;
  host: TypedArray | undefined;
  queue: Queue | undefined;
  /** Whether it is the value of several nodes. */
  shared?: boolean;
}

const maxWorkgroups = 65_535;
/** Data of this size is not kept on the host until it is used. */
const largeBytes = 2 ** 16;

export class GpuDevice implements Device {
  readonly floatType = "float32";
  /** Kernels count elements in 32 bits, also those of tensors that only pass through them. */
  readonly most = { elements: 2 ** 32 - 1, bytes: 2 ** 34 };
  private queue: Queue | undefined;
  private planLimits: PlanLimits = { maxWorkgroups, subgroupSize: undefined, maxInputs: 7 };
  private maxBytes = 0;
  private opening: Promise<boolean> | undefined;
  private described: AdapterDescription | undefined;
  private readonly plans = new Map<string, Plan>();

  constructor(private readonly choice: AdapterChoice = {}) {}

  get name(): string {
    return this.described?.name ?? this.choice.name ?? "gpu";
  }

  /** The open adapter, once `open` has resolved to true. */
  get adapter(): AdapterDescription | undefined {
    return this.described;
  }

  get backend(): string {
    return this.described?.backend ?? "WebGPU";
  }

  get kind(): "gpu" | "software" {
    return this.described?.kind ?? "gpu";
  }

  get limits(): Readonly<Record<string, number>> {
    return this.described?.limits ?? {};
  }

  get features(): readonly string[] {
    return this.described?.features ?? [];
  }

  /** Until the adapter is known float16 is taken for granted; `realize` refuses it where it is missing. */
  get floatTypes(): readonly FloatType[] {
    const { described } = this;
    return described && !described.features.includes("shader-f16") ? ["float32"] : ["float32", "float16"];
  }

  get isOpen(): boolean {
    return this.queue !== undefined && this.queue.lost === undefined;
  }

  /** Opens the adapter if that was not done; false where there is none. */
  open(): Promise<boolean> {
    if (this.queue?.lost !== undefined) this.opening = undefined;
    this.opening ??= this.openNow();
    return this.opening;
  }

  private async openNow(): Promise<boolean> {
    const opened = await openDevice(this.choice);
    if (!opened) return false;
    const { limits } = opened.adapter;
    this.described = opened.adapter;
    this.queue = new Queue(opened);
    this.plans.clear();
    this.planLimits = {
      maxWorkgroups,
      subgroupSize: opened.adapter.subgroupSize,
      maxInputs: limits.maxStorageBuffersPerShaderStage - 1,
    };
    this.maxBytes = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
    return true;
  }

  memory(): MemoryUse {
    return this.queue?.storage.memory() ?? { live: 0, pooled: 0, peak: 0 };
  }

  store(data: TypedArray, aval: Aval): Storage {
    const bytes = storedBytes(aval.dtype, data.length);
    if (this.isOpen && bytes >= largeBytes && data instanceof Float32Array && aval.dtype === "float32") {
      return this.write(this.requireQueue(), data, aval);
    }
    const host = toHostArray(data, aval.dtype);
    const storage: GpuStorage = { bytes, buffer: undefined, host, queue: undefined };
    return storage;
  }

  /** Sends large data at once: the queue takes the one copy that is needed. */
  private write(queue: Queue, data: Float32Array, aval: Aval): GpuStorage {
    const buffer = this.acquire(queue, data.byteLength, { label: "tensor", shape: aval.shape });
    queue.write(buffer, data);
    const storage: GpuStorage = { bytes: data.byteLength, buffer, host: undefined, queue };
    queue.reclaimer.watch(storage, buffer);
    return storage;
  }

  realize(nodes: readonly Node[]): void {
    const pending = nodes.filter((n) => !n.storage);
    if (pending.length === 0) return;
    const queue = this.requireQueue();
    const graph = canonicalize(pending);
    const storages = this.execute(queue, graph, this.planFor(graph), (node) => node);
    pending.forEach((node, i) => settle(node, storages[i]));
  }

  compile(outputs: readonly Node[], inputs: readonly Node[]): Program {
    const graph = canonicalize(outputs, new Set(inputs));
    const plan = this.planFor(graph);
    const position = new Map(inputs.map((n, i) => [n, i]));
    return (values) =>
      this.execute(this.requireQueue(), graph, plan, (node) => {
        const i = position.get(node);
        return i === undefined ? node : values[i];
      });
  }

  private planFor(graph: Canonical): Plan {
    let plan = this.plans.get(graph.key);
    if (!plan) this.checkDTypes(graph);
    if (!plan) this.plans.set(graph.key, (plan = makePlan(graph, this.planLimits)));
    return plan;
  }

  private checkDTypes({ nodes }: Canonical): void {
    const half = nodes.find((n) => n.dtype === "float16");
    if (half && !this.floatTypes.includes("float16")) {
      throw new DeviceError(
        `${half.op.name}: ${this.name} has no float16 (WebGPU's shader-f16); use float32 or the cpu device`,
      );
    }
  }

  async read(node: Node): Promise<TypedArray> {
    if (!(await this.open())) throw new DeviceError("no adapter was found; use the cpu device");
    this.realize([node]);
    checkNotDisposed(node);
    const storage = node.storage as GpuStorage;
    const size = sizeOf(node.shape);
    if (size === 0) return arrayFor(node.dtype, 0);
    if (!storage.buffer) return fromHostArray(storage.host!, node.dtype);
    this.checkAlive(storage);
    const bytes = await this.requireQueue().read(storage.buffer, storedBytes(node.dtype, size));
    return fromDeviceBytes(bytes, node.dtype);
  }

  peek(node: Node): TypedArray | undefined {
    return (node.storage as GpuStorage | undefined)?.host;
  }

  async finish(): Promise<void> {
    await this.queue?.finish();
  }

  startTiming(): (() => Promise<KernelTime[]>) | undefined {
    return this.queue?.startTiming();
  }

  /** Frees the value's buffer now instead of when it is collected. */
  free(node: Node): void {
    const storage = node.storage as GpuStorage | undefined;
    if (!storage?.buffer || storage.shared) return;
    storage.queue!.reclaimer.unwatch(storage, storage.buffer);
    storage.queue!.storage.release(storage.buffer);
    storage.buffer = undefined;
    storage.queue = undefined;
  }

  private requireQueue(): Queue {
    if (!this.queue) throw new DeviceError("the device is not open yet: await a read first");
    return this.queue;
  }

  private checkAlive(storage: GpuStorage): void {
    if (storage.queue && storage.queue !== this.queue) {
      throw new DeviceError("the value was lost with its device; compute it again");
    }
  }

  /** Queues the plan's work and returns the roots' storages; `valueOf` gives the realised node of each leaf. */
  private execute(queue: Queue, graph: Canonical, plan: Plan, valueOf: (leaf: Node) => Node): Storage[] {
    const leaves = graph.leaves.map((i) => this.upload(queue, valueOf(graph.nodes[i])));
    const temporaries = new Array<PooledBuffer | undefined>(plan.temporaries.length);
    const bufferOf = (ref: BufferRef): PooledBuffer =>
      ref.kind === "leaf" ? leaves[ref.leaf].buffer! : temporaries[ref.temporary]!;
    const { words, offsets } = packScalars(graph, plan.steps);
    const dispatches: Dispatch[] = plan.steps.map((step, s) => {
      temporaries[step.output] = this.acquire(queue, plan.temporaries[step.output], step);
      const buffers = [...step.inputs.map(bufferOf), temporaries[step.output]!];
      for (const t of step.releases) queue.storage.release(temporaries[t]!);
      return {
        code: step.kernel.code,
        workgroups: step.kernel.workgroups,
        buffers,
        scalarOffset: offsets[s] * 4,
        scalarBytes: Math.ceil(step.scalars.length / 4) * 16,
        label: step.label,
      };
    });
    queue.submit(dispatches, words);
    const owned = new Map<number, GpuStorage>();
    const storageOf = new Map<number, Storage>();
    for (const { node, buffer } of plan.results) {
      const isKnown = buffer.kind === "leaf" || owned.has(buffer.temporary);
      const storage =
        buffer.kind === "leaf"
          ? leaves[buffer.leaf]
          : this.own(queue, buffer.temporary, temporaries, owned, plan);
      if (isKnown) storage.shared = true;
      storageOf.set(node, storage);
      if (graph.nodes[node].kept) settle(graph.nodes[node], storage);
    }
    return graph.roots.map((i) => storageOf.get(i)!);
  }

  /** The storage of a temporary that results keep; two results may share one. */
  private own(
    queue: Queue,
    temporary: number,
    temporaries: (PooledBuffer | undefined)[],
    owned: Map<number, GpuStorage>,
    plan: Plan,
  ): GpuStorage {
    const known = owned.get(temporary);
    if (known) return known;
    const buffer =
      temporaries[temporary] ??
      this.acquire(queue, plan.temporaries[temporary], { label: "tensor", shape: [0] });
    const storage: GpuStorage = { bytes: buffer.bytes, buffer, host: undefined, queue };
    queue.reclaimer.watch(storage, buffer);
    owned.set(temporary, storage);
    return storage;
  }

  private acquire(queue: Queue, bytes: number, wanted: { label: string; shape: Shape }): PooledBuffer {
    if (bytes > this.maxBytes) {
      throw new DeviceError(
        `${wanted.label} ${formatShape(wanted.shape)}: needs ${bytes} bytes in one buffer, ${this.name} allows ${this.maxBytes}; compute it in parts`,
      );
    }
    return queue.storage.acquire(bytes);
  }

  private upload(queue: Queue, node: Node): GpuStorage {
    checkNotDisposed(node);
    const storage = node.storage as GpuStorage;
    this.checkAlive(storage);
    if (!storage.buffer) {
      const host = storage.host!;
      const buffer = this.acquire(queue, storage.bytes, { label: "tensor", shape: node.shape });
      if (host.byteLength > 0) queue.write(buffer, toDeviceBytes(host, node.dtype));
      queue.reclaimer.watch(storage, buffer);
      Object.assign(storage, { buffer, queue, host: undefined });
    }
    return storage;
  }
}

/** All steps' scalars in one array, each step's slice aligned as uniform bindings must be; offsets in words. */
function packScalars(
  graph: Canonical,
  steps: readonly Step[],
): { words: Uint32Array<ArrayBuffer>; offsets: number[] } {
  const align = uniformAlignment / 4;
  const offsets: number[] = [];
  let length = 0;
  for (const step of steps) {
    offsets.push(length);
    length += Math.ceil(step.scalars.length / align) * align;
  }
  const words = new Uint32Array(length);
  const floats = new Float32Array(words.buffer);
  steps.forEach((step, s) =>
    step.scalars.forEach((ref, k) => writeScalar(graph, ref, offsets[s] + k, words, floats)),
  );
  return { words, offsets };
}

function writeScalar(
  graph: Canonical,
  ref: ScalarRef,
  at: number,
  words: Uint32Array,
  floats: Float32Array,
): void {
  if (ref.kind === "bound") {
    words[at] = ref.value;
    return;
  }
  if (ref.kind === "start") {
    words[at] = graph.windows.get(ref.window)!.starts[ref.axis] / ref.unit;
    return;
  }
  const value = Number(graph.nodes[graph.scalars[ref.scalar]].attrs.value);
  if (ref.dtype === "int32" || ref.dtype === "uint32" || ref.dtype === "bool") words[at] = value;
  else floats[at] = value;
}

/** A copy, so that the caller may change its array, of the values that the dtype can hold. */
function toHostArray(data: TypedArray, dtype: DType): TypedArray {
  if (!isFloat(dtype)) {
    // On the device bool takes a word.
    return convertInto(arrayFor(dtype === "bool" ? "uint32" : dtype, data.length), data, dtype);
  }
  if (dtype === "float16") return Float32Array.from(data, (x) => fromHalf(toHalf(x)));
  return data instanceof Float32Array ? data.slice() : Float32Array.from(data);
}

/** What lies in the buffer; a whole number of words. */
function toDeviceBytes(host: TypedArray, dtype: DType): ArrayBufferView {
  if (dtype !== "float16") return host;
  const halves = new Uint16Array(Math.ceil(host.length / 2) * 2);
  host.forEach((x, i) => (halves[i] = toHalf(x)));
  return halves;
}

function fromDeviceBytes(bytes: ArrayBuffer, dtype: DType): TypedArray {
  if (dtype === "bool") return Uint8Array.from(new Uint32Array(bytes));
  if (dtype === "uint32") return new Uint32Array(bytes);
  if (dtype === "int32") return new Int32Array(bytes);
  return dtype === "float16" ? Float32Array.from(new Uint16Array(bytes), fromHalf) : new Float32Array(bytes);
}

function fromHostArray(data: TypedArray, dtype: DType): TypedArray {
  if (dtype === "bool") return Uint8Array.from(data);
  return data.slice();
}
