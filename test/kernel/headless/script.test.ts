import { expect } from "chai";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { emptyFolder, program } from "../support/client";

describe("saddle parallel", () => {
  const folder = emptyFolder();
  after(() => rmSync(folder, { recursive: true }));

  const run = (script: string, ...options: string[]) => {
    writeFileSync(join(folder, "train.ts"), script);
    const args = [program, "parallel", ...options, join(folder, "train.ts")];
    return spawnSync(process.execPath, args, {
      encoding: "utf8",
      env: { ...process.env, SADDLE_DEVICE: "cpu" },
      timeout: 50_000,
    });
  };

  it("runs a script that imports the library and files of its folder on every rank", () => {
    writeFileSync(join(folder, "model.ts"), "export const twice = (x: number) => 2 * x;");
    const { status, stdout, stderr } = run(
      `import { parallel } from "saddle";
import { twice } from "./model";
console.log(rank, worldSize, twice(await parallel.allReduce(rank)));`,
      ...["-n", "3"],
    );
    expect(status, stderr).to.equal(0);
    expect(stdout.trimEnd().split("\n").sort()).to.deep.equal(["[0] 0 3 6", "[1] 1 3 6", "[2] 2 3 6"]);
    expect(stderr).to.match(/^3 ranks · /);
  });

  it("tells what is wrong in the script's own lines, and fails", () => {
    const failed = run("if (rank === 1) {\n  throw new RangeError('too far');\n}\nawait comm.barrier();");
    expect(failed.status).to.equal(1);
    expect(failed.stderr).to.contain("[rank 1] RangeError: too far\n    at train.ts:2:9");
    const refused = run("const wrong: string = rank;");
    expect(refused.status).to.equal(1);
    expect(refused.stderr).to.contain("train.ts:1:7 - Type 'number' is not assignable to type 'string'.");
    expect(run("1", "-n", "none").stderr).to.contain("--devices is");
  });

  /** Starts a script, waits until a file is there, and sends a signal. Resolves with the exit status. */
  const ended = async (signal: NodeJS.Signals, script: string, file: string, env: NodeJS.ProcessEnv) => {
    writeFileSync(join(folder, "train.ts"), script);
    const options = env["MPIEXEC"] === undefined ? [] : ["--engine", "mpi"];
    const child = spawn(process.execPath, [program, "parallel", ...options, join(folder, "train.ts")], {
      stdio: "ignore",
      env: { ...process.env, SADDLE_DEVICE: "cpu", ...env },
    });
    while (!existsSync(join(folder, file))) await delay(20);
    child.kill(signal);
    const [status] = (await once(child, "exit")) as [number];
    return status;
  };

  const isAlive = (pid: number) => {
    const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return stdout.trim() !== "" && !stdout.startsWith("Z");
  };

  it("ends its ranks when it is asked to end, in whatever they are", async () => {
    const script = `import { writeFileSync } from "node:fs";
writeFileSync("busy" + rank, String(process.pid));
await comm.barrier();
writeFileSync("together", "");
while (true) {}`;
    expect(await ended("SIGTERM", script, "together", {})).to.equal(143);
    for (const rank of [0, 1]) {
      const pid = Number(readFileSync(join(folder, `busy${rank}`), "utf8"));
      while (isAlive(pid)) await delay(20);
    }
  });

  it("does not leave a launcher behind that hangs and does not listen", async () => {
    const launcher = join(folder, "mpiexec");
    const hangs = `trap "" TERM; sleep 1000 & echo "$$ $!" > "${folder}/hanging"; wait; wait`;
    writeFileSync(launcher, `#!/bin/sh\n[ "$1" = --version ] && exit\n${hangs}\n`, { mode: 0o755 });
    expect(await ended("SIGTERM", "1", "hanging", { MPIEXEC: launcher })).to.equal(143);
    const pids = readFileSync(join(folder, "hanging"), "utf8").split(" ").map(Number);
    expect(pids).to.have.length(2);
    for (const pid of pids) while (isAlive(pid)) await delay(20);
  });
});
