import { writeSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { parallel } from "../../lib";
import type { StreamName } from "../messages";
import { InterruptCounts } from "../session/interrupts";
import type { Output } from "../session/outlet";
import type { Command, Report } from "../session/protocol";
import { serve } from "../session/serve";
import { Turns } from "../session/turns";
import { obituaryOf } from "./obituary";
import { announceRank } from "./rank";

/**
 * A rank that an MPI launcher has started: what runs cells, as in the notebook's own session, with a thread beside it
 * that hears orders and carries reports through MPI. Standard output is for rank 0's thread alone; what anybody else
 * writes there goes to standard error.
 */
export interface ControlData {
  readonly channel: parallel.ChannelAddress;
  readonly counts: Int32Array;
  /** Where the launcher takes standard output from. */
  readonly output: number;
}

const [stdout, stderr] = [1, 2];

class ControlledOutput implements Output {
  private readonly control: Worker;

  constructor(control: Worker) {
    this.control = control;
  }

  write(name: StreamName, bytes: Uint8Array): void {
    this.report({ type: "stream", name, text: Buffer.from(bytes).toString() });
  }

  report(report: Report): void {
    this.control.postMessage(report);
  }
}

// A rank has no end of its own: MPI would have it wait for the others, who may wait for it.
process.prependListener("exit", (code) => {
  writeSync(stderr, obituaryOf(parallel.rank(), code));
  process.kill(process.pid, "SIGKILL");
});
const output = parallel.redirect(stdout, stderr);
const interrupts = new InterruptCounts();
const workerData: ControlData = { channel: parallel.controlChannel(), counts: interrupts.shared, output };
const control = new Worker(join(__dirname, "mpiControl.js"), { workerData });
const outlet = new ControlledOutput(control);
const obey = serve({ turns: new Turns(), interrupts, outlet });
control.on("message", (command: Command) => obey(command));
announceRank(outlet);
