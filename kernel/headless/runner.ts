import { randomUUID } from "node:crypto";
import type { Audience, Header, Publication, Request, StreamName } from "../contract/messages";
import { textOf } from "./notebook";
import type { Cell, Notebook } from "./notebook";
import { Outputs } from "./outputs";

/** What a front end needs of the dispatch. */
export interface Dispatcher {
  receive(request: Request): void;
  close(): Promise<void>;
}

export type CreateDispatcher = (audience: Audience) => Dispatcher;

export interface RunListener {
  started(cell: Cell, index: number): void;
  finished(cell: Cell, index: number): void;
}

export interface CellFailure {
  readonly cell: number;
  readonly traceback: readonly string[];
}

/** Executes the code cells of a notebook, in place, up to the first that fails. */
export async function runNotebook(
  notebook: Notebook,
  createDispatcher: CreateDispatcher,
  listener: RunListener,
): Promise<CellFailure | undefined> {
  const frontEnd = new HeadlessFrontEnd();
  const dispatcher = createDispatcher(frontEnd);
  const code = notebook.cells.filter((cell) => cell.cell_type === "code");
  const requests: Request[] = [];
  try {
    for (const [index, cell] of code.entries()) {
      listener.started(cell, index);
      requests.push(executeRequest(cell));
      const reply = await frontEnd.send(requests[index], dispatcher);
      cell.execution_count = reply.execution_count;
      cell.outputs = frontEnd.outputs.of(requests[index].header.msg_id);
      listener.finished(cell, index);
      const isExpected = cell.metadata.tags?.includes("raises-exception") ?? false;
      if (reply.status === "error" && !isExpected) return { cell: index, traceback: reply.traceback ?? [] };
    }
    return undefined;
  } finally {
    await dispatcher.close();
    // A later cell may have changed what an earlier one shows.
    requests.forEach((request, index) => (code[index].outputs = frontEnd.outputs.of(request.header.msg_id)));
    for (const cell of code.slice(requests.length))
      Object.assign(cell, { outputs: [], execution_count: null });
  }
}

interface ExecuteReply {
  readonly status: string;
  readonly execution_count: number;
  readonly traceback?: readonly string[];
}

class HeadlessFrontEnd implements Audience {
  readonly outputs = new Outputs();
  private finish: ((reply: ExecuteReply) => void) | undefined;
  private latest: ExecuteReply | undefined;

  send(request: Request, dispatcher: Dispatcher): Promise<ExecuteReply> {
    return new Promise((resolve) => {
      this.finish = resolve;
      dispatcher.receive(request);
    });
  }

  reply(_request: Request, _type: string, content: object): void {
    this.latest = content as ExecuteReply;
  }

  publish(publication: Publication): void {
    this.outputs.hear(publication);
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

function executeRequest(cell: Cell): Request {
  const header: Header = {
    msg_id: randomUUID(),
    msg_type: "execute_request",
    session: "headless",
    username: "headless",
    date: new Date().toISOString(),
    version: "5.5",
  };
  const content = { code: textOf(cell.source), silent: false, store_history: true, allow_stdin: false };
  const metadata = { cellId: cell.id ?? header.msg_id };
  return { channel: "shell", identities: [], header, content, metadata, buffers: [] };
}
