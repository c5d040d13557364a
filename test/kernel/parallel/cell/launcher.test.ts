import { expect } from "chai";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchOf } from "../../../../kernel/parallel/cell/launcher";
import { emptyFolder } from "../../support/client";

describe("the command line that starts ranks", () => {
  const folder = emptyFolder();
  const given = { MPIEXEC: process.env["MPIEXEC"], SADDLE_X: process.env["SADDLE_X"] };
  after(() => {
    rmSync(folder, { recursive: true });
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });

  const program = ["node", "rank.js"];
  const hosts = ["a:2", "b:1"];
  const common = { size: 3, engine: "mpi" } as const;

  /** Makes `mpiexec` one that calls itself so. */
  const pretend = (version: string) => {
    const command = join(folder, "mpiexec");
    writeFileSync(command, `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 });
    process.env["MPIEXEC"] = command;
    return command;
  };

  // No Slurm was at hand: that its srun takes these options is read in its manual.
  it("is Slurm's", () => {
    expect(launchOf({ ...common, hosts: [], launcher: "srun" }, program)).to.deep.equal({
      command: "srun",
      args: ["--ntasks", "3", "node", "rank.js"],
      env: {},
    });
    const { args } = launchOf({ ...common, hosts, launcher: "srun" }, program);
    expect(args).to.deep.equal(["--ntasks", "3", "--nodelist", "a,b", "node", "rank.js"]);
  });

  it("is MPICH's", () => {
    const command = pretend("HYDRA build details: Version: 4.0.2");
    expect(launchOf({ ...common, hosts, launcher: "mpiexec" }, program)).to.deep.equal({
      command,
      args: ["-n", "3", "-hosts", "a:2,b:1", "node", "rank.js"],
      env: {},
    });
  });

  it("is Open MPI's, which hands on what the environment says to Saddle", () => {
    process.env["SADDLE_X"] = "1";
    const command = pretend("mpiexec (OpenRTE) 4.1.4");
    const launch = launchOf({ ...common, hosts, launcher: "mpiexec" }, program);
    expect(launch.command).to.equal(command);
    expect(launch.args.slice(0, 5)).to.deep.equal(["--oversubscribe", "-n", "3", "--host", "a:2,b:1"]);
    expect(launch.args.join(" ")).to.contain("-x SADDLE_X");
    expect(launch.args.slice(-2)).to.deep.equal(program);
  });

  it("is refused where there is no launcher", () => {
    process.env["MPIEXEC"] = join(folder, "nothing");
    expect(() => launchOf({ ...common, hosts: [], launcher: "mpiexec" }, program)).to.throw(
      /nothing cannot be started .*: install Open MPI or MPICH, or use --engine shm/,
    );
  });
});
