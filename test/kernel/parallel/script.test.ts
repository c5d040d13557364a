import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
});
