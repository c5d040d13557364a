/** Which devices there are, and which one new tensors go to. */
import { AsyncLocalStorage } from "node:async_hooks";
import { createCpuDevice } from "../device/interpreter";
import { gpuDevice } from "../gpu/device";
import type { Aval, Device, KernelTime, MemoryUse, Node, Program, Storage } from "../graph/node";
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
  private readonly gpu: Device;
  private chosen: Device;

  constructor(adapterName: string | undefined) {
    this.gpu = gpuDevice({ name: adapterName });
    this.chosen = this.gpu;
  }

  /** Whether there is an adapter. */
  async open(): Promise<boolean> {
    if (this.chosen === this.gpu && !(await this.gpu.open())) this.chosen = cpu;
    return this.chosen === this.gpu;
  }

  get name(): string {
    return this.chosen.name;
  }
  get backend(): string {
    return this.chosen.backend;
  }
  get kind(): Device["kind"] {
    return this.chosen.kind;
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
    return this.chosen.most;
  }
  get isOpen(): boolean {
    return this.chosen.isOpen;
  }

  store(data: TypedArray, aval: Aval, isGiven?: boolean): Storage {
    return this.chosen.store(data, aval, isGiven);
  }
  realize(nodes: readonly Node[]): void {
    this.chosen.realize(nodes);
  }
  async read(node: Node): Promise<TypedArray> {
    await this.open();
    return this.chosen.read(node);
  }
  peek(node: Node): TypedArray | undefined {
    return this.chosen.peek(node);
  }
  finish(): Promise<void> {
    return this.chosen.finish();
  }
  startTiming(): (() => Promise<KernelTime[]>) | undefined {
    return this.chosen.startTiming?.();
  }
  compile(outputs: readonly Node[], inputs: readonly Node[]): Program {
    return this.chosen.compile(outputs, inputs);
  }
  free(node: Node): void {
    this.chosen.free(node);
  }
  memory(): MemoryUse {
    return this.chosen.memory();
  }
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

/**
 * Bytes of device memory: `live` held by tensors, `pooled` kept for reuse, `peak` the most that was live. And how many
 * `plans` and compiled `kernels` are kept for work like that they were made for; the least recently used go first.
 */
export async function memory(): Promise<MemoryUse> {
  await best.open();
  return best.memory();
}
