import { randomUUID } from "node:crypto";
import type { Audience, Header, Publication, Request, StreamName } from "../contract/messages";
import { hasTag, textOf } from "./notebook";
import type { Cell, Notebook } from "./notebook";
import { Outputs } from "./outputs";

/** What a front end needs of the dispatch. */
export interface Dispatcher {
  receive(request: Request): void;
  interrupt(): void;
  close(): Promise<void>;
}

export type CreateDispatcher = (audience: Audience) => Dispatcher;

/** As nbclient has them. */
export interface ExecutionOptions {
  /** How long a cell may take, in seconds; for ever, if it is not given. */
  readonly timeout?: number;
  /** Whether to go on behind cells that fail. */
  readonly allowErrors?: boolean;
}

export interface RunListener {
  started(cell: Cell, index: number): void;
  finished(cell: Cell, index: number): void;
}

export interface Watcher {
  readonly progress: RunListener;
  /** Called whenever a cell has started or has shown something. */
  readonly changed?: () => void;
  /** Aborted when the run is to end. */
  readonly signal?: AbortSignal;
}

export interface CellFailure {
  /** Which of the code cells. */
  readonly cell: number;
  /** Whether the cell has failed by itself, has taken too long, or was interrupted. */
  readonly reason: "error" | "timeout" | "interrupt";
  readonly traceback: readonly string[];
}

/** What has been interrupted and does not end in this time is left, in milliseconds. */
const patience = 8000;
const longestTimer = 2 ** 31 - 1;

/** The cells that a run executes: as in nbclient, not those without code, or with a tag that says so. */
export function executedCells({ cells }: Notebook): Cell[] {
  return cells.filter(
    (cell) =>
      cell.cell_type === "code" && textOf(cell.source).trim() !== "" && !hasTag(cell, "skip-execution"),
  );
}

/** A run of the code cells of a notebook, in place. */
export class NotebookRun {
  private readonly notebook: Notebook;
  private readonly options: ExecutionOptions;
  private readonly cells: readonly Cell[];
  /** Of the cells that have started. */
  private readonly requests: Request[] = [];
  private readonly outputs = new Outputs();

  constructor(notebook: Notebook, options: ExecutionOptions = {}) {
    this.notebook = notebook;
    this.options = options;
    this.cells = executedCells(notebook);
    for (const cell of this.cells) Object.assign(cell, { outputs: [], execution_count: null });
  }

  /** Executes the cells up to the first that fails, and collects what they have shown. */
  async execute(createDispatcher: CreateDispatcher, watcher: Watcher): Promise<CellFailure | undefined> {
    const frontEnd = new HeadlessFrontEnd(this.outputs, watcher.changed);
    const dispatcher = createDispatcher(frontEnd);
    try {
      // What a kernel takes to start is no cell's time.
      if (this.options.timeout !== undefined) await frontEnd.send(executeRequest(), dispatcher);
      for (const [index, cell] of this.cells.entries()) {
        watcher.progress.started(cell, index);
        const failure = await this.executeOne(cell, frontEnd, dispatcher, watcher.signal);
        watcher.progress.finished(cell, index);
        if (failure !== undefined) return failure;
      }
      return undefined;
    } finally {
      // What a process says as it ends is no output of a cell.
      frontEnd.close();
      this.collect();
      await dispatcher.close();
    }
  }

  /** Puts what the cells have shown so far into the notebook: a later cell may change what an earlier one shows. */
  collect(): void {
    for (const [index, { header }] of this.requests.entries()) {
      this.cells[index].execution_count = this.outputs.countOf(header.msg_id);
      this.cells[index].outputs = this.outputs.of(header.msg_id);
    }
  }

