import { readFileSync, readdirSync } from "node:fs";

/** What Linux counts the time of processes in, a second. */
const ticksPerSecond = 100;
/** Of what `/proc/PID/stat` says after the name of the program. */
const [group, started] = [2, 19];

/** Now, in the clock that the starts of processes are told in; undefined where there is no `/proc`. */
export function processClock(): number | undefined {
  const uptime = readIfThere("/proc/uptime");
  return uptime === undefined ? undefined : Math.floor(Number(uptime.split(" ")[0]) * ticksPerSecond);
}

/** The ids of the processes of a group, its leader left out, that have started at `time` or later. */
export function startedSince(time: number, leader: number): number[] {
  const ids = readdirSync("/proc")
    .map(Number)
    .filter((id) => id > 0 && id !== leader);
  return ids.filter((id) => {
    const stat = readIfThere(`/proc/${id}/stat`);
    // The name, which is in parentheses, may have spaces.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
    return Number(fields[group]) === leader && Number(fields[started]) >= time;
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
