import type { RanksOptions } from "../../contract/globals";
import type { PoolOptions } from "./pool";

const mostRanks = 256;

/** Throws an error that names the option that is wrong. */
export function checkRanksOptions(
  given: RanksOptions,
): PoolOptions & { readonly timeout: number | undefined } {
  const { timeout, hosts = [] } = given;
  const engine = given.engine ?? (hosts.length > 0 || given.launcher !== undefined ? "mpi" : "shm");
  if (engine !== "shm" && engine !== "mpi") refuse("engine", engine, "shm or mpi");
  const launcher = given.launcher ?? "mpiexec";
  if (launcher !== "mpiexec" && launcher !== "srun") refuse("launcher", launcher, "mpiexec or srun");
  if (engine === "shm" && (hosts.length > 0 || given.launcher !== undefined)) {
    throw new Error("--hosts and --launcher are for --engine mpi; shm has the ranks of this machine");
  }
  const size = given.devices ?? (hosts.length > 0 ? slotsOf(hosts) : 2);
  if (!Number.isInteger(size) || size < 1 || size > mostRanks) {
    refuse("devices", size, `a whole number from 1 to ${mostRanks}`);
  }
  if (timeout !== undefined && !(timeout > 0)) refuse("timeout", timeout, "seconds, more than 0");
  return { size, engine, hosts, launcher, timeout };
}

/** How many ranks the hosts `a:4,b:4` take. */
function slotsOf(hosts: readonly string[]): number {
  return hosts.reduce((sum, host) => {
    const [, slots = "1"] = /^[^:]+(?::(\d+))?$/.exec(host) ?? refuse("hosts", host, "names such as a:4,b:4");
    return sum + Number(slots);
  }, 0);
}

function refuse(option: string, value: unknown, wanted: string): never {
  throw new Error(`--${option} is ${JSON.stringify(value)}, wanted ${wanted}`);
}
