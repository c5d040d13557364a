/** A device that plans what is to be computed, finds it buffers, and has a machine run it. */
import { canonicalize, type Canonical } from "../graph/canonical";
import type { BufferRef, ScalarRef } from "../graph/expressions";
import {
  settle,
  type Aval,
  type Device,
  type KernelTime,
  type MemoryUse,
  type Node,
  type Program,
  type Storage,
} from "../graph/node";
import { makePlan, type Plan, type Step } from "../graph/plan";
import { bytesOf, type Target, type Traits } from "../graph/target";
import { arrayFor, isFloat, type DType, type FloatType, type TypedArray } from "../util/dtypes";
import { DeviceError } from "../util/errors";
import { Recent } from "../util/recent";
import { formatShape, sizeOf, type Shape } from "../util/shapes";
import type { Block, Launch, Machine } from "./machine";
import { plansMade, type PlanMessage } from "./plansMade";
import { Reclaimer } from "./reclaim";
import { decode, encode, hostCopy, hostStorage, onHost, type Stored } from "./storage";

/** What users are told of a device. */
export type DeviceFacts = Pick<
  Device,
  "name" | "backend" | "kind" | "limits" | "features" | "most" | "floatType" | "floatTypes"
>;

/** An open device: what its plans are compiled to, and what runs them. */
export interface Connection<Buffer extends Block, Compiled> {
  readonly facts: DeviceFacts;
  readonly target: Target<Compiled>;
  readonly machine: Machine<Buffer, Compiled>;
}

/** A plan whose work is compiled; what it was compiled from is forgotten. */
interface CompiledPlan<Compiled> extends Omit<Plan, "steps"> {
  readonly steps: readonly (Omit<Step, "work" | "bindings"> & { readonly compiled: Compiled })[];
}

/** What a value that needs a buffer is called where there is none. */
interface Wanted {
  readonly label: string;
  readonly shape: Shape;
}

interface Open<Buffer extends Block, Compiled> extends Connection<Buffer, Compiled> {
  readonly reclaimer: Reclaimer<Buffer>;
  readonly plans: Recent<string, CompiledPlan<Compiled>>;
}

/** Data of this size is not kept on the host until it is used. */
const largeBytes = 2 ** 16;
/** Steps of all plans that are kept for graphs like those that they were made for. */
const mostSteps = 8192;

export class PlannedDevice<Buffer extends Block, Compiled> implements Device {
  private opened: Open<Buffer, Compiled> | undefined;
  private opening: Promise<boolean> | undefined;

  /** `atRest` is what is said of the device until it is open; `connect` opens it, to undefined where it is missing. */
  constructor(
    private readonly atRest: DeviceFacts,
    private readonly connect: () => Promise<Connection<Buffer, Compiled> | undefined>,
  ) {}

  private get facts(): DeviceFacts {
    return this.opened?.facts ?? this.atRest;
  }
  get name(): string {
    return this.facts.name;
  }
  get backend(): string {
    return this.facts.backend;
  }
  get kind(): Device["kind"] {
    return this.facts.kind;
  }
  get limits(): Readonly<Record<string, number>> {
    return this.facts.limits;
  }
  get features(): readonly string[] {
    return this.facts.features;
  }
  get most(): Device["most"] {
    return this.facts.most;
  }
  get floatType(): FloatType {
    return this.facts.floatType;
  }
  get floatTypes(): readonly FloatType[] {
    return this.facts.floatTypes;
  }

  get isOpen(): boolean {
    return this.opened !== undefined && this.opened.machine.lost === undefined;
  }

  open(): Promise<boolean> {
    if (this.opened?.machine.lost !== undefined) this.opening = undefined;
    this.opening ??= this.openNow();
    return this.opening;
  }

  private async openNow(): Promise<boolean> {
    const connection = await this.connect();
    if (!connection) return false;
    const { machine } = connection;
    const reclaimer = new Reclaimer<Buffer>(machine.mostIdle, (buffer) => machine.release(buffer));
    this.opened = { ...connection, reclaimer, plans: new Recent(mostSteps) };
    return true;
  }

