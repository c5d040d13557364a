import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Until it is closed, the first signal to end asks for it, as Ctrl-C does, and the second ends the process. */
export class Ending {
  private readonly controller = new AbortController();

  constructor() {
    for (const name of signals) process.on(name, this.hear);
  }

  /** Aborted when the process is to end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  close(): void {
    for (const name of signals) process.off(name, this.hear);
  }

  private readonly hear = (name: NodeJS.Signals) => {
    process.exitCode = 128 + constants.signals[name];
    if (this.signal.aborted) process.exit();
    this.controller.abort();
  };
}
