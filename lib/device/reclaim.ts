/**
 * Gives buffers back whose owners are collected. JavaScript's collector does not see device memory, so a loop that makes
 * little garbage on its own heap would never be collected: it is asked to, as often as that stays cheap.
 *
 * That bounds the time, and so the memory only beside what gathers meanwhile: only a whole collection tells which tensors are
 * still held, and one for every few steps of a loop of tensors of a megabyte would take longer than the steps.
 */
import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Block } from "./machine";

/** Memory that may gather beside half of what was alive after the last collection. */
const slack = 2 ** 19;
/** The part of the time that collections may take: beside a device that works meanwhile, or on the one processor left to us. */
const timeShare = (): number => (availableParallelism() > 1 ? 0.25 : 0.08);

interface Held<Buffer> {
  readonly owner: WeakRef<object>;
  readonly buffer: Buffer;
}

export class Reclaimer<Buffer extends Block> {
  private readonly held = new Map<number, Held<Buffer>>();
  private readonly registry = new FinalizationRegistry<number>((id) => this.releaseIfLost(id));
  private bytes = 0;
  private bytesAfterCollection = 0;
  private lastEnd = 0;
  private lastDuration = 0;

  constructor(
    /** Bytes that may gather before a collection is made whatever it costs. */
    private readonly mostGathered: number,
    private readonly release: (buffer: Buffer) => void,
  ) {}

  /** Releases `buffer` once `owner` is collected. */
  watch(owner: object, buffer: Buffer): void {
    this.held.set(buffer.id, { owner: new WeakRef(owner), buffer });
    this.registry.register(owner, buffer.id, owner);
    this.bytes += buffer.bytes;
  }

  unwatch(owner: object, buffer: Buffer): void {
    if (this.held.delete(buffer.id)) this.bytes -= buffer.bytes;
    this.registry.unregister(owner);
  }

  /** Collects when much has gathered and it stays cheap; to be begun where user code waits anyway. */
  async relieve(): Promise<void> {
    const gathered = this.bytes - this.bytesAfterCollection;
    if (gathered < this.bytesAfterCollection / 2 + slack) return;
    const isCheap = performance.now() - this.lastEnd > this.lastDuration / timeShare();
    if (!isCheap && gathered < this.mostGathered) return;
    // Who else waits meanwhile has no need to collect too.
    this.lastEnd = performance.now();
    // What a WeakRef was made for stays alive until the running job ends, and a promise of Dawn's does not end it.
    await nextTurn();
    const start = performance.now();
    const before = this.bytes;
    this.collect();
    if (before - this.bytes < gathered / 2) {
      // A collection that V8 had begun by itself spares what was made since; only the next one takes that.
      await nextTurn();
      this.collect();
    }
    this.bytesAfterCollection = this.bytes;
    this.lastEnd = performance.now();
    this.lastDuration = this.lastEnd - start;
  }

  /** Collects garbage now and releases the buffers whose owners it took. */
  private collect(): void {
    collectGarbage();
    for (const id of this.held.keys()) this.releaseIfLost(id);
  }

  private releaseIfLost(id: number): void {
    const entry = this.held.get(id);
    if (entry === undefined || entry.owner.deref() !== undefined) return;
    this.held.delete(id);
    this.bytes -= entry.buffer.bytes;
    this.release(entry.buffer);
  }
}

let garbageCollector: (() => void) | undefined;

/** Node shows its collector to contexts made after the flag is set. */
export function collectGarbage(): void {
  if (garbageCollector === undefined) {
    setFlagsFromString("--expose-gc");
    garbageCollector = runInNewContext("gc") as () => void;
  }
  garbageCollector();
}
