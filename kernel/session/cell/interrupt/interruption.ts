import { Session } from "node:inspector";
import type { InterruptCounts } from "./interruptCounts";
import { terminationExpression } from "./termination";

const patience = 100; // milliseconds
/** How often the main thread is asked to terminate what it executes before it must, a millisecond each. */
const attempts = 1000;

/**
 * Interrupts the main thread, from another: by SIGINT, or, if it does not get to its event loop to hear that, by
 * terminating its execution.
 * @param group the process, or 0 for its whole group, so that the child processes that a cell waits for hear it, too
 */
export function interruptMain(counts: InterruptCounts, group: number): void {
  counts.request();
  process.kill(group, "SIGINT");
  terminateUnlessHeard(counts);
}

/** A machine so busy that this thread wakes late has not let the main one hear either: it gets another chance. */
function terminateUnlessHeard(counts: InterruptCounts): void {
  const asked = performance.now();
  setTimeout(() => {
    if (!counts.pending) return;
    if (performance.now() - asked > 2 * patience) terminateUnlessHeard(counts);
    else terminateExecution(counts);
  }, patience);
}

function terminateExecution(counts: InterruptCounts): void {
  const inspector = new Session();
  inspector.connectToMainThread();
  const ask = (attempt: number) => {
    const expression = terminationExpression(attempt >= attempts);
    if (!counts.pending) inspector.disconnect();
    else inspector.post("Runtime.evaluate", { expression }, () => setTimeout(ask, 1, attempt + 1));
  };
  ask(0);
}
