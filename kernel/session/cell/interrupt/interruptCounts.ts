import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** What the main thread of a session and its alarm share: two counts. */
const [requested, handled] = [0, 1];

export class InterruptCounts {
  readonly shared: Int32Array;

  constructor(shared: Int32Array = new Int32Array(new SharedArrayBuffer(8))) {
    this.shared = shared;
  }

  request(): void {
    Atomics.add(this.shared, requested, 1);
  }

  handleAll(): void {
    Atomics.store(this.shared, handled, Atomics.load(this.shared, requested));
  }

  get pending(): boolean {
    return Atomics.load(this.shared, requested) !== Atomics.load(this.shared, handled);
  }
}

/** Starts the thread that hears of interrupts when the main one cannot. */
export function startAlarm(counts: InterruptCounts): void {
  new Worker(join(__dirname, "alarmThread.js"), { workerData: counts.shared }).unref();
}
