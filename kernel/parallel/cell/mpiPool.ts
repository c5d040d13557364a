import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import type { ToRank } from "../../contract/rankMessages";
import { entryOf } from "../../folders";
import { endOf } from "../../session/host/ending";
import { FrameReader, encodeFrame } from "../../contract/pipes";
import { processFlags } from "../../flags";
import { launchOf } from "./launcher";
import type { Order, Said } from "../../contract/mpiMessages";
import { RankDeaths, watched } from "../rankDeaths";
import type { Pool, PoolListener, PoolOptions } from "./pool";

const killPatience = 2000; // milliseconds

/** Ranks that an MPI launcher starts, on any number of machines. No port is opened but what MPI opens itself. */
export class MpiPool implements Pool {
  readonly size: number;
  private readonly launcher: ChildProcess;
  private killing: NodeJS.Timeout | undefined;
  /** The launcher must not outlive this process, of whatever this ends. */
  private readonly killGroup = () => {
    try {
      process.kill(-(this.launcher.pid ?? 0), "SIGKILL");
    } catch {
      // It is gone already.
    }
  };

  constructor(options: PoolOptions, listener: PoolListener) {
    this.size = options.size;
    const program = [process.execPath, ...processFlags, entryOf("mpiRank")];
    const { command, args, env } = launchOf(options, watched(program));
    this.launcher = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
      detached: true,
    });
    process.once("exit", this.killGroup);
    this.listen(command, listener);
  }

  send(message: ToRank, rank?: number): void {
    this.order({ to: rank ?? "all", what: { type: "tell", message } });
  }

  interrupt(): void {
    this.order({ to: "all", what: { type: "interrupt" } });
  }

  /** The launcher ends its ranks when it is asked to; those of a launcher that does not end, its standard input. */
  kill(): void {
    this.launcher.stdin?.end();
    this.launcher.kill("SIGTERM");
    this.killing ??= setTimeout(this.killGroup, killPatience);
  }

  private order(order: Order): void {
    this.launcher.stdin?.write(encodeFrame(order));
  }

  private listen(command: string, listener: PoolListener): void {
    const frames = new FrameReader<Said>();
    const decoder = new StringDecoder();
    const deaths = new RankDeaths();
    const { launcher } = this;
    launcher.stdout?.on("data", (chunk: Buffer) => {
      for (const { rank, message } of frames.read(chunk)) listener.hear(rank, message);
    });
    launcher.stderr?.on("data", (chunk: Buffer) => {
      const text = deaths.read(decoder.write(chunk));
      if (text !== "") listener.printed("stderr", text);
    });
    launcher.stdin?.on("error", () => undefined);
    launcher.on("error", (error) => listener.died(command, `could not be started (${error.message})`));
    launcher.on("exit", () => {
      clearTimeout(this.killing);
      process.off("exit", this.killGroup);
    });
    launcher.on("close", (code, signal) => {
      const { first } = deaths;
      if (first !== undefined) listener.died(`rank ${first.rank}`, first.how);
      else
        listener.died(
          `${command}, which runs the ranks,`,
          `${endOf(code, signal)}: no rank could be started`,
        );
    });
  }
}
