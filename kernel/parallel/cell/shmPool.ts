import { closeSync } from "node:fs";
import { library } from "../../session/cell/modules/library";
import { CellProcess } from "../../session/host/cellProcess";
import { descriptors } from "../../contract/pipes";
import type { Pool, PoolListener } from "./pool";
import type { FromRank, ToRank } from "../../contract/rankMessages";

/** Ranks of this machine, which share memory. */
export class ShmPool implements Pool {
  readonly size: number;
  private readonly processes: readonly CellProcess<ToRank, FromRank>[];

  constructor(size: number, environments: readonly NodeJS.ProcessEnv[], listener: PoolListener) {
    this.size = size;
    const { parallel } = library();
    const segment = parallel.createShared(size);
    this.processes = environments.map((environment, rank) => {
      const env = { ...environment, ...parallel.shmEnvironment(rank, size, descriptors.inherited) };
      const died = (how: string) => listener.died(`rank ${rank}`, how);
      const hear = (message: FromRank) => listener.hear(rank, message);
      return new CellProcess<ToRank, FromRank>({ hear, died }, { entry: "rank", env, inherit: segment });
    });
    closeSync(segment);
  }

  send(message: ToRank, rank?: number): void {
    const to = rank === undefined ? this.processes : [this.processes[rank]];
    for (const one of to) one.send(message);
  }

  interrupt(): void {
    for (const one of this.processes) one.interrupt();
  }

  kill(): void {
    for (const one of this.processes) one.kill();
  }
}
