import { Session } from "node:inspector";
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { InterruptCounts } from "./interrupts";
import { serveInspector } from "./inspection";
import { descriptors } from "./protocol";

/**
 * The thread of a session process that still hears when the main one is deep in a cell. A byte from the
 * kernel is an interrupt. It goes as SIGINT to the whole process group, so to the child processes that a
 * cell waits for, too; if the main thread does not get to its event loop to hear it, its execution is
 * terminated. The end of the pipe is the end of the kernel, and of the group.
 */
const patience = 100; // milliseconds
const wholeGroup = 0;
const counts = new InterruptCounts(workerData as Int32Array);

function terminateExecution(): void {
  const inspector = new Session();
  inspector.connectToMainThread();
  inspector.post("Runtime.terminateExecution", () => inspector.disconnect());
}

/** A machine so busy that this thread wakes late has not let the main one hear either: it gets another chance. */
function terminateUnlessHeard(): void {
  const asked = performance.now();
  setTimeout(() => {
    if (!counts.pending) return;
    if (performance.now() - asked > 2 * patience) terminateUnlessHeard();
    else terminateExecution();
  }, patience);
}

function endWithKernel(): void {
  process.kill(wholeGroup, "SIGKILL");
}

const kernel = new Socket({ fd: descriptors.alarm, readable: true, writable: false });

kernel.on("data", () => {
  counts.request();
  process.kill(wholeGroup, "SIGINT");
  terminateUnlessHeard();
});
kernel.on("close", endWithKernel);
kernel.on("error", endWithKernel);
serveInspector();
