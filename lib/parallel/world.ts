import { refuse } from "../util/errors";
import type { Comm } from "./comm";
import { Mpi, launchedBy } from "./mpi/binding";
import { createChannel, type ChannelAddress } from "./mpi/channel";
import { MpiComm } from "./mpi/comm";
import { ShmComm } from "./shm/comm";
import { layoutFor } from "./shm/segmentLayout";
import { createSegment } from "./shm/segment";
import { SoloComm } from "./solo";
import { localRanks } from "../util/cores";

/** The variable that tells a process which rank it is, of how many, and the descriptor of their shared memory. */
const shmVariable = "SADDLE_SHM_RANK";

/** Memory for `size` ranks to share, as a descriptor that they are to inherit. */
export function createShared(size: number): number {
  return createSegment(layoutFor(size).bytes);
}

/** What makes a child process rank `rank` of `size` that share the segment it inherits as `fd`. */
export function shmEnvironment(rank: number, size: number, fd: number): NodeJS.ProcessEnv {
  return { [shmVariable]: `${rank}/${size}/${fd}`, [localRanks]: String(size) };
}

let joined: Comm | undefined;

/** The communicator of this process: of what has launched it, else of one rank. */
export function world(): Comm {
  return (joined ??= join(process.env));
}

/** A channel beside the communicator, of a process that MPI has started. Every rank must ask for it. */
export function controlChannel(): ChannelAddress {
  const comm = world();
  return comm instanceof MpiComm
    ? createChannel(comm)
    : refuse("MPI", "no launcher of MPI has started this process");
}

function join(environment: NodeJS.ProcessEnv): Comm {
  const shm = environment[shmVariable]?.split("/").map(Number);
  if (shm !== undefined) {
    // A process that this one starts is no rank.
    Reflect.deleteProperty(environment, shmVariable);
    const [rank, size, fd] = shm;
    const comm = new ShmComm(fd, rank, size);
    process.on("exit", (code) => comm.leave(code));
    return comm;
  }
  const implementation = launchedBy(environment);
  if (implementation === undefined) return new SoloComm();
  const mpi = new Mpi(implementation);
  mpi.init();
  // Only a rank that ends well says so: the launcher takes the end of any other for a failure of the job.
  const comm = new MpiComm(mpi);
  process.on("exit", (code) => {
    if (code === 0) comm.close();
  });
  return comm;
}
