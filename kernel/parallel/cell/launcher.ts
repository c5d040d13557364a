import { spawnSync } from "node:child_process";
import type { PoolOptions } from "./pool";

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** How the launcher that is asked for starts `size` ranks of the program. Throws an error if it is not there. */
export function launchOf({ size, hosts, launcher }: PoolOptions, program: readonly string[]): Launch {
  if (launcher === "srun") return { ...srun(size, hosts, program), env: {} };
  // Which of several is meant is said as CMake's users say it.
  const command = process.env["MPIEXEC"] ?? "mpiexec";
  const { stdout, error } = spawnSync(command, ["--version"], { encoding: "utf8" });
  if (error !== undefined) {
    throw new Error(
      `${command} cannot be started (${error.message}): install Open MPI or MPICH, or use --engine shm`,
    );
  }
  return /open\s?mpi|openrte|prrte/i.test(stdout)
    ? openMpi(command, size, hosts, program)
    : mpich(command, size, hosts, program);
}

function openMpi(
  command: string,
  size: number,
  hosts: readonly string[],
  program: readonly string[],
): Launch {
  // What the ranks of other machines are to know of this process's environment.
  const names = Object.keys(process.env).filter((name) => name.startsWith("SADDLE_"));
  const args = [
    ...["--oversubscribe", "-n", String(size)],
    ...(hosts.length > 0 ? ["--host", hosts.join(",")] : []),
    ...names.flatMap((name) => ["-x", name]),
    ...program,
  ];
  const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
  return { command, args, env: process.getuid?.() === 0 ? asRoot : {} };
}

function mpich(command: string, size: number, hosts: readonly string[], program: readonly string[]): Launch {
  const where = hosts.length > 0 ? ["-hosts", hosts.join(",")] : [];
  return { command, args: ["-n", String(size), ...where, ...program], env: {} };
}

function srun(size: number, hosts: readonly string[], program: readonly string[]) {
  const names = hosts.map((host) => host.replace(/:\d+$/, ""));
  const where = names.length > 0 ? ["--nodelist", names.join(",")] : [];
  return { command: "srun", args: ["--ntasks", String(size), ...where, ...program] };
}