  memory(): MemoryUse {
    const { opened } = this;
    if (!opened) return { live: 0, pooled: 0, peak: 0, plans: 0, kernels: 0 };
    return { ...opened.machine.memory(), plans: opened.plans.size };
  }

  store(data: TypedArray, aval: Aval): Storage {
    if (this.isOpen && data.byteLength >= largeBytes && this.isAsStored(data, aval.dtype)) {
      const open = this.requireOpen();
      return this.write(open, data, { label: "tensor", shape: aval.shape });
    }
    return hostStorage(hostCopy(data, aval));
  }

  /** Whether `data` would lie in a buffer as it is: then the machine takes the one copy that is needed. */
  private isAsStored(data: TypedArray, dtype: DType): boolean {
    const isSame = isFloat(dtype) && this.requireOpen().target.traits.storedAs(dtype) === dtype;
    return isSame && dtype !== "float16" && arrayFor(dtype, 0).constructor === data.constructor;
  }

  private write(open: Open<Buffer, Compiled>, data: ArrayBufferView, wanted: Wanted): Stored {
    const buffer = this.acquire(open, data.byteLength, wanted);
    if (data.byteLength > 0) open.machine.write(buffer, data);
    return this.watched(open, buffer, data.byteLength);
  }

  /** The storage of a value in `buffer`, which is released with it. */
  private watched({ machine, reclaimer }: Open<Buffer, Compiled>, buffer: Buffer, bytes: number): Stored {
    const storage: Stored = { bytes, value: { buffer, machine } };
    reclaimer.watch(storage, buffer);
    return storage;
  }

  realize(nodes: readonly Node[]): void {
    const pending = nodes.filter((n) => !n.storage);
    if (pending.length === 0) return;
    const open = this.requireOpen();
    const graph = canonicalize(pending, open.target.traits);
    const storages = this.execute(open, graph, this.planFor(open, graph), (node) => node);
    pending.forEach((node, i) => settle(node, storages[i]));
  }

  compile(outputs: readonly Node[], inputs: readonly Node[]): Program {
    const open = this.requireOpen();
    const graph = canonicalize(outputs, open.target.traits, new Set(inputs));
    const plan = this.planFor(open, graph);
    const position = new Map(inputs.map((n, i) => [n, i]));
    return (values) =>
      this.execute(this.requireOpen(), graph, plan, (node) => {
        const i = position.get(node);
        return i === undefined ? node : values[i];
      });
  }

  private planFor({ plans, target }: Open<Buffer, Compiled>, graph: Canonical): CompiledPlan<Compiled> {
    const known = plans.get(graph.key);
    if (known) return known;
    this.checkDTypes(graph, target.traits);
    const start = performance.now();
    const { steps, temporaries, results } = makePlan(graph, target.traits);
    const compiled = steps.map(({ work, bindings, ...step }) => {
      return { ...step, compiled: target.compile(work, bindings) };
    });
    const plan = { steps: compiled, temporaries, results };
    plans.add(graph.key, plan, steps.length + 1);
    const ops = [...new Set(graph.roots.map((i) => graph.nodes[i].op.name))];
    const seconds = (performance.now() - start) / 1000;
    const message: PlanMessage = { ops, nodes: graph.nodes.length, steps: steps.length, seconds };
    plansMade.publish(message);
    return plan;
  }

  private checkDTypes({ nodes }: Canonical, { missingFor }: Traits): void {
    for (const { op, dtype } of nodes) {
      const missing = missingFor(dtype);
      if (missing === undefined) continue;
      throw new DeviceError(`${op.name}: ${this.name} has no ${missing}; use float32 or the cpu device`);
    }
  }

