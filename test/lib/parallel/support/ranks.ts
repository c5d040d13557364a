import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layoutFor } from "../../../../lib/parallel/shm/segmentLayout";
import { createSegment } from "../../../../lib/parallel/shm/segment";
import { shmEnvironment } from "../../../../lib/parallel/world";

const library = join(__dirname, "..", "..", "..", "..", "lib");

export const engines = ["shm", "Open MPI", "MPICH"] as const;
export type Engine = (typeof engines)[number];

/**
 * Runs the body of an async function in as many processes, each a rank, and resolves with what each has returned, in
 * rank order. The body sees `sd`, the library, and `comm`, the rank's communicator. Rejects when a rank fails.
 */
export async function runRanks<T>(
  engine: Engine,
  size: number,
  body: string,
  env: NodeJS.ProcessEnv = { SADDLE_DEVICE: "cpu" },
): Promise<T[]> {
  const folder = mkdtempSync(join(tmpdir(), "saddle-ranks-"));
  try {
    const script = join(folder, "rank.cjs");
    writeFileSync(script, programOf(body));
    const output =
      engine === "shm" ? await runShared(script, size, env) : await runMpi(engine, script, size, env);
    const results = [...output.matchAll(/^RESULT (\d+) (.*)$/gm)];
    return results.sort((a, b) => Number(a[1]) - Number(b[1])).map(([, , json]) => JSON.parse(json) as T);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether this machine can run ranks so; `make setup` installs what it takes where it may. */
export function isInstalled(engine: Engine): boolean {
  return engine === "shm" || spawnSync(launchers[engine], ["--version"]).status === 0;
}

export const launchers = { "Open MPI": "mpiexec.openmpi", MPICH: "mpiexec.mpich" };

function programOf(body: string): string {
  return `
const sd = require(${JSON.stringify(library)});
const { world } = require(${JSON.stringify(join(library, "parallel", "world"))});
const comm = world();
const main = async () => { ${body} };
main().then((result) => {
  const line = "RESULT " + comm.rank + " " + JSON.stringify(result ?? null) + "\\n";
  process.stdout.write(line, () => process.exit());
}, (error) => { console.error(error); process.exit(1); });`;
}

async function runShared(script: string, size: number, env: NodeJS.ProcessEnv): Promise<string> {
  const segment = createSegment(layoutFor(size).bytes);
  const inherited = 3;
  try {
    const outputs = Array.from({ length: size }, (_, rank) =>
      outputOf([process.execPath, script], { ...env, ...shmEnvironment(rank, size, inherited) }, segment),
    );
    return (await Promise.all(outputs)).join("");
  } finally {
    closeSync(segment);
  }
}

function runMpi(
  engine: "Open MPI" | "MPICH",
  script: string,
  size: number,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const launcher = [launchers[engine], ...(engine === "Open MPI" ? ["--oversubscribe"] : [])];
  const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
  return outputOf([...launcher, "-n", String(size), process.execPath, script], { ...env, ...asRoot });
}

function outputOf([command, ...args]: string[], env: NodeJS.ProcessEnv, inherited?: number): Promise<string> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe", inherited ?? "ignore"],
    env: { ...process.env, ...env },
    timeout: 200_000,
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (texts.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(texts.stdout);
      else reject(new Error(`${command} ended with ${code ?? signal}: ${texts.stderr}${texts.stdout}`));
    });
  });
}
