/** Compiled pipelines, bind groups and batched submission on one open device. */
import type { Launch, Machine } from "../device/machine";
import type { KernelTime, MemoryUse } from "../graph/node";
import { DeviceError, refuse } from "../util/errors";
import { Recent } from "../util/recent";
import type { Kernel } from "../wgsl/kernel";
import type { OpenDevice } from "./adapter";
import { Patience } from "./patience";
import { BufferPool, type PooledBuffer } from "./pool";
import { KernelTimer } from "./timing";

type Dispatch = Launch<PooledBuffer, Kernel>;

interface Pipeline {
  readonly id: number;
  readonly gpu: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const maxBindGroups = 2048;
/** On software Vulkan each takes a fifth of a megabyte. */
const mostPipelines = 1024;

/** Bytes that are kept for reuse of what lies in the process's own memory. */
const mostIdle = 256 * 2 ** 20;
/** Bytes of tensors that may wait for JavaScript's collector and be kept after it: a GPU fills more while one takes its time. */
const mostIdleStorage = { gpu: 2 * 2 ** 30, software: mostIdle };

export class Queue implements Machine<PooledBuffer, Kernel> {
  readonly maxBytes: number;
  /** Offsets of uniform bindings must be multiples of this. */
  readonly scalarAlignment = 256;
  readonly mostIdle: number;
  private readonly storage: BufferPool;
  private readonly uniforms: BufferPool;
  private readonly staging: BufferPool;
  private readonly pipelines: Recent<string, Pipeline>;
  private pipelinesMade = 0;
  private readonly bindGroups = new Map<string, GPUBindGroup>();
  private readonly bindGroupsOf = new Map<number, Set<string>>();
  private readonly patience = new Patience();
  private failures: Promise<void>[] = [];
  private lostBecause: string | undefined;
  private timer: KernelTimer | undefined;

  /** `keptPipelines` are kept for dispatches of the same text, and more where one submission has more. */
  constructor(
    private readonly open: OpenDevice,
    keptPipelines = mostPipelines,
  ) {
    this.pipelines = new Recent(keptPipelines, () => this.forgetBindGroups());
    const { gpu, adapter } = open;
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
    this.maxBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.mostIdle = mostIdleStorage[adapter.kind];
    const { STORAGE, COPY_SRC, COPY_DST, UNIFORM, MAP_READ } = GPUBufferUsage;
    this.storage = new BufferPool(gpu, STORAGE | COPY_SRC | COPY_DST, this.mostIdle, (b) => this.forget(b));
    this.uniforms = new BufferPool(gpu, UNIFORM | COPY_DST, mostIdle, (b) => this.forget(b));
    this.staging = new BufferPool(gpu, MAP_READ | COPY_DST, mostIdle);
    gpu.addEventListener("uncapturederror", (event) => event.preventDefault());
    void gpu.lost.then((info) => {
      this.lostBecause = info.message || info.reason;
    });
  }

  /** Why the device is gone, or undefined while it works. */
  get lost(): string | undefined {
    return this.lostBecause;
  }

  acquire(bytes: number): PooledBuffer {
    return this.storage.acquire(bytes);
  }

  release(buffer: PooledBuffer): void {
    this.storage.release(buffer);
  }

  memory(): Omit<MemoryUse, "plans"> {
    return { ...this.storage.memory(), kernels: this.pipelines.size };
  }