  private async executeOne(
    cell: Cell,
    frontEnd: HeadlessFrontEnd,
    dispatcher: Dispatcher,
    signal: AbortSignal | undefined,
  ): Promise<CellFailure | undefined> {
    const failed = (reason: CellFailure["reason"], traceback: readonly string[] = []) => {
      const code = this.notebook.cells.filter(({ cell_type: type }) => type === "code");
      return { cell: code.indexOf(cell), reason, traceback };
    };
    if (signal?.aborted === true) return failed("interrupt");
    const request = executeRequest(cell);
    this.requests.push(request);
    const limits = new Limits(this.options.timeout, signal, () => dispatcher.interrupt());
    const reply = await Promise.race([frontEnd.send(request, dispatcher), limits.exceeded]);
    limits.close();
    if (limits.reached !== undefined) return failed(limits.reached);
    const mayFail = this.options.allowErrors === true || hasTag(cell, "raises-exception");
    return reply?.status === "error" && !mayFail ? failed("error", reply.traceback) : undefined;
  }
}

/** Interrupts a cell that takes too long, or when the run is to end. */
class Limits {
  /** What has interrupted it. */
  reached: "timeout" | "interrupt" | undefined;
  /** Resolves when the cell has been interrupted and has not heard for long. */
  readonly exceeded: Promise<undefined>;
  private readonly timer: NodeJS.Timeout | undefined;
  private giveUp!: () => void;
  private givingUp: NodeJS.Timeout | undefined;
  private readonly end = () => this.reach("interrupt");

  constructor(
    timeout: number | undefined,
    private readonly signal: AbortSignal | undefined,
    private readonly interrupt: () => void,
  ) {
    this.exceeded = new Promise((resolve) => (this.giveUp = () => resolve(undefined)));
    signal?.addEventListener("abort", this.end);
    if (timeout === undefined) return;
    this.timer = setTimeout(() => this.reach("timeout"), Math.min(1000 * timeout, longestTimer));
  }

  close(): void {
    clearTimeout(this.timer);
    clearTimeout(this.givingUp);
    this.signal?.removeEventListener("abort", this.end);
  }

  private reach(limit: "timeout" | "interrupt"): void {
    this.reached ??= limit;
    this.interrupt();
    this.givingUp ??= setTimeout(this.giveUp, patience);
  }
}

interface ExecuteReply {
  readonly status: string;
  readonly traceback?: readonly string[];
}

class HeadlessFrontEnd implements Audience {
  private finish: ((reply: ExecuteReply) => void) | undefined;
  private latest: ExecuteReply | undefined;
  private isClosed = false;

  constructor(
    private readonly outputs: Outputs,
    private readonly changed: () => void = () => undefined,
  ) {}

  send(request: Request, dispatcher: Dispatcher): Promise<ExecuteReply> {
    return new Promise((resolve) => {
      this.finish = resolve;
      dispatcher.receive(request);
    });
  }

  reply(_request: Request, _type: string, content: object): void {
    this.latest = content as ExecuteReply;
  }

  /** Hears nothing any more. */
  close(): void {
    this.isClosed = true;
  }

  publish(publication: Publication): void {
    if (this.isClosed) return;
    this.outputs.hear(publication);
    this.changed();
    const { execution_state: state } = publication.content as { execution_state?: string };
    if (state === "idle" && this.latest !== undefined) this.finish?.(this.latest);
  }

  print(parent: Header | undefined, name: StreamName, pieces: readonly string[]): void {
    this.publish({ parent, type: "stream", content: { name, text: pieces.join("") } });
  }

  ask(): void {
    throw new Error("a headless run has nobody to ask");
  }

  flushed(): Promise<void> {
    return Promise.resolve();
  }
}

/** Of nothing, unless it is for a cell: to wait until cells can run. */
function executeRequest(cell?: Cell): Request {
  const silent = cell === undefined;
  const code = silent ? "" : textOf(cell.source);
  const header: Header = {
    msg_id: randomUUID(),
    msg_type: "execute_request",
    session: "headless",
    username: "headless",
    date: new Date().toISOString(),
    version: "5.5",
  };
  const content = { code, silent, store_history: !silent, allow_stdin: false };
  const metadata = { cellId: cell?.id ?? header.msg_id };
  return { channel: "shell", identities: [], header, content, metadata, buffers: [] };
}
