import type { Comm, Numbers } from "./comm";
import { refuse } from "../util/errors";

/** The communicator of a program that runs by itself: every collective is done as soon as it is called. */
export class SoloComm implements Comm {
  readonly rank = 0;
  readonly size = 1;
  readonly traffic = { collectives: 0, bytes: 0, seconds: 0 };
  readonly activity = undefined;

  allReduce(): Promise<void> {
    return Promise.resolve();
  }

  broadcast(): Promise<void> {
    return Promise.resolve();
  }

  allGather<T extends Numbers>(values: T): Promise<T[]> {
    return Promise.resolve([values.slice() as T]);
  }

  send(_values: Uint8Array, to: number): Promise<void> {
    return refuse("send", `there is one rank, which cannot send to rank ${to}`);
  }

  recv(from: number): Promise<Uint8Array> {
    return refuse("recv", `there is one rank, which cannot receive from rank ${from}`);
  }

  barrier(): Promise<void> {
    return Promise.resolve();
  }

  abort(): void {}

  renew(): Promise<void> {
    return Promise.resolve();
  }

  begin(): void {}

  finish(): void {}
}
