import { expect } from "chai";
import { decode } from "fast-png";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { figuresFile } from "../../../lib/util/figuresScript";
import { emptyFolder, program } from "../support/client";

interface Kernelspec {
  readonly argv: readonly string[];
  readonly language: string;
  readonly interrupt_mode: string;
}

describe("saddle install", () => {
  const folder = emptyFolder();
  after(() => rmSync(folder, { recursive: true }));

  const install = (args: readonly string[], env = {}) =>
    execFileSync(process.execPath, [program, "install", ...args], {
      encoding: "utf8",
      env: { ...process.env, ...env },
    });

  it("writes a kernelspec that works from anywhere", () => {
    const prefix = join(folder, "a prefix");
    const home = join(prefix, "share", "jupyter", "kernels", "saddle");
    expect(install(["--prefix", prefix])).to.contain(home);
    const spec = JSON.parse(readFileSync(join(home, "kernel.json"), "utf8")) as Kernelspec;
    expect(spec.argv).to.deep.equal([process.execPath, program, "kernel", "{connection_file}"]);
    expect(spec).to.deep.include({ language: "typescript", interrupt_mode: "message" });
  });

  it("brings the logo in each of the forms that front ends look for", () => {
    const prefix = join(folder, "pictured");
    install(["--prefix", prefix]);
    const read = (name: string) =>
      readFileSync(join(prefix, "share", "jupyter", "kernels", "saddle", `logo-${name}`));
    expect(read("svg.svg").toString()).to.match(/^<svg [^>]*viewBox="0 0 64 64"/);
    for (const size of [32, 64]) {
      expect(decode(read(`${size}x${size}.png`))).to.include({ width: size, height: size, channels: 4 });
    }
  });

  it("brings what draws figures, which Jupyter's servers give to their pages", () => {
    const prefix = join(folder, "drawing");
    install(["--prefix", prefix]);
    const script = join(prefix, "share", "jupyter", "kernels", "saddle", "figures.js");
    expect(readFileSync(script).equals(readFileSync(figuresFile))).to.equal(true);
  });

  it("is for a Python environment if it is told so", () => {
    install(["--sys-prefix"], { VIRTUAL_ENV: join(folder, "environment") });
    expect(existsSync(join(folder, "environment", "share", "jupyter", "kernels", "saddle"))).to.equal(true);
  });

  it("is for the user unless it is told otherwise", () => {
    install([], { JUPYTER_DATA_DIR: join(folder, "data") });
    expect(existsSync(join(folder, "data", "kernels", "saddle", "kernel.json"))).to.equal(true);
  });
});
