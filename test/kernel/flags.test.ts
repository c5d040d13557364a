import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { namesIn, processFlags } from "../../kernel/flags";
import { emptyFolder, program, root } from "./support/client";

const options = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8", maxBuffer: 1 << 24 });

/** Has this Node run a notebook, and returns all that was said outside of it. */
function run(env: NodeJS.ProcessEnv): string {
  const folder = emptyFolder();
  const source = ["import { tensor } from 'saddle';\n", "console.log(await tensor([1, 2]).sum().item())"];
  const cells = [{ cell_type: "code", metadata: {}, source, outputs: [], execution_count: null }];
  const notebook = join(folder, "a.ipynb");
  writeFileSync(notebook, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  const args = [program, "run", notebook, "--out", join(folder, "out")];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  expect(status, stderr).to.equal(0);
  const { cells: executed } = JSON.parse(readFileSync(join(folder, "out", "a.ipynb"), "utf8")) as {
    cells: { outputs: object[] }[];
  };
  expect(executed[0].outputs).to.deep.equal([{ output_type: "stream", name: "stdout", text: ["3\n"] }]);
  return stdout + stderr;
}

describe("the flags of Node and V8", () => {
  it("make a start say nothing, whether the flags of this V8 are known or not, and are asked for once", () => {
    const cache = emptyFolder();
    const names = join(cache, "saddle", `v8-${process.versions.v8}.flags`);
    expect(run({ XDG_CACHE_HOME: cache })).not.to.match(/flag|option|warning/i);
    expect(readFileSync(names, "utf8").split("\n")).to.deep.equal(namesIn(options));
    expect(run({ XDG_CACHE_HOME: cache })).not.to.match(/flag|option|warning/i);
    expect(readdirSync(join(cache, "saddle")).filter((file) => file.endsWith(".flags"))).to.have.length(1);
  });

  it("set for the compiler are those of them that are known to be there", () => {
    const set = (known: readonly string[]) => {
      const cache = emptyFolder();
      mkdirSync(join(cache, "saddle"));
      writeFileSync(join(cache, "saddle", `v8-${process.versions.v8}.flags`), known.join("\n"));
      const flags = JSON.stringify(join(root, "dist", "kernel", "flags"));
      const script = `console.log(JSON.stringify(require(${flags}).setCompilerFlags()))`;
      const env = { ...process.env, XDG_CACHE_HOME: cache };
      const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", env });
      expect(stderr).to.equal("");
      return JSON.parse(stdout) as string[];
    };
    expect(set([])).to.deep.equal([]);
    expect(set(["--no-such-flag"])).to.deep.equal([]);
    for (const flag of set(namesIn(options))) {
      expect(namesIn(options)).to.include(flag.split("=")[0].replace(/^--no-/, "--"));
    }
    expect(set(namesIn(options))).to.include("--min-semi-space-size=64");
  });

  it("that the library sets are there", () => {
    const sources = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(root, "lib", file), "utf8"));
    const set = sources.flatMap((text) => [...text.matchAll(/setFlagsFromString\("(--[a-z-]+)/g)]);
    expect(set.length).to.be.greaterThan(0);
    for (const [, flag] of set) expect(namesIn(options)).to.include(flag);
  });

  it("that processes are started with let them start in silence", () => {
    const args = [...processFlags, "-e", "require('internal/async_hooks'); require('internal/test/binding')"];
    const { stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect([status, stderr]).to.deep.equal([0, ""]);
  });
});
