import type { InterruptCounts } from "./interruptCounts";
import { processClock, startedSince } from "./processGroup";
import { stopMain } from "./stopMain";

const patience = 100; // milliseconds

/**
 * Interrupts the main thread, from another: by SIGINT, or, if it does not get to its event loop to hear that, by
 * terminating its execution.
 * @param group the process, or 0 for its whole group, so that the child processes that a cell waits for hear it, too
 */
export function interruptMain(counts: InterruptCounts, group: number): void {
  const signalled = processClock();
  counts.request();
  process.kill(group, "SIGINT");
  const isSignalled = new Set<number>();
  // A child process that was about to be started has not heard, and the main thread may wait for it.
  const signalNewcomers = () => {
    if (group !== 0 || signalled === undefined) return;
    for (const id of startedSince(signalled, process.pid)) {
      if (isSignalled.has(id)) continue;
      isSignalled.add(id);
      signal(id);
    }
  };
  setTimeout(() => {
    if (counts.pending) stopMain(counts, signalNewcomers);
  }, patience);
}

function signal(id: number): void {
  try {
    process.kill(id, "SIGINT");
  } catch {
    // It is gone already.
  }
}
