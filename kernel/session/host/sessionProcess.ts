import type {
  CommEvent,
  CompiledCell,
  Failure,
  Outcome,
  Session,
  SessionListener,
} from "../../contract/messages";
import type { FromCell, ToCell } from "../../contract/cellMessages";
import { CellProcess } from "./cellProcess";

/** How long a session may take to notice an interrupt, in milliseconds: a kernel on the GPU cannot be left. */
const interruptPatience = 5000;
/** For how long it must have had nothing to do before it prepares for the next cells, in milliseconds. */
const preparePatience = 50;

/** The session: a process that is replaced when it dies. */
export class SessionProcess implements Session {
  private readonly listener: SessionListener;
  private process: CellProcess;
  private readonly running = new Map<string, (outcome: Outcome) => void>();
  /** What waits for the answer to a message of a comm. */
  private readonly handling = new Map<number, () => void>();
  private handled = 0;
  /** What came with the cell whose output the session sends. */
  private origin = "";
  private overdue: NodeJS.Timeout | undefined;
  private preparing: NodeJS.Timeout | undefined;
  private mayPrepare = false;
  private ignoredInterrupt = false;
  private closing = false;

  constructor(listener: SessionListener) {
    this.listener = listener;
    this.process = this.start();
  }

  run(cell: CompiledCell, origin: string): Promise<Outcome> {
    clearTimeout(this.preparing);
    return new Promise((resolve) => {
      this.running.set(cell.name, resolve);
      this.command({ type: "run", cell, origin });
    });
  }

  prepare(): void {
    this.mayPrepare = true;
    this.prepareSoon();
  }

  interrupt(): void {
    this.process.interrupt();
    this.overdue ??= setTimeout(() => {
      this.ignoredInterrupt = true;
      this.process.kill();
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
    return this.process.inspect(method, params);
  }

  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.overdue);
    clearTimeout(this.preparing);
    await this.process.close(this.isIdle());
  }

  private start(): CellProcess {
    return new CellProcess({
      hear: (message) => this.hear(message),
      inspected: (method, params) => this.listener.inspected(method, params),
      died: (how) => this.replace(how),
    });
  }

  private hear(message: FromCell): void {
    if (message.type === "done") this.done(message.cell, message.outcome);
    else if (message.type === "handled") this.answered(message.id);
    else if (message.type === "interrupted") this.clearOverdue();
    else if (message.type === "origin") this.origin = message.origin;
    else if (message.type !== "mark") this.listener.happened(message, this.origin);
  }

  private done(cell: string, outcome: Outcome): void {
    this.running.get(cell)?.(outcome);
    this.running.delete(cell);
    this.prepareSoon();
  }

  private answered(id: number): void {
    this.handling.get(id)?.();
    this.handling.delete(id);
  }

  private prepareSoon(): void {
    clearTimeout(this.preparing);
    if (!this.mayPrepare || !this.isIdle()) return;
    this.preparing = setTimeout(() => {
      this.mayPrepare = false;
      this.command({ type: "prepare" });
    }, preparePatience);
  }

  private isIdle(): boolean {
    return this.running.size === 0 && this.handling.size === 0;
  }

  private clearOverdue(): void {
    clearTimeout(this.overdue);
    this.overdue = undefined;
  }

  private replace(how: string): void {
    if (this.closing) return;
    const failure = deathOf(this.ignoredInterrupt ? "did not answer an interrupt and was ended" : how);
    this.ignoredInterrupt = false;
    this.clearOverdue();
    this.process = this.start();
    this.mayPrepare = true;
    if (this.running.size === 0) {
      this.listener.happened({ type: "stream", name: "stderr", text: `${failure.message}\n` }, this.origin);
    }
    this.origin = "";
    this.listener.replaced();
    for (const id of [...this.handling.keys()]) this.answered(id);
    for (const cell of [...this.running.keys()]) this.done(cell, { failure });
    this.prepareSoon();
  }

  private command(command: ToCell): void {
    this.process.send(command);
  }
}

function deathOf(how: string): Failure {
  const message = `The session process ${how}. Its variables are gone; the next cell runs in a fresh one.`;
  return { name: "SessionEnded", message, traceback: [`SessionEnded: ${message}`] };
}
