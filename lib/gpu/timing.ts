import type { KernelTime } from "../graph/node";

/** WebGPU allows no larger query set; a dispatch takes two. */
const mostQueries = 4096;
const bytesOfQuery = 8;

/**
 * Measures dispatches by timestamp queries (WebGPU, "timestamp-query"). These are written where a compute pass
 * begins and ends, so that each dispatch gets a pass of its own and the whole runs somewhat slower.
 */
export class KernelTimer {
  private readonly totals = new Map<string, { dispatches: number; nanoseconds: number }>();
  private readonly pending: Promise<void>[] = [];

  constructor(private readonly gpu: GPUDevice) {}

  /** Encodes the dispatches, each by `encode`; what is returned is to be called when they are submitted. */
  time<D extends { readonly label: string }>(
    encoder: GPUCommandEncoder,
    dispatches: readonly D[],
    encode: (pass: GPUComputePassEncoder, dispatch: D) => void,
  ): () => void {
    const parts: (() => void)[] = [];
    for (let start = 0; start < dispatches.length; start += mostQueries / 2) {
      parts.push(this.timePart(encoder, dispatches.slice(start, start + mostQueries / 2), encode));
    }
    return () => parts.forEach((submitted) => submitted());
  }

  /** The times so far, the longest first. */
  async times(): Promise<KernelTime[]> {
    await Promise.all(this.pending.splice(0));
    const times = [...this.totals].map(([label, { dispatches, nanoseconds }]) => {
      return { label, dispatches, seconds: nanoseconds / 1e9 };
    });
    return times.sort((a, b) => b.seconds - a.seconds);
  }

  private timePart<D extends { readonly label: string }>(
    encoder: GPUCommandEncoder,
    dispatches: readonly D[],
    encode: (pass: GPUComputePassEncoder, dispatch: D) => void,
  ): () => void {
    const count = 2 * dispatches.length;
    const size = count * bytesOfQuery;
    const querySet = this.gpu.createQuerySet({ type: "timestamp", count });
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const resolved = this.gpu.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const readable = this.gpu.createBuffer({ size, usage: COPY_DST | MAP_READ });
    dispatches.forEach((dispatch, i) => {
      const timestampWrites = {
        querySet,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      };
      const pass = encoder.beginComputePass({ timestampWrites });
      encode(pass, dispatch);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, readable, 0, size);
    const labels = dispatches.map(({ label }) => label);
    return () => {
      const read = this.read(readable, labels).finally(() => {
        for (const spent of [querySet, resolved, readable]) spent.destroy();
      });
      // A device that is lost meanwhile says so where its values are read.
      this.pending.push(read.catch(() => undefined));
    };
  }

  private async read(buffer: GPUBuffer, labels: readonly string[]): Promise<void> {
    await buffer.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(buffer.getMappedRange());
    labels.forEach((label, i) => {
      const total = this.totals.get(label) ?? { dispatches: 0, nanoseconds: 0 };
      total.dispatches++;
      // Clocks of drivers are known to run backwards now and then.
      total.nanoseconds += Math.max(0, Number(stamps[2 * i + 1] - stamps[2 * i]));
      this.totals.set(label, total);
    });
    buffer.unmap();
  }
}
