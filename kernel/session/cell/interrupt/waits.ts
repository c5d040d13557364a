/** Where code stood: a stack that is put into words when it is read. */
export interface Trace {
  readonly stack?: string;
  /** Whose stack it is, if it is that of an error. */
  readonly error?: object;
}

/** Of a cell that starts many without an end, no more are remembered. */
const mostPending = 64;
/** A cell's own statements are in an async function without a name. */
const ofTheCellItself = /^ +at (?:async )?\w+\[\d+\]:\d+:\d+$/;

/** Where a cell awaits something. */
export class Waits {
  private pending: Trace[] = [];

  /** Notes that what awaits at `place` does so from now on. */
  add(place: Trace): void {
    // The first is the cell's own more often than not.
    if (this.pending.length >= mostPending) this.pending.splice(1, 1);
    this.pending.push(place);
  }

  remove(place: Trace): void {
    const index = this.pending.lastIndexOf(place);
    if (index !== -1) this.pending.splice(index, 1);
  }

  clear(): void {
    this.pending = [];
  }

  /** The await that the cell's end waits for, as deep as it is known; what goes on beside the cell is not. */
  latest(): Trace | undefined {
    const places = this.pending.toReversed();
    return places.find(({ stack }) => ofTheCellItself.test(stack?.split("\n").at(-1) ?? "")) ?? places[0];
  }
}

/** How many traces are taken in a millisecond: one takes as long as thirty awaits of what is there already. */
const mostTraces = 50;

/** Takes traces of what has called `above`, but not of each turn of a loop that awaits next to nothing. */
export class Tracer {
  private taken = 0;
  private since = 0;

  take(above: (...args: never[]) => unknown): Trace | undefined {
    if (!this.mayTake()) return undefined;
    const trace: Trace = {};
    Error.captureStackTrace(trace, above);
    return trace;
  }

  private mayTake(): boolean {
    if (this.taken++ < mostTraces) return true;
    const now = performance.now();
    if (now - this.since < 1) return false;
    [this.since, this.taken] = [now, 1];
    return true;
  }
}
