import { MpiPool } from "./mpiPool";
import type { Pool, PoolListener, PoolOptions } from "./pool";
import { ShmPool } from "./shmPool";

export function startPool(options: PoolOptions, listener: PoolListener): Pool {
  if (options.engine === "mpi") return new MpiPool(options, listener);
  return new ShmPool(
    options.size,
    Array.from({ length: options.size }, () => ({})),
    listener,
  );
}
