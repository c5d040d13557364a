import { availableParallelism } from "node:os";

/** The variable that tells a rank how many there are on its machine. */
export const localRanks = "SADDLE_LOCAL_RANKS";

/** The same of Open MPI's launcher, of MPICH's and its relatives', and of Slurm's. */
const launchers = [localRanks, "OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS_PER_NODE"];

/** The cores that this process may keep busy: those of the machine, shared evenly where it is one of several ranks. */
export function coresOf(environment: NodeJS.ProcessEnv): number {
  const ranks = launchers.map((name) => Number(environment[name])).find((count) => count >= 1) ?? 1;
  return Math.max(1, Math.floor(availableParallelism() / ranks));
}
