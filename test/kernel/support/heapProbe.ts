import { setImmediate as turn } from "node:timers/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { threadId } from "node:worker_threads";

/**
 * Loaded before anything else into every thread of a kernel and of its session (see heaps.ts): tells whoever connects
 * how many bytes of the thread's heap are in use.
 */
const collections = 5;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function bytesInUse(): Promise<number> {
  for (let i = 0; i < collections; i++) {
    collect();
    // What is to be done when something has been collected is done between two turns.
    await turn();
  }
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return used + external;
}

const folder = process.env["SADDLE_TEST_HEAPS"];
if (folder !== undefined) {
  createServer((socket) => {
    socket.on("error", () => undefined);
    void bytesInUse().then((bytes) => socket.end(String(bytes)));
  })
    .listen(join(folder, `${process.pid}.${threadId}`))
    .unref();
}
