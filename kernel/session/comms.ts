import { randomUUID } from "node:crypto";
import type { CommEvent } from "../messages";
import type { Comm, CommExtras, CommListener, Comms } from "./globals";
import type { Turns } from "./turns";

type Opened = Parameters<Comms["register"]>[1];

/** One end of a channel between a cell and something in the front end. */
class SessionComm implements Comm {
  readonly id: string;
  onMessage: CommListener = () => undefined;
  onClose: CommListener = () => undefined;
  /** The cell on whose behalf messages are heard: what its listeners print is its output. */
  readonly origin: string;
  private readonly report: (event: CommEvent) => void;

  constructor(id: string, origin: string, report: (event: CommEvent) => void) {
    this.id = id;
    this.origin = origin;
    this.report = report;
  }

  send(data: unknown, extras: CommExtras = {}): void {
    this.report({ type: "comm_msg", id: this.id, data, ...extras });
  }

  close(data: unknown = {}, extras: CommExtras = {}): void {
    this.report({ type: "comm_close", id: this.id, data, ...extras });
  }
}

interface Target {
  readonly opened: Opened;
  readonly origin: string;
}

/** The comms of the session, and the targets to which a front end may open one; cells know it as `comms`. */
export class SessionComms {
  private readonly turns: Turns;
  private readonly report: (event: CommEvent) => void;
  private readonly targets = new Map<string, Target>();
  private readonly comms = new Map<string, SessionComm>();

  constructor(turns: Turns, report: (event: CommEvent) => void) {
    this.turns = turns;
    this.report = (event) => {
      if (event.type === "comm_close") this.comms.delete(event.id);
      report(event);
    };
  }

  readonly globals: Comms = {
    register: (target, opened) => {
      this.targets.set(target, { opened, origin: this.turns.current.origin });
    },
    open: (target, data = {}, extras = {}) => {
      const comm = this.add(randomUUID(), this.turns.current.origin);
      this.report({ type: "comm_open", id: comm.id, target, data, ...extras });
      return comm;
    },
  };

  /** Settles when who listens has returned: a promise's continuation, like a cell, which can be interrupted. */
  async receive(event: CommEvent): Promise<void> {
    await Promise.resolve();
    if (event.type === "comm_open") return this.opened(event);
    const comm = this.comms.get(event.id);
    if (comm === undefined) return;
    if (event.type === "comm_close") this.comms.delete(event.id);
    await this.turns.run(comm.origin, () =>
      event.type === "comm_msg" ? comm.onMessage(event) : comm.onClose(event),
    );
  }

  private async opened(event: CommEvent): Promise<void> {
    const target = this.targets.get(event.target ?? "");
    const comm = this.add(event.id, target?.origin ?? this.turns.current.origin);
    // What asks for a target that is not there is told by the closing of its comm.
    if (target === undefined) comm.close();
    else await this.turns.run(target.origin, () => target.opened(comm, event));
  }

  private add(id: string, origin: string): SessionComm {
    const comm = new SessionComm(id, origin, this.report);
    this.comms.set(id, comm);
    return comm;
  }
}
