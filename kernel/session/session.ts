import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CommEvent, CompiledCell, Failure, Outcome, Session, SessionListener } from "../messages";
import { InspectorClient } from "./inspector";
import { Merge } from "./merge";
import { descriptors } from "./protocol";
import type { Command, Report } from "./protocol";

/** How long a session may take to notice an interrupt, in milliseconds: a kernel on the GPU cannot be left. */
const interruptPatience = 5000;
const exitPatience = 1000;
/** How long output of a session that has died may still be on its way. */
const drainPatience = 200;

/** The session: a process that is replaced when it dies. */
export class SessionProcess implements Session {
  private readonly listener: SessionListener;
  private child: ChildProcess;
  private inspector: InspectorClient;
  private readonly running = new Map<string, (outcome: Outcome) => void>();
  /** What waits for the answer to a message of a comm. */
  private readonly handling = new Map<number, () => void>();
  private handled = 0;
  /** The cell whose output the session sends. */
  private origin = "";
  private overdue: NodeJS.Timeout | undefined;
  private ignoredInterrupt = false;
  private closing = false;

  constructor(listener: SessionListener) {
    this.listener = listener;
    [this.child, this.inspector] = this.start();
  }

  run(cell: CompiledCell): Promise<Outcome> {
    return new Promise((resolve) => {
      this.running.set(cell.name, resolve);
      this.command({ type: "run", cell });
    });
  }

  interrupt(): void {
    (this.child.stdio[descriptors.alarm] as Writable).write("!");
    this.overdue ??= setTimeout(() => {
      this.ignoredInterrupt = true;
      this.kill();
    }, interruptPatience);
  }

  answer(text: string | undefined): void {
    this.command({ type: "answer", text });
  }

  comm(event: CommEvent): Promise<void> {
    const id = ++this.handled;
    return new Promise((resolve) => {
      this.handling.set(id, resolve);
      this.command({ type: "comm", event, id });
    });
  }

  inspect<T>(method: string, params: object = {}): Promise<T> {
    return this.inspector.post(method, params);
  }

  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.overdue);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    if (this.isIdle() && this.child.connected) this.child.disconnect();
    else this.kill();
    await Promise.race([gone, delay(exitPatience, undefined, { ref: false })]);
    this.kill();
  }

  private start(): [ChildProcess, InspectorClient] {
    const secret = randomBytes(12).toString("hex");
    const child = fork(join(__dirname, "child.js"), [secret], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      // A process group of its own, so that signals reach the processes that a cell has started as well.
      detached: true,
    });
    const merge = new Merge(secret, (report) => this.hear(report));
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (chunk: Buffer) => merge.readText(name, chunk));
    }
    const reports = child.stdio[descriptors.reports] as Readable;
    reports.on("data", (chunk: Buffer) => merge.readReports(chunk));
    // Pipes break when a session dies, which its exit tells.
    for (const stream of [child, ...child.stdio]) stream?.on("error", () => undefined);
    child.on("exit", (code, signal) => void this.replace(child, merge, code, signal));
    const pipe = (child.stdio as readonly unknown[])[descriptors.inspector] as Duplex;
    return [child, new InspectorClient(pipe, (method, params) => this.listener.inspected(method, params))];
  }

  private hear(report: Report): void {
    if (report.type === "done") this.done(report.cell, report.outcome);
    else if (report.type === "handled") this.answered(report.id);
    else if (report.type === "interrupted") this.clearOverdue();
    else if (report.type === "origin") this.origin = report.origin;
    else if (report.type !== "mark") this.listener.happened(report, this.origin);
  }

  private done(cell: string, outcome: Outcome): void {
    this.running.get(cell)?.(outcome);
    this.running.delete(cell);
  }

  private answered(id: number): void {
    this.handling.get(id)?.();
    this.handling.delete(id);
  }

  private isIdle(): boolean {
    return this.running.size === 0 && this.handling.size === 0;
  }

  private clearOverdue(): void {
    clearTimeout(this.overdue);
    this.overdue = undefined;
  }

  private async replace(
    child: ChildProcess,
    merge: Merge,
    code: number | null,
    signal: string | null,
  ): Promise<void> {
    if (this.closing) return;
    const failure = deathOf(code, signal, this.ignoredInterrupt);
    this.ignoredInterrupt = false;
    // A child process that lives on may hold the pipes open.
    await Promise.race([once(child, "close"), delay(drainPatience)]);
    merge.end();
    this.clearOverdue();
    this.inspector.end();
    [this.child, this.inspector] = this.start();
    if (this.running.size === 0) {
      this.listener.happened({ type: "stream", name: "stderr", text: `${failure.message}\n` }, this.origin);
    }
    this.origin = "";
    this.listener.replaced();
    for (const id of [...this.handling.keys()]) this.answered(id);
    for (const cell of [...this.running.keys()]) this.done(cell, { failure });
  }

  private command(command: Command): void {
    if (this.child.connected) this.child.send(command, () => undefined);
  }

  /** Ends the session and the processes that its cells have started. */
  private kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }
}

function deathOf(code: number | null, signal: string | null, ignoredInterrupt: boolean): Failure {
  const what = ignoredInterrupt
    ? "did not answer an interrupt and was ended"
    : signal === null
      ? `ended itself with exit status ${code ?? 0}`
      : `was ended by ${signal}${hintOf(signal)}`;
  const message = `The session process ${what}. Its variables are gone; the next cell runs in a fresh one.`;
  return { name: "SessionEnded", message, traceback: [`SessionEnded: ${message}`] };
}

function hintOf(signal: string): string {
  if (signal === "SIGKILL") return " (by hand, or for want of memory)";
  return signal === "SIGABRT" ? " (for want of memory, or by a fault in native code)" : "";
}
