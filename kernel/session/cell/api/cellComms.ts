import { randomUUID } from "node:crypto";
import type { CommEvent } from "../../../contract/messages";
import type { Comm, CommExtras, CommListener, Comms } from "../../../contract/globals";
import type { Turns } from "../interrupt/turns";

type Opened = Parameters<Comms["register"]>[1];

/** One end of a channel between a cell and something in the front end. */
class SessionComm implements Comm {
  readonly id: string;
  onMessage: CommListener = () => undefined;
  onClose: CommListener = () => undefined;
  /** The cell on whose behalf messages are heard: what its listeners print is its output. */
  readonly origin: string;
  private readonly say: (event: CommEvent) => void;

  constructor(id: string, origin: string, say: (event: CommEvent) => void) {
    this.id = id;
    this.origin = origin;
    this.say = say;
  }

  send(data: unknown, extras: CommExtras = {}): void {
    this.say({ type: "comm_msg", id: this.id, data, ...extras });
  }

  close(data: unknown = {}, extras: CommExtras = {}): void {
    this.say({ type: "comm_close", id: this.id, data, ...extras });
  }
}

interface Target {
  readonly opened: Opened;
  readonly origin: string;
}

/** The comms of the session, and the targets to which a front end may open one; cells know it as `comms`. */
export class SessionComms {
  private readonly turns: Turns;
  private readonly say: (event: CommEvent) => void;
  private readonly targets = new Map<string, Target>();
  private readonly comms = new Map<string, SessionComm>();

  constructor(turns: Turns, say: (event: CommEvent) => void) {
    this.turns = turns;
    this.say = (event) => {
      if (event.type === "comm_close") this.comms.delete(event.id);
      say(event);
    };
  }

  readonly globals: Comms = {
    register: (target, opened) => {
      this.targets.set(target, { opened, origin: this.turns.current.origin });
    },
    open: (target, data = {}, extras = {}) => {
      const comm = this.add(randomUUID(), this.turns.current.origin);
      this.say({ type: "comm_open", id: comm.id, target, data, ...extras });
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
    await this.turns.run(comm, () =>
      event.type === "comm_msg" ? comm.onMessage(event) : comm.onClose(event),
    );
  }

  private async opened(event: CommEvent): Promise<void> {
    const target = this.targets.get(event.target ?? "");
    const comm = this.add(event.id, target?.origin ?? this.turns.current.origin);
    // What asks for a target that is not there is told by the closing of its comm.
    if (target === undefined) comm.close();
    else await this.turns.run(target, () => target.opened(comm, event));
  }

  private add(id: string, origin: string): SessionComm {
    const comm = new SessionComm(id, origin, this.say);
    this.comms.set(id, comm);
    return comm;
  }
}
