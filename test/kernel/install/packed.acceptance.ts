import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { KernelClient, emptyFolder, resultText, root } from "../support/client";

interface Kernelspec {
  readonly argv: readonly string[];
  readonly interrupt_mode: string;
}

describe("a package of saddle, as npm packs it", () => {
  const folder = emptyFolder();
  const home = join(folder, "a folder with spaces");
  let archive: string;

  before(() => {
    mkdirSync(home);
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
    archive = join(folder, packed.toString().trim());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [how, options, program] of [
    ["locally", ["--prefix", join(home, "local")], join(home, "local", "node_modules", ".bin", "saddle")],
    ["globally", ["--global", "--prefix", join(home, "global")], join(home, "global", "bin", "saddle")],
  ] as const) {
    it(`can be installed ${how}, and the kernel of its kernelspec works`, async () => {
      const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
      mkdirSync(join(home, how === "locally" ? "local" : "global"));
      execFileSync("npm", ["install", ...options, ...quiet, archive], { cwd: home, stdio: "pipe" });
      const prefix = join(home, `jupyter, ${how}`);
      execFileSync(program, ["install", "--prefix", prefix]);
      const specFolder = join(prefix, "share", "jupyter", "kernels", "saddle");
      const spec = JSON.parse(readFileSync(join(specFolder, "kernel.json"), "utf8")) as Kernelspec;
      expect(spec.interrupt_mode).to.equal("message");
      const command = (file: string) => spec.argv.map((part) => (part === "{connection_file}" ? file : part));
      const kernel = await KernelClient.start({ command });
      const code = `import { tensor } from "saddle";\nawait tensor([1, 2]).sum().item()`;
      expect(resultText(await kernel.execute(code))).to.equal("3");
      await kernel.close();
    });
  }
});
