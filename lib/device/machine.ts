/** What runs compiled steps: a GPU's queue, a processor's memory and threads, or this very thread. */
import type { KernelTime, MemoryUse } from "../graph/node";

/** Memory that a machine computes with. */
export interface Block {
  /** Unlike that of any other block of the process. */
  readonly id: number;
  readonly bytes: number;
}

/** One step that is to run. */
export interface Launch<Buffer, Compiled> {
  readonly compiled: Compiled;
  /** What it reads, in order, then what it writes. */
  readonly buffers: readonly Buffer[];
  /** Its slice of the run-time scalars of all, in bytes; length 0 for none. */
  readonly scalarOffset: number;
  readonly scalarBytes: number;
  /** The op whose value it computes, for error messages and profiles. */
  readonly label: string;
}

export interface Machine<Buffer extends Block, Compiled> {
  /** Bytes of the largest buffer. */
  readonly maxBytes: number;
  /** Each launch's scalars begin at a multiple of this, in bytes. */
  readonly scalarAlignment: number;
  /** Bytes of values that may wait for JavaScript's collector, which does not see them. */
  readonly mostIdle: number;
  /** Why nothing runs here any more, or undefined while all is well. */
  readonly lost: string | undefined;
  acquire(bytes: number): Buffer;
  /** What is queued already may still use the buffer; what is queued later may get it again. */
  release(buffer: Buffer): void;
  write(buffer: Buffer, data: ArrayBufferView): void;
  /** Queues the launches, which run in this order; failures surface at the next `read` or `finish`. */
  submit(launches: readonly Launch<Buffer, Compiled>[], scalars: Uint32Array<ArrayBuffer>): void;
  /** The first `bytes` bytes, once all that is queued has run. */
  read(buffer: Buffer, bytes: number): Promise<ArrayBuffer>;
  /** Resolves once all that is queued has run; throws a DeviceError for what went wrong in it. */
  finish(): Promise<void>;
  /** Gives back what more is kept for reuse than is worth it. */
  trim(): void;
  memory(): Omit<MemoryUse, "plans">;
  /** Times each launch from now on and returns how to stop; undefined, or not there, where there is no clock. */
  startTiming?(): (() => Promise<KernelTime[]>) | undefined;
}