  async read(node: Node): Promise<TypedArray> {
    if (!(await this.open())) throw new DeviceError("no adapter was found; use the cpu device");
    this.realize([node]);
    const host = onHost(node);
    if (host) return host.slice();
    const size = sizeOf(node.shape);
    if (size === 0) return arrayFor(node.dtype, 0);
    const buffer = this.bufferOf(node.storage as Stored)!;
    const { machine, target, reclaimer } = this.requireOpen();
    const stored = target.traits.storedAs(node.dtype);
    const bytes = machine.read(buffer, bytesOf(target.traits, node.dtype, size));
    return decode(await this.relieved(bytes, machine, reclaimer), stored, node.dtype);
  }

  /** `work` of the machine. Memory is reclaimed while it lasts: who reads waits anyway. */
  private async relieved<T>(
    work: Promise<T>,
    machine: Machine<Buffer, Compiled>,
    reclaimer: Reclaimer<Buffer>,
  ): Promise<T> {
    const [result] = await Promise.all([work, reclaimer.relieve()]);
    machine.trim();
    return result;
  }

  peek(node: Node): TypedArray | undefined {
    return onHost(node);
  }

  async finish(): Promise<void> {
    if (!this.opened) return;
    const { machine, reclaimer } = this.opened;
    await this.relieved(machine.finish(), machine, reclaimer);
  }

  startTiming(): (() => Promise<KernelTime[]>) | undefined {
    return this.opened?.machine.startTiming?.();
  }

  /** Frees the value's buffer now instead of when it is collected. */
  free(node: Node): void {
    const storage = node.storage as Stored | undefined;
    if (!storage?.value || !("buffer" in storage.value) || storage.shared) return;
    const { machine, buffer } = storage.value;
    storage.value = undefined;
    if (machine !== this.opened?.machine) return;
    this.opened.reclaimer.unwatch(storage, buffer as Buffer);
    this.opened.machine.release(buffer as Buffer);
  }

  private requireOpen(): Open<Buffer, Compiled> {
    if (!this.opened) throw new DeviceError("the device is not open yet: await a read first");
    return this.opened;
  }

  /** The buffer of a value, or undefined where it lies on the host. Throws where it was lost with its machine. */
  private bufferOf({ value }: Stored): Buffer | undefined {
    if (!value || "host" in value) return undefined;
    if (value.machine !== this.opened?.machine) {
      throw new DeviceError("the value was lost with its device; compute it again");
    }
    return value.buffer as Buffer;
  }

  /** Queues the plan's work and returns the roots' storages; `valueOf` gives the realised node of each leaf. */
  private execute(
    open: Open<Buffer, Compiled>,
    graph: Canonical,
    plan: CompiledPlan<Compiled>,
    valueOf: (leaf: Node) => Node,
  ): Storage[] {
    const { machine } = open;
    const leaves = graph.leaves.map((i) => this.upload(open, valueOf(graph.nodes[i])));
    const temporaries = new Array<Buffer | undefined>(plan.temporaries.length);
    const bufferOf = (ref: BufferRef): Buffer =>
      ref.kind === "leaf" ? this.bufferOf(leaves[ref.leaf])! : temporaries[ref.temporary]!;
    const { scalars, offsets, bytes } = packScalars(
      graph,
      plan.steps,
      machine.scalarAlignment,
      open.target.traits.scalarBytes,
    );
    const launches = plan.steps.map((step, s): Launch<Buffer, Compiled> => {
      const output = this.acquire(open, plan.temporaries[step.output], step);
      temporaries[step.output] = output;
      const buffers = [...step.inputs.map(bufferOf), output];
      for (const t of step.releases) machine.release(temporaries[t]!);
      const { compiled, label } = step;
      return { compiled, buffers, scalarOffset: offsets[s], scalarBytes: bytes[s], label };
    });
    machine.submit(launches, scalars);
    return this.settled(open, graph, plan, leaves, temporaries);
  }

