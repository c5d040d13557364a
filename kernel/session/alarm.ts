import { Session } from "node:inspector";
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { descriptors } from "./protocol";

/**
 * The thread of a session process that still hears when the main one is deep in a cell. A byte from the
 * kernel announces an interrupt: if SIGINT does not reach the main thread, which is then in a promise's
 * continuation, its execution is terminated. The end of the pipe is the end of the kernel, and of the
 * session with all its children.
 */
const patience = 200; // milliseconds
const handled = workerData as Int32Array;

function terminateExecution(): void {
  const inspector = new Session();
  inspector.connectToMainThread();
  inspector.post("Runtime.terminateExecution", () => inspector.disconnect());
}

const kernel = new Socket({ fd: descriptors.alarm, readable: true, writable: false });

kernel.on("data", () => {
  const before = Atomics.load(handled, 0);
  setTimeout(() => {
    if (Atomics.load(handled, 0) === before) terminateExecution();
  }, patience);
});

function endWithKernel(): void {
  process.kill(0, "SIGKILL");
}

kernel.on("close", endWithKernel);
kernel.on("error", endWithKernel);
