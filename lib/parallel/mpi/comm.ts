import { CollectiveComm, decodeIntent, encodeIntent } from "../collective";
import type { Intent } from "../collective";
import { sameType } from "../comm";
import type { Numbers, ReduceOp } from "../comm";
import { pause } from "../pause";
import type { Handle, Mpi, Request } from "./binding";

/** MPI counts elements in 32 bits, and what is cut small is taken up again sooner. */
const mostBytes = 64 << 20;
const intentWords = 4;
const spinMilliseconds = 2;
const tags = { length: 1, body: 2 } as const;

/** Ranks that an MPI launcher has started. */
export class MpiComm extends CollectiveComm {
  readonly rank: number;
  readonly size: number;
  readonly mpi: Mpi;
  private handle: Handle;
  /** What was given up when a cell failed: MPI may still write there. */
  private readonly abandoned: Request[] = [];

  constructor(mpi: Mpi) {
    super();
    this.mpi = mpi;
    this.rank = mpi.rank(mpi.world);
    this.size = mpi.size(mpi.world);
    this.handle = mpi.duplicate(mpi.world);
  }

  async send(values: Uint8Array, to: number): Promise<void> {
    this.checkRank("send", "to", to);
    const length = new Uint8Array(Float64Array.of(values.length).buffer);
    await this.done(this.mpi.isend(length, to, tags.length, this.handle));
    for (let start = 0; start < values.length; start += mostBytes) {
      await this.done(this.mpi.isend(values.subarray(start, start + mostBytes), to, tags.body, this.handle));
    }
  }

  async recv(from: number): Promise<Uint8Array> {
    this.checkRank("recv", "from", from);
    const length = new Float64Array(new ArrayBuffer(8));
    await this.done(this.mpi.irecv(new Uint8Array(length.buffer), from, tags.length, this.handle));
    const values = new Uint8Array(length[0]);
    for (let start = 0; start < values.length; start += mostBytes) {
      await this.done(
        this.mpi.irecv(values.subarray(start, start + mostBytes), from, tags.body, this.handle),
      );
    }
    return values;
  }

  protected async exchange(intent: Intent): Promise<readonly Intent[]> {
    const all = new Int32Array(intentWords * this.size);
    await this.done(this.mpi.iallgather(Int32Array.from(encodeIntent(intent)), all, this.handle));
    return Array.from({ length: this.size }, (_, rank) =>
      decodeIntent(all.subarray(intentWords * rank, intentWords * (rank + 1))),
    );
  }

  protected async reduce(values: Numbers, op: ReduceOp): Promise<void> {
    for (const part of parts(values)) await this.done(this.mpi.iallreduce(part, op, this.handle));
  }

  protected async spread(values: Numbers, root: number): Promise<void> {
    for (const part of parts(values)) await this.done(this.mpi.ibcast(part, root, this.handle));
  }

  protected async gather<T extends Numbers>(values: T, lengths: readonly number[]): Promise<T[]> {
    const counts = Int32Array.from(lengths);
    const offsets = Int32Array.from(lengths, (_, rank) => sum(lengths.slice(0, rank)));
    const total = sum(lengths);
    const all = sameType(values, new ArrayBuffer(total * values.BYTES_PER_ELEMENT), 0, total);
    await this.done(this.mpi.iallgatherv(values, all, counts, offsets, this.handle));
    return lengths.map((length, rank) => all.slice(offsets[rank], offsets[rank] + length) as T);
  }

  protected restart(): Promise<void> {
    this.handle = this.mpi.duplicate(this.mpi.world);
    return Promise.resolve();
  }

  private async done(request: Request): Promise<void> {
    const start = performance.now();
    while (!this.mpi.isDone(request)) {
      try {
        this.checkAbort();
      } catch (error) {
        this.abandoned.push(request);
        throw error;
      }
      await pause(performance.now() - start < spinMilliseconds ? 0 : 1);
    }
  }
}

function* parts(values: Numbers): Generator<Numbers> {
  const most = mostBytes / values.BYTES_PER_ELEMENT;
  for (let start = 0; start < values.length; start += most) yield values.subarray(start, start + most);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
