import type { Pool, PoolListener, PoolOptions } from "./pool";
import { ShmPool } from "./shmPool";

export function startPool({ size, engine }: PoolOptions, listener: PoolListener): Pool {
  if (engine === "mpi") throw new Error("not yet");
  return new ShmPool(
    size,
    Array.from({ length: size }, () => ({})),
    listener,
  );
}
