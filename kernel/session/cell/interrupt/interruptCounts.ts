import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { SharedCounts } from "../../../contract/sharedCounts";
import { loads } from "../modules/whole";

/** Where in `interrupts` each count is. */
const [requested, handled] = [0, 1];

export class InterruptCounts {
  readonly shared: SharedCounts;

  constructor(shared: SharedCounts = { interrupts: new Int32Array(new SharedArrayBuffer(8)), loads }) {
    this.shared = shared;
  }

  request(): void {
    Atomics.add(this.shared.interrupts, requested, 1);
  }

  handleAll(): void {
    const { interrupts } = this.shared;
    Atomics.store(interrupts, handled, Atomics.load(interrupts, requested));
  }

  get pending(): boolean {
    const { interrupts } = this.shared;
    return Atomics.load(interrupts, requested) !== Atomics.load(interrupts, handled);
  }

  /** Whether something is being loaded that an interrupt would leave half loaded for good. */
  get isLoadingWhole(): boolean {
    return Atomics.load(this.shared.loads, 0) > 0;
  }
}

/** Starts the thread that hears of interrupts when the main one cannot. */
export function startAlarm(counts: InterruptCounts): void {
  new Worker(join(__dirname, "alarmThread.js"), { workerData: counts.shared }).unref();
}