  write(buffer: PooledBuffer, data: ArrayBufferView): void {
    const bytes = wholeWords(unshared(data));
    this.open.gpu.queue.writeBuffer(buffer.gpu, 0, bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Encodes all dispatches into one pass and submits it; failures surface at the next read. */
  submit(dispatches: readonly Dispatch[], scalars: Uint32Array<ArrayBuffer>): void {
    if (dispatches.length === 0) return;
    const { gpu } = this.open;
    // What is submitted again and again is not to be compiled again because it is long.
    this.pipelines.most = Math.max(this.pipelines.most, 2 * dispatches.length);
    this.guard(dispatches, () => {
      const uniform = scalars.length > 0 ? this.uniforms.acquire(scalars.byteLength) : undefined;
      if (uniform) this.write(uniform, scalars);
      const encoder = gpu.createCommandEncoder();
      const submitted = this.encode(encoder, dispatches, uniform);
      gpu.queue.submit([encoder.finish()]);
      submitted();
      if (uniform) this.uniforms.release(uniform);
    });
    this.trim();
  }

  trim(): void {
    for (const pool of [this.storage, this.uniforms, this.staging]) pool.shrink();
  }

  /** All in one pass, unless their times are wanted. */
  private encode(
    encoder: GPUCommandEncoder,
    dispatches: readonly Dispatch[],
    uniform: PooledBuffer | undefined,
  ): () => void {
    const encode = (pass: GPUComputePassEncoder, d: Dispatch): void => {
      const pipeline = this.pipeline(d);
      pass.setPipeline(pipeline.gpu);
      pass.setBindGroup(0, this.bindGroup(pipeline, d, uniform));
      pass.dispatchWorkgroups(...d.compiled.workgroups);
    };
    if (this.timer !== undefined) return this.timer.time(encoder, dispatches, encode);
    const pass = encoder.beginComputePass();
    for (const d of dispatches) encode(pass, d);
    pass.end();
    return () => {};
  }

  /** Times each dispatch from now on; undefined where the device has no clock. */
  startTiming(): (() => Promise<KernelTime[]>) | undefined {
    if (this.timer !== undefined) refuse("profile", "the device is being profiled already");
    if (!this.open.gpu.features.has("timestamp-query")) return undefined;
    const timer = new KernelTimer(this.open.gpu);
    this.timer = timer;
    return () => {
      this.timer = undefined;
      return timer.times();
    };
  }

  /** The first `bytes` bytes of `buffer`, once everything queued has run. */
  async read(buffer: PooledBuffer, bytes: number): Promise<ArrayBuffer> {
    const staging = this.staging.acquire(bytes);
    const encoder = this.open.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer.gpu, 0, staging.gpu, 0, Math.ceil(bytes / 4) * 4);
    this.open.gpu.queue.submit([encoder.finish()]);
    const mapped = staging.gpu.mapAsync(GPUMapMode.READ, 0, staging.bytes);
    await this.settle(mapped);
    // Memory that is not cleared first: all of it is written.
    const copy = Buffer.allocUnsafeSlow(bytes);
    copy.set(new Uint8Array(staging.gpu.getMappedRange(), 0, bytes));
    staging.gpu.unmap();
    this.staging.release(staging);
    return copy.buffer;
  }

  /** Resolves once all that was submitted has run; throws what went wrong in it. */
  finish(): Promise<void> {
    return this.settle(this.open.gpu.queue.onSubmittedWorkDone());
  }

  /** Waits for `work`, then throws what went wrong since the last read. */
  private async settle(work: Promise<unknown>): Promise<void> {
    const failures = this.failures;
    this.failures = [];
    const mapped = work.then(
      () => undefined,
      (cause: unknown) => new DeviceError(`reading failed: ${String(cause)}`, { cause }),
    );
    await this.patience.until(Promise.all(failures));
    const error = await this.patience.until(mapped);
    if (this.lostBecause !== undefined) throw new DeviceError(`the device was lost: ${this.lostBecause}`);
    if (error) throw error;
  }

  /** Runs `encode` inside error scopes; a rejection of theirs waits in `failures` for the next read. */
  private guard(dispatches: readonly Dispatch[], encode: () => void): void {
    const { gpu } = this.open;
    gpu.pushErrorScope("out-of-memory");
    gpu.pushErrorScope("validation");
    try {
      encode();
    } finally {
      const labels = [...new Set(dispatches.map((d) => d.label))].join(", ");
      const scopes = Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
      const failure = scopes.then(([validation, memory]) => {
        if (memory) throw new DeviceError(`out of memory while computing ${labels}: ${memory.message}`);
        if (validation) throw new DeviceError(`the device refused ${labels}: ${validation.message}`);
      });
      failure.catch(() => {});
      this.failures.push(failure);
    }
  }

  private pipeline({ compiled: { code }, label }: Dispatch): Pipeline {
    const known = this.pipelines.get(code);
    if (known) return known;
    const module = this.open.gpu.createShaderModule({ code, label });
    const gpu = this.open.gpu.createComputePipeline({ layout: "auto", compute: { module }, label });
    const pipeline = { id: this.pipelinesMade++, gpu, layout: gpu.getBindGroupLayout(0) };
    this.pipelines.add(code, pipeline);
    return pipeline;
  }

  private bindGroup(pipeline: Pipeline, d: Dispatch, uniform: PooledBuffer | undefined): GPUBindGroup {
    const uses = uniform && d.scalarBytes > 0 ? uniform : undefined;
    const key = `${pipeline.id}:${d.buffers.map((b) => b.id).join()}:${uses ? `${uses.id}+${d.scalarOffset}` : ""}`;
    const known = this.bindGroups.get(key);
    if (known) return known;
    const entries: GPUBindGroupEntry[] = d.buffers.map((b, binding) => ({
      binding,
      resource: { buffer: b.gpu },
    }));
    if (uses) {
      const resource = { buffer: uses.gpu, offset: d.scalarOffset, size: d.scalarBytes };
      entries.push({ binding: entries.length, resource });
    }
    const group = this.open.gpu.createBindGroup({ layout: pipeline.layout, entries });
    // Buffers come back from the pool in ever new combinations.
    if (this.bindGroups.size >= maxBindGroups) this.forgetBindGroups();
    this.bindGroups.set(key, group);
    for (const b of uses ? [...d.buffers, uses] : d.buffers) this.remember(b, key);
    return group;
  }

  private forgetBindGroups(): void {
    this.bindGroups.clear();
    this.bindGroupsOf.clear();
  }

  private remember(buffer: PooledBuffer, key: string): void {
    const keys = this.bindGroupsOf.get(buffer.id);
    if (keys) keys.add(key);
    else this.bindGroupsOf.set(buffer.id, new Set([key]));
  }

  private forget(buffer: PooledBuffer): void {
    for (const key of this.bindGroupsOf.get(buffer.id) ?? []) this.bindGroups.delete(key);
    this.bindGroupsOf.delete(buffer.id);
  }
}

/** WebGPU writes words. */
function wholeWords(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  return padded;
}

/** Dawn crashes on views of shared memory, so those are copied first. */
function unshared(data: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return data.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
