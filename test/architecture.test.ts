import { expect } from "chai";
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImports, violations } from "./support/architecture";

const root = join(__dirname, "..", "..");

function violationsOf(imports: Record<string, string[]>): string[] {
  return violations(new Map(Object.entries(imports)));
}

describe("the architecture", () => {
  it("is kept by all files", () => {
    expect(violations(readImports(root, ["lib", "kernel", "test", "bench"]))).to.deep.equal([]);
  });

  it("lets a folder import from those above it, and nobody from those below", () => {
    expect(violationsOf({ "lib/viz/line": ["lib/util/errors", "lib/tensor/index", "lib/viz/theme"] })).to.be
      .empty;
    expect(violationsOf({ "lib/util/errors": ["lib/viz/line"] })[0]).to.match(/those above it/);
    expect(violationsOf({ "lib/viz/line": ["lib/index"] })[0]).to.match(/those above it/);
  });

  it("gives every folder of the library a place in the order", () => {
    expect(violationsOf({ "lib/misc/a": ["lib/util/errors"] })[0]).to.match(/no place/);
  });

  it("lets no folder of the kernel import from one that is built on it", () => {
    const host = "kernel/session/host/sessionProcess";
    expect(violationsOf({ "kernel/parallel/cell/shmPool": [host], "kernel/dispatch/executor": [host] })).to.be
      .empty;
    for (const below of ["kernel/contract/messages", "kernel/session/cell/serve"]) {
      expect(violationsOf({ [below]: [host] })[0]).to.match(/those above it/);
    }
    expect(violationsOf({ [host]: ["kernel/parallel/cell/parallel"] })[0]).to.match(/those above it/);
    expect(violationsOf({ "kernel/misc/a": ["kernel/contract/messages"] })[0]).to.match(/no place/);
  });

  it("keeps the library free of the kernel", () => {
    expect(violationsOf({ "lib/util/a": ["kernel/contract/messages"] })[0]).to.match(/stands alone/);
  });

  it("lets main, the processes of cells and of ranks, and doctor alone see the library, and of it the index alone", () => {
    for (const user of ["kernel/main", "kernel/session/cell/api/everyday", "kernel/install/doctor"]) {
      expect(violationsOf({ [user]: ["lib/index", "lib/util/frontend"] })).to.be.empty;
    }
    expect(violationsOf({ "kernel/dispatch/execute": ["lib/index"] })[0]).to.match(/only kernel\/main/);
    expect(violationsOf({ "kernel/session/cell/serve": ["lib/gpu/device"] })[0]).to.match(/its index/);
  });

  it("gives webgpu and tslab one home each", () => {
    expect(
      violationsOf({ "lib/gpu/adapter": ["webgpu"], "kernel/language/thread/compile/compiler": ["tslab"] }),
    ).to.be.empty;
    expect(violationsOf({ "lib/gpu/queue": ["webgpu"] })).to.have.length(1);
    expect(violationsOf({ "kernel/session/cell/serve": ["tslab"] })).to.have.length(1);
  });

  it("has what docs/where.md says where it says", () => {
    const spans = readFileSync(join(root, "docs", "where.md"), "utf8").split("`");
    const named = spans.filter((span) => /^(kernel|lib)\/.*\.ts$/.test(span));
    expect(named).to.have.length.above(9);
    expect(named.filter((file) => !existsSync(join(root, file)))).to.deep.equal([]);
  });

  it("names the files of an import cycle", () => {
    expect(violationsOf({ "lib/ops/x": ["lib/ops/y"], "lib/ops/y": ["lib/ops/x"] })).to.deep.equal([
      "import cycle: lib/ops/x → lib/ops/y → lib/ops/x",
    ]);
  });

  it("reads every form of import", () => {
    const folder = mkdtempSync(join(tmpdir(), "saddle-architecture-"));
    try {
      mkdirSync(join(folder, "lib", "ops"), { recursive: true });
      writeFileSync(join(folder, "lib", "ops", "index.ts"), "");
      writeFileSync(
        join(folder, "lib", "a.ts"),
        `import type { B } from "./ops";
         export * from "./c";
         const late = () => import("./d");
         import old = require("./e");
         const older = require("webgpu");`,
      );
      writeFileSync(join(folder, "lib", "c.ts"), "");
      expect(readImports(folder, ["lib"]).get("lib/a")).to.deep.equal([
        "lib/ops/index",
        "lib/c",
        "lib/d/index",
        "lib/e/index",
        "webgpu",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