  /** Gives the nodes that are kept their values and returns those of the roots. */
  private settled(
    open: Open<Buffer, Compiled>,
    graph: Canonical,
    plan: CompiledPlan<Compiled>,
    leaves: readonly Stored[],
    temporaries: readonly (Buffer | undefined)[],
  ): Storage[] {
    const owned = new Map<number, Stored>();
    const storageOf = new Map<number, Storage>();
    for (const { node, buffer } of plan.results) {
      const known = buffer.kind === "leaf" ? leaves[buffer.leaf] : owned.get(buffer.temporary);
      if (known) known.shared = true;
      const storage = known ?? this.own(open, plan, (buffer as { temporary: number }).temporary, temporaries);
      if (buffer.kind === "temporary") owned.set(buffer.temporary, storage);
      storageOf.set(node, storage);
      if (graph.nodes[node].kept) settle(graph.nodes[node], storage);
    }
    return graph.roots.map((i) => storageOf.get(i)!);
  }

  /** The storage of a temporary that results keep. */
  private own(
    open: Open<Buffer, Compiled>,
    plan: CompiledPlan<Compiled>,
    temporary: number,
    temporaries: readonly (Buffer | undefined)[],
  ): Stored {
    const buffer =
      temporaries[temporary] ??
      this.acquire(open, plan.temporaries[temporary], { label: "tensor", shape: [0] });
    return this.watched(open, buffer, buffer.bytes);
  }

  private acquire({ machine }: Open<Buffer, Compiled>, bytes: number, { label, shape }: Wanted): Buffer {
    if (bytes > machine.maxBytes) {
      throw new DeviceError(
        `${label} ${formatShape(shape)}: needs ${bytes} bytes in one buffer, ${this.name} allows ${machine.maxBytes}; compute it in parts`,
      );
    }
    return machine.acquire(bytes);
  }

  /** The value of `node` in a buffer. */
  private upload(open: Open<Buffer, Compiled>, node: Node): Stored {
    const host = onHost(node);
    const storage = node.storage as Stored;
    if (host === undefined) {
      this.bufferOf(storage);
      return storage;
    }
    const data = encode(host, open.target.traits.storedAs(node.dtype));
    const buffer = this.acquire(open, data.byteLength, { label: "tensor", shape: node.shape });
    if (data.byteLength > 0) open.machine.write(buffer, data);
    storage.value = { buffer, machine: open.machine };
    open.reclaimer.watch(storage, buffer);
    return storage;
  }
}

interface PackedScalars {
  readonly scalars: Uint32Array<ArrayBuffer>;
  /** Where each step's begin, and how many they are; in bytes. */
  readonly offsets: readonly number[];
  readonly bytes: readonly number[];
}

/** All steps' scalars in one array, `slotBytes` each, those of each step from a multiple of `alignment` on and in whole 16 bytes. */
function packScalars(
  graph: Canonical,
  steps: readonly Pick<Step, "scalars">[],
  alignment: number,
  slotBytes: 4 | 8,
): PackedScalars {
  const offsets: number[] = [];
  const bytes: number[] = [];
  let length = 0;
  for (const step of steps) {
    offsets.push(length);
    bytes.push(Math.ceil((step.scalars.length * slotBytes) / 16) * 16);
    length += Math.ceil((step.scalars.length * slotBytes) / alignment) * alignment;
  }
  const scalars = new Uint32Array(length / 4);
  const floats = slotBytes === 8 ? new Float64Array(scalars.buffer) : new Float32Array(scalars.buffer);
  steps.forEach((step, s) =>
    step.scalars.forEach((ref, k) => {
      const slot = offsets[s] / slotBytes + k;
      const value = scalarOf(graph, ref);
      if (ref.kind === "graph" && isFloat(ref.dtype)) floats[slot] = value;
      else scalars[(slot * slotBytes) / 4] = value;
    }),
  );
  return { scalars, offsets, bytes };
}

function scalarOf(graph: Canonical, ref: ScalarRef): number {
  if (ref.kind === "bound") return ref.value;
  if (ref.kind === "start") return graph.windows.get(ref.window)!.starts[ref.axis] / ref.unit;
  return Number(graph.nodes[graph.scalars[ref.scalar]].attrs.value);
}
