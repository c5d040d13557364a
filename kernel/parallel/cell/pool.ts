import type { FromRank, ToRank } from "../../contract/rankMessages";

/** The processes of a group of ranks, whatever has started them. */
export interface Pool {
  readonly size: number;
  /** To one rank, or to all. */
  send(message: ToRank, rank?: number): void;
  interrupt(): void;
  /** Ends the processes at once. */
  kill(): void;
}

export interface PoolListener {
  hear(rank: number, message: FromRank): void;
  /** A rank, or a process without which there are no ranks, is gone. */
  died(who: string, how: string): void;
  /** What comes from processes without saying of which. */
  printed(stream: "stdout" | "stderr", text: string): void;
}

export interface PoolOptions {
  readonly size: number;
  readonly engine: "shm" | "mpi";
  readonly hosts: readonly string[];
  readonly launcher: "mpiexec" | "srun";
}
