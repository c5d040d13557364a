import { randomUUID } from "node:crypto";
import type { CommEvent } from "../messages";

interface Extras {
  readonly metadata?: object;
  readonly buffers?: readonly Uint8Array[];
}

interface CommMessage extends Extras {
  readonly data: unknown;
}

type Opened = (comm: Comm, message: CommMessage) => void;

/** One end of a channel between a cell and something in the front end, such as a widget. */
class Comm {
  readonly id: string;
  onMessage: (message: CommMessage) => void = () => undefined;
  onClose: (message: CommMessage) => void = () => undefined;
  private readonly report: (event: CommEvent) => void;

  constructor(id: string, report: (event: CommEvent) => void) {
    this.id = id;
    this.report = report;
  }

  send(data: unknown, extras: Extras = {}): void {
    this.report({ type: "comm_msg", id: this.id, data, ...extras });
  }

  close(data: unknown = {}, extras: Extras = {}): void {
    this.report({ type: "comm_close", id: this.id, data, ...extras });
  }
}

/** The comms of the session, and the targets to which a front end may open one; cells know it as `comms`. */
export class SessionComms {
  private readonly report: (event: CommEvent) => void;
  private readonly targets = new Map<string, Opened>();
  private readonly comms = new Map<string, Comm>();

  constructor(report: (event: CommEvent) => void) {
    this.report = (event) => {
      if (event.type === "comm_close") this.comms.delete(event.id);
      report(event);
    };
  }

  readonly globals = {
    register: (target: string, opened: Opened): void => void this.targets.set(target, opened),
    open: (target: string, data: unknown = {}, extras: Extras = {}): Comm => {
      const comm = this.add(randomUUID());
      this.report({ type: "comm_open", id: comm.id, target, data, ...extras });
      return comm;
    },
  };

  receive(event: CommEvent): void {
    if (event.type === "comm_open") this.opened(event);
    else {
      const comm = this.comms.get(event.id);
      if (event.type === "comm_close") this.comms.delete(event.id);
      if (event.type === "comm_msg") comm?.onMessage(event);
      else comm?.onClose(event);
    }
  }

  private opened(event: CommEvent): void {
    const comm = this.add(event.id);
    const opened = this.targets.get(event.target ?? "");
    // What asks for a target that is not there is told by the closing of its comm.
    if (opened === undefined) comm.close();
    else opened(comm, event);
  }

  private add(id: string): Comm {
    const comm = new Comm(id, this.report);
    this.comms.set(id, comm);
    return comm;
  }
}
