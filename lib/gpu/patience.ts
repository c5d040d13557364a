/**
 * Waiting for Dawn without a core to itself. For as long as a promise of Dawn's is pending, its binding to Node asks the
 * device in every turn of the event loop and makes the loop turn without rest. That takes a core from a device that is
 * played by the processor, and fills the heap. Here the loop naps in each turn, briefly beside what it has waited already.
 */

/** Milliseconds in which the loop turns as it likes: what is ready at once should not be late. */
const eager = 0.5;
/** The longest nap as a part of the wait so far, and in milliseconds: what else the loop has to do waits as well. */
const share = 1 / 16;
const longest = 0.25;

export class Patience {
  /** Nobody ever wakes who waits here. */
  private readonly bed = new Int32Array(new SharedArrayBuffer(4));
  private pending = 0;
  private since = 0;
  private turn: NodeJS.Immediate | undefined;

  /** `work`, for which the event loop turns slowly. */
  async until<T>(work: Promise<T>): Promise<T> {
    this.pending++;
    this.since = performance.now();
    this.nextTurn();
    try {
      return await work;
    } finally {
      this.pending--;
      this.since = performance.now();
      if (this.pending === 0) clearImmediate(this.turn);
    }
  }

  /** One nap a turn, however much is pending; an interrupt may have struck in the last one. */
  private nextTurn(): void {
    clearImmediate(this.turn);
    this.turn = setImmediate(() => {
      this.nap();
      this.nextTurn();
    });
  }

  private nap(): void {
    const waited = performance.now() - this.since;
    if (waited > eager) Atomics.wait(this.bed, 0, 0, Math.min(longest, share * waited));
  }
}
