import { writeSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { parallel } from "../../lib";
import { kernelFolder } from "../folders";
import type { StreamName } from "../contract/messages";
import { InterruptCounts } from "../session/cell/interrupt/interruptCounts";
import type { Output } from "../session/cell/output/outlet";
import type { FromRank } from "../contract/rankMessages";
import { serve } from "../session/cell/serve";
import { Turns } from "../session/cell/interrupt/turns";
import type { ControlData } from "../contract/mpiMessages";
import { deathNotice } from "../parallel/rankDeaths";
import { rankOf } from "../parallel/rank/rank";

/**
 * A rank that an MPI launcher has started: what runs cells, as in the notebook's own session, with a thread beside it
 * that hears orders and carries messages through MPI. Standard output is for rank 0's thread alone; what anybody else
 * writes there goes to standard error.
 */
const [stdout, stderr] = [1, 2];

class ControlledOutput implements Output<FromRank> {
  private readonly control: Worker;

  constructor(control: Worker) {
    this.control = control;
  }

  write(name: StreamName, bytes: Uint8Array): void {
    this.send({ type: "stream", name, text: Buffer.from(bytes).toString() });
  }

  send(message: FromRank): void {
    this.control.postMessage(message);
  }
}

// A rank has no end of its own: MPI would have it wait for the others, who may wait for it.
process.prependListener("exit", (code) => {
  writeSync(stderr, deathNotice(parallel.rank(), code));
  process.kill(process.pid, "SIGKILL");
});
const output = parallel.redirect(stdout, stderr);
const interrupts = new InterruptCounts();
const workerData: ControlData = { channel: parallel.controlChannel(), counts: interrupts.shared, output };
const control = new Worker(join(kernelFolder, "parallel", "rank", "mpiControl.js"), { workerData });
const outlet = new ControlledOutput(control);
const server = serve({ turns: new Turns(), interrupts, outlet });
control.on("message", rankOf(server, outlet) as (message: unknown) => void);
