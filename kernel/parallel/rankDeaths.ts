/**
 * How the end of a rank that an MPI launcher has started becomes known. Launchers say it each in its own way, or not at
 * all; so a shell that waits for the rank says it, on the standard error that the launcher passes on.
 */
import { endOfStatus } from "../session/host/ending";

const marker = "\u0001saddle rank ended";

/** Variables by which launchers tell a process its rank. */
const rankVariables = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"];

/** The command that runs `program` and says how it ended. */
export function watched(program: readonly string[]): string[] {
  const rank = rankVariables.reduceRight((otherwise, name) => `\${${name}:-${otherwise}}`, "?");
  // What the shell itself has to say of a program's end is for nobody.
  const said = `printf '${marker} %s %s\\n' "${rank}" $status >&3`;
  const script = `exec 3>&2 2>/dev/null; ("$@" 2>&3 3>&-); status=$?; ${said}; exit $status`;
  return ["/bin/sh", "-c", script, "sh", ...program];
}

/** What a rank says itself when its program ends of its own accord, which MPI would have wait for the others. */
export function deathNotice(rank: number, status: number): string {
  return `${marker} ${rank} ${status}\n`;
}

export interface Death {
  readonly rank: number;
  /** What has become of the process, as the shell has it. */
  readonly how: string;
}

/** Takes the ends of ranks out of the text that comes with them. */
export class RankDeaths {
  /** The first: others have been ended for it. */
  first: Death | undefined;
  private rest = "";

  /** The text without them; the start of one is kept until it is whole. */
  read(chunk: string): string {
    const text = (this.rest + chunk).replace(
      new RegExp(`${marker} (\\d+) (\\d+)\\n`, "g"),
      (_, rank, status) => {
        this.first ??= { rank: Number(rank), how: endOfStatus(Number(status)) };
        return "";
      },
    );
    const start = text.lastIndexOf(marker[0]);
    const isPart = start !== -1 && (marker.startsWith(text.slice(start)) || text.startsWith(marker, start));
    this.rest = isPart ? text.slice(start) : "";
    return isPart ? text.slice(0, start) : text;
  }
}
