import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { serveInspector } from "./inspectorServer";
import { interruptMain } from "./interruption";
import type { SharedCounts } from "../../../contract/sharedCounts";
import { InterruptCounts } from "./interruptCounts";
import { descriptors } from "../../../contract/pipes";

/**
 * The thread of a session process that still hears when the main one is deep in a cell. A byte from the
 * kernel is an interrupt. The end of the pipe is the end of the kernel, and of the process group.
 */
const wholeGroup = 0;
const counts = new InterruptCounts(workerData as SharedCounts);

function endWithKernel(): void {
  process.kill(wholeGroup, "SIGKILL");
}

const kernel = new Socket({ fd: descriptors.alarm, readable: true, writable: false });

kernel.on("data", () => interruptMain(counts, wholeGroup));
kernel.on("close", endWithKernel);
kernel.on("error", endWithKernel);
serveInspector();
