import { closeSync } from "node:fs";
import { library } from "../session/library";
import { Program } from "../session/program";
import { descriptors } from "../session/protocol";
import type { Report } from "../session/protocol";
import type { Pool, PoolListener } from "./pool";
import type { RankCommand } from "./protocol";

/** Ranks of this machine, which share memory. */
export class ShmPool implements Pool {
  readonly size: number;
  private readonly programs: readonly Program[];

  constructor(size: number, environments: readonly NodeJS.ProcessEnv[], listener: PoolListener) {
    this.size = size;
    const { parallel } = library();
    const segment = parallel.createShared(size);
    this.programs = environments.map((environment, rank) => {
      const env = { ...environment, ...parallel.shmEnvironment(rank, size, descriptors.inherited) };
      const died = (how: string) => listener.died(`rank ${rank}`, how);
      const hear = (report: Report) => listener.hear(rank, report);
      return new Program({ hear, died }, { role: "rank", env, inherit: segment });
    });
    closeSync(segment);
  }

  send(command: RankCommand, rank?: number): void {
    const to = rank === undefined ? this.programs : [this.programs[rank]];
    for (const program of to) program.send(command);
  }

  interrupt(): void {
    for (const program of this.programs) program.interrupt();
  }

  kill(): void {
    for (const program of this.programs) program.kill();
  }
}
