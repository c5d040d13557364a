/** WebGPU without a library: buffers, kernels, lists of dispatches. */
import { openAdapter } from "../../../lib/gpu/adapter";
import { Patience } from "../../../lib/gpu/patience";
import type { Results, Run } from "../library";

export interface Kernel {
  readonly code: string;
  readonly workgroups: readonly [number, number, number];
}

export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** A storage binding's declaration. */
export function binding(
  index: number,
  name: string,
  type: "f32" | "vec4f" | "i32",
  access: "read" | "read_write" = "read",
): string {
  return `@group(0) @binding(${index}) var<storage, ${access}> ${name}: array<${type}>;\n`;
}

/** `count` texts, one for each of 0, 1, … */
export function repeat(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("");
}

export class Gpu {
  private readonly staging = new Map<number, GPUBuffer>();
  /** What one could reach leaves the device the processor too. */
  private readonly patience = new Patience();

  private constructor(
    private readonly device: GPUDevice,
    /** Lanes of a subgroup: 8 on lavapipe, 4 on SwiftShader. */
    readonly lanes: number,
  ) {}

  static async open(): Promise<Gpu> {
    const opened = await openAdapter();
    if (!opened) throw new Error("no adapter");
    const { adapterInfo } = opened.gpu;
    return new Gpu(opened.gpu, adapterInfo.subgroupMinSize ?? 8);
  }

  /** Zeros if it is given a number of elements. */
  buffer(content: Float32Array | number): GPUBuffer {
    const bytes = typeof content === "number" ? 4 * content : content.byteLength;
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = this.device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST });
    if (typeof content !== "number") this.write(buffer, content);
    return buffer;
  }

  write(buffer: GPUBuffer, data: Float32Array): void {
    this.device.queue.writeBuffer(buffer, 0, data.buffer, data.byteOffset, data.byteLength);
  }

  async read(buffer: GPUBuffer, bytes = buffer.size): Promise<Float32Array> {
    let staging = this.staging.get(bytes);
    if (!staging) {
      staging = this.device.createBuffer({
        size: bytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      this.staging.set(bytes, staging);
    }
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
    this.device.queue.submit([encoder.finish()]);
    await this.patience.until(staging.mapAsync(GPUMapMode.READ));
    const copy = new Float32Array(staging.getMappedRange()).slice();
    staging.unmap();
    return copy;
  }

  copy(from: GPUBuffer, to: GPUBuffer): void {
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, from.size);
    this.device.queue.submit([encoder.finish()]);
  }

  dispatch({ code, workgroups }: Kernel, ...buffers: readonly GPUBuffer[]): Dispatch {
    const module = this.device.createShaderModule({ code: `enable subgroups;\n${code}` });
    const pipeline = this.device.createComputePipeline({ layout: "auto", compute: { module } });
    const entries = buffers.map((buffer, i) => ({ binding: i, resource: { buffer } }));
    const group = this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { pipeline, group, workgroups };
  }

  submit(dispatches: readonly Dispatch[]): void {
    const encoder = this.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let before: Dispatch | undefined;
    for (const dispatch of dispatches) {
      if (dispatch.pipeline !== before?.pipeline) pass.setPipeline(dispatch.pipeline);
      if (dispatch.group !== before?.group) pass.setBindGroup(0, dispatch.group);
      pass.dispatchWorkgroups(...dispatch.workgroups);
      before = dispatch;
    }
    pass.end();
    this.device.queue.submit([encoder.finish()]);
  }

  /** The same dispatches again and again; `read` reads what they leave. */
  run(dispatches: readonly Dispatch[], read: () => Promise<Results>): Run {
    const start = () => this.submit(dispatches);
    return {
      start,
      finish: () => this.finish(),
      first: () => {
        start();
        return read();
      },
    };
  }

  finish(): Promise<undefined> {
    return this.patience.until(this.device.queue.onSubmittedWorkDone());
  }
}
