import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "./support/headless";

/** Runs `script` with the functions of scripts/apt.sh at hand. */
function withApt(script: string) {
  return spawnSync("bash", ["-c", `. scripts/apt.sh; ${script}`], { cwd: repository, encoding: "utf8" });
}

describe("the set-up", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "saddle-setup-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("finds the keyring of a package source in both of apt's formats", () => {
    const sources = join(folder, "a.sources");
    writeFileSync(
      sources,
      "Types: deb\nURIs: http://a\n\nTypes: deb\nURIs: http://b\nSigned-By: /keys/b.gpg\n",
    );
    const list = join(folder, "a.list");
    writeFileSync(list, "deb http://a main\ndeb [arch=amd64 signed-by=/keys/b.gpg] http://b main\n");
    for (const file of [sources, list]) {
      expect(withApt(`signed_by ${file}:1`).stdout).to.equal("");
      expect(withApt(`signed_by ${file}:2`).stdout).to.equal("/keys/b.gpg\n");
    }
  });

  it("says the very commands to run by hand, and fails", () => {
    const { status, stderr } = withApt(
      'by_hand "Something is missing." "apt-get update" "apt-get install it"',
    );
    expect(status).to.equal(1);
    expect(stderr).to.contain("Something is missing. Run by hand, as root:");
    expect(stderr).to.contain("    apt-get update\n    apt-get install it\n");
  });

  it("lists in its help every target but the hidden one", () => {
    const { stdout } = spawnSync("make", ["help"], { cwd: repository, encoding: "utf8" });
    const targets = [
      "run",
      "test",
      "test-nodes",
      "setup",
      "build",
      "notebook",
      "notebooks",
      "acceptance",
      "bench",
      "check",
      "help",
    ];
    for (const target of targets) expect(stdout).to.match(new RegExp(`^ {2}make ${target} +\\w`, "m"));
  });
});
