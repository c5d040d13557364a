/** Buffers and their reuse. Sizes are rounded up so that tensors of nearly the same size share buffers. */
import type { Block } from "../device/machine";

export interface PooledBuffer extends Block {
  readonly gpu: GPUBuffer;
}

/** A multiple of 256 bytes, and of an eighth of the next power of two below: at most an eighth is wasted. */
export function roundedBytes(bytes: number): number {
  const step = Math.max(256, 2 ** Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1))) - 3));
  return Math.max(256, Math.ceil(bytes / step) * step);
}

/** Ids are unique over all pools: bind groups are found by them. */
let nextId = 1;

export class BufferPool {
  private readonly free = new Map<number, PooledBuffer[]>();
  private live = 0;
  private pooled = 0;
  private peak = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly usage: GPUBufferUsageFlags,
    /** Bytes that are kept for reuse even when little is live. */
    private readonly mostIdle: number,
    private readonly onDestroy: (buffer: PooledBuffer) => void = () => {},
  ) {}

  acquire(bytes: number): PooledBuffer {
    const size = roundedBytes(bytes);
    const spare = this.free.get(size)?.pop();
    if (spare) this.pooled -= size;
    const buffer = spare ?? {
      id: nextId++,
      bytes: size,
      gpu: this.device.createBuffer({ size, usage: this.usage }),
    };
    this.live += size;
    this.peak = Math.max(this.peak, this.live);
    return buffer;
  }

  /**
   * Queued work may still use the buffer: what is queued later runs after it. Work that is being encoded may too, so
   * nothing is given back to the driver before `shrink`.
   */
  release(buffer: PooledBuffer): void {
    this.live -= buffer.bytes;
    this.pooled += buffer.bytes;
    const list = this.free.get(buffer.bytes);
    if (list) list.push(buffer);
    else this.free.set(buffer.bytes, [buffer]);
  }

  memory(): { live: number; pooled: number; peak: number } {
    return { live: this.live, pooled: this.pooled, peak: this.peak };
  }

  /** Gives buffers back to the driver where more are kept than is worth it; to be called when all is submitted. */
  shrink(): void {
    const most = Math.max(this.live, this.mostIdle);
    for (const [size, list] of this.free) {
      while (this.pooled > most && list.length > 0) this.destroy(list.pop()!, size);
    }
  }

  private destroy(buffer: PooledBuffer, size: number): void {
    this.pooled -= size;
    buffer.gpu.destroy();
    this.onDestroy(buffer);
  }
}
