/** Which devices there are, and which one new tensors go to. */
import { AsyncLocalStorage } from "node:async_hooks";
import { toCpuArray } from "../graph/array";
import {
  arrayOf,
  compileOnCpu,
  createCpuDevice,
  readOnCpu,
  realizeOnCpu,
  storeOnCpu,
} from "../graph/interpret";
import type { Aval, CpuArray, Device, MemoryUse, Node, Program, Storage } from "../graph/node";
import { GpuDevice, type GpuStorage } from "../graph/run";
import type { KernelTime } from "../gpu/timing";
import type { FloatType, TypedArray } from "../util/dtypes";
import { checkFunction } from "../util/checks";
import { describe, refuse } from "../util/errors";

export type { Device, MemoryUse } from "../graph/node";

/** The float64 reference interpreter; always there. */
export const cpu: Device = createCpuDevice();

/**
 * The best adapter of this machine, opened at the first read. Where there is none, the interpreter takes its place:
 * tensors still read back as float32, but nothing runs on a GPU.
 */
class BestDevice implements Device {
  readonly floatType = "float32";
  private found: boolean | undefined;
  private readonly gpu: GpuDevice;

  constructor(adapterName: string | undefined) {
    this.gpu = new GpuDevice({ name: adapterName });
  }

  get name(): string {
    return this.found === false ? "cpu" : this.gpu.name;
  }
  get backend(): string {
    return this.found === false ? cpu.backend : this.gpu.backend;
  }
  get kind(): "gpu" | "software" | "cpu" {
    return this.found === false ? "cpu" : this.gpu.kind;
  }
  get limits(): Readonly<Record<string, number>> {
    return this.gpu.limits;
  }
  get features(): readonly string[] {
    return this.gpu.features;
  }
  get floatTypes(): readonly FloatType[] {
    return this.gpu.floatTypes;
  }
  get most(): Device["most"] {
    return this.found === false ? cpu.most : this.gpu.most;
  }
  get isOpen(): boolean {
    return this.found === false || this.gpu.isOpen;
  }

  /** Whether there is an adapter. */
  async open(): Promise<boolean> {
    if (this.found !== false) this.found = await this.gpu.open();
    return this.found;
  }

  store(data: TypedArray, aval: Aval, isGiven?: boolean): Storage {
    return this.found === false ? storeOnCpu(data, aval, isGiven) : this.gpu.store(data, aval);
  }

  realize(nodes: readonly Node[]): void {
    if (this.found === false) realizeOnCpu(nodes, hostArray);
    else this.gpu.realize(nodes);
  }

  async read(node: Node): Promise<TypedArray> {
    if (await this.open()) return this.gpu.read(node);
    realizeOnCpu([node], hostArray);
    return arrayOf(node) ? readOnCpu(node) : (node.storage as GpuStorage).host!.slice();
  }

  peek(node: Node): TypedArray | undefined {
    return arrayOf(node)?.data ?? this.gpu.peek(node);
  }

  finish(): Promise<void> {
    return this.gpu.finish();
  }

  startTiming(): (() => Promise<KernelTime[]>) | undefined {
    return this.gpu.startTiming();
  }

  compile(outputs: readonly Node[], inputs: readonly Node[]): Program {
    return this.found === false
      ? compileOnCpu(outputs, inputs, hostArray)
      : this.gpu.compile(outputs, inputs);
  }

  free(node: Node): void {
    this.gpu.free(node);
  }

  memory(): MemoryUse {
    return this.gpu.memory();
  }
}

/** Values given before it was known that there is no adapter lie in the GPU device's form. */
function hostArray(node: Node): CpuArray | undefined {
  if (!node.storage) return undefined;
  return arrayOf(node) ?? toCpuArray((node.storage as GpuStorage).host!, node);
}

const best = new BestDevice(process.env.SADDLE_ADAPTER);
let chosen: Device = process.env.SADDLE_DEVICE === "cpu" ? cpu : best;
const scoped = new AsyncLocalStorage<Device>();

/** The device that new tensors go to. */
export function defaultDevice(): Device {
  return scoped.getStore() ?? chosen;
}

/**
 * The devices of this process: the adapter, if there is one, and `cpu`, the float64 interpreter.
 * `limits` are WebGPU's, in bytes or counts; `features` WebGPU's names.
 */
export async function devices(): Promise<Device[]> {
  return (await best.open()) ? [best, cpu] : [cpu];
}

/** Sets the device that new tensors go to from now on. Throws an ArgumentError unless `device` is one of `devices()`. */
export function setDefaultDevice(device: Device): void {
  checkDevice("setDefaultDevice", device);
  chosen = device;
}

/** Calls `fn` with `device` as the default, also across its awaits, and returns its result. */
export function withDevice<T>(device: Device, fn: () => T): T {
  checkDevice("withDevice", device);
  checkFunction("withDevice", fn, "fn");
  return scoped.run(device, fn);
}

export function checkDevice(where: string, device: unknown): asserts device is Device {
  if (device !== cpu && device !== best) {
    refuse(where, `device must be one of those that \`await devices()\` lists, got ${describe(device)}`);
  }
}

/** Bytes of device memory: `live` held by tensors, `pooled` kept for reuse, `peak` the most that was live. */
export async function memory(): Promise<MemoryUse> {
  await best.open();
  return best.memory();
}
