import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Duplex, Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { InspectorClient } from "./inspectorClient";
import { Merge } from "./merge";
import { endOf } from "./ending";
import { descriptors } from "../../contract/pipes";
import type { FromCell, ToCell } from "../../contract/cellMessages";
import { processFlags } from "../../flags";
import { entryOf } from "../../folders";

/** How long output of a process that has died may still be on its way, in milliseconds. */
const drainPatience = 200;
const exitPatience = 1000;

export interface CellProcessListener<From = FromCell> {
  /** An event of V8's inspector. */
  inspected?(method: string, params: object): void;
  hear(message: From | FromCell): void;
  /** The process is gone, and all that it has said is heard; `how` is what has become of it. */
  died(how: string): void;
}

interface CellProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** A process of a notebook, unless it is a rank. */
  readonly entry?: "cell" | "rank";
  /** A descriptor that the process finds as `descriptors.inherited`. */
  readonly inherit?: number;
}

/** A process that runs cells, as its parent has it; a rank is told, and says, more than another. */
export class CellProcess<To = ToCell, From = FromCell> {
  private readonly child: ChildProcess;
  private readonly inspector: InspectorClient;

  constructor(
    listener: CellProcessListener<From>,
    { env = {}, entry = "cell", inherit }: CellProcessOptions = {},
  ) {
    const secret = randomBytes(12).toString("hex");
    this.child = fork(entryOf(entry), [secret], {
      execArgv: processFlags,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe", inherit ?? "ignore", "ipc"],
      serialization: "advanced",
      env: { ...process.env, ...env },
      // A process group of its own, so that signals reach the processes that a cell has started as well.
      detached: true,
    });
    const pipe = (this.child.stdio as readonly unknown[])[descriptors.inspector] as Duplex;
    this.inspector = new InspectorClient(pipe, (method, params) => listener.inspected?.(method, params));
    this.listen(new Merge<From>(secret, (message) => listener.hear(message)), listener);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: To): void {
    if (this.child.connected) this.child.send(message as object, () => undefined);
  }

  /** Asks V8's inspector. */
  inspect<T>(method: string, params: object): Promise<T> {
    return this.inspector.post(method, params);
  }

  interrupt(): void {
    (this.child.stdio[descriptors.alarm] as Writable).write("!");
  }

  /** Lets the process end if it has nothing to do, else ends it. */
  async close(isIdle: boolean): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    if (isIdle && this.child.connected) this.child.disconnect();
    else this.kill();
    await Promise.race([gone, delay(exitPatience, undefined, { ref: false })]);
    this.kill();
  }

  /** Ends the process and those that its cells have started. */
  kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }

  private listen(merge: Merge<From>, listener: CellProcessListener<From>): void {
    const { child } = this;
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (chunk: Buffer) => merge.readText(name, chunk));
    }
    const messages = child.stdio[descriptors.messages] as Readable;
    messages.on("data", (chunk: Buffer) => merge.readMessages(chunk));
    // Pipes break when a process dies, which its exit tells.
    for (const stream of [child, ...child.stdio]) stream?.on("error", () => undefined);
    const drain = async (how: string) => {
      // A child process that lives on may hold the pipes open.
      await Promise.race([once(child, "close"), delay(drainPatience)]);
      merge.end();
      this.inspector.end();
      listener.died(how);
    };
    child.on("exit", (code, signal) => void drain(endOf(code, signal)));
  }
}
