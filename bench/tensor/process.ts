import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { LibraryName } from "./libraries";
import type { Ended, Failed, Ready, Reply, Request, Sample } from "./messages";
import { referenceFile } from "./reference";
import type { Workload } from "./workload";

/** After which a library counts as not able to do the work. */
const patience = 600_000; // milliseconds

const runner = join(__dirname, "runner.js");

/** A process with a library in it that has one workload ready. */
export class Measuring {
  private readonly child: ChildProcess;

  /** `compiled` is a folder for the shaders that Mesa compiles. */
  constructor(library: LibraryName, workload: Workload, compiled: string) {
    // What Dawn and the peers print is nobody's.
    this.child = fork(runner, [library, workload.name], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: { ...process.env, MESA_SHADER_CACHE_DIR: compiled },
    });
  }

  ready(): Promise<Ready | Failed> {
    return this.answer<Ready>();
  }

  sample(): Promise<Sample | Failed> {
    return this.ask<Sample>("sample");
  }

  end(): Promise<Ended | Failed> {
    return this.ask<Ended>("end");
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  private ask<R extends Reply>(request: Request): Promise<R | Failed> {
    const answer = this.answer<R>();
    this.child.send(request, () => {}); // A child that is gone is noticed by its exit.
    return answer;
  }

  private async answer<R extends Reply>(): Promise<R | Failed> {
    const controller = new AbortController();
    const { signal } = controller;
    try {
      return await Promise.race([
        once(this.child, "message", { signal }).then(([reply]) => reply as R),
        once(this.child, "exit", { signal }).then(([code, killedBy]) =>
          failed(`ended with ${String(code ?? killedBy)}`),
        ),
        delay(patience, failed(`took longer than ${patience / 1000} s`), { signal }),
      ]);
    } finally {
      controller.abort();
    }
  }
}

function failed(reason: string): Failed {
  return { kind: "failed", reason };
}

/** Computes what the workload must give, unless that was done; throws where Saddle's `cpu` device cannot. */
export async function ensureReference(workload: Workload): Promise<void> {
  const file = referenceFile(workload);
  if (existsSync(file)) return;
  const child = fork(runner, ["reference", workload.name], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const message = once(child, "message").then(([reply]) => (reply as Failed).reason);
  const reason = await Promise.race([message, once(child, "exit").then(() => "ended")]);
  child.kill("SIGKILL");
  if (!existsSync(file)) throw new Error(`no reference for ${workload.name}: ${reason}`);
}
