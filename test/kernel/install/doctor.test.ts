import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { adviceOnAlgebra, diagnose } from "../../../kernel/install/doctor";
import type { Findings } from "../../../kernel/install/doctor";
import { program } from "../support/client";

const bare: Findings = {
  adapters: [],
  vulkanDrivers: [],
  system: "linux",
  distribution: { id: "debian", version: "12" },
};

describe("saddle doctor", () => {
  it("names the adapter that serves", () => {
    const gpu = { name: "A GPU", backend: "Vulkan", kind: "gpu" } as const;
    const software = { name: "llvmpipe", backend: "Vulkan", kind: "software" } as const;
    expect(diagnose({ ...bare, adapters: [software, gpu] }).verdict).to.equal(
      "A GPU serves, through Vulkan.",
    );
    expect(diagnose({ ...bare, adapters: [software] }).verdict).to.contain("llvmpipe serves: software");
  });

  it("says what to install where there is none", () => {
    expect(diagnose(bare).verdict).to.contain("no WebGPU adapter");
    expect(diagnose(bare).advice.join()).to.contain("mesa-vulkan-drivers/bookworm-backports");
    const old = diagnose({ ...bare, vulkanDrivers: ["lvp_icd.x86_64.json"] }).advice;
    expect(old[0]).to.contain("lvp_icd.x86_64.json").and.to.contain("too old");
    const newer = diagnose({ ...bare, distribution: { id: "debian", version: "13" } }).advice.join();
    expect(newer).to.contain("mesa-vulkan-drivers").and.not.to.contain("backports");
    expect(diagnose({ ...bare, system: "darwin" }).advice.join()).to.contain("Metal");
  });

  it("says what to install where there is no BLAS with LAPACK", () => {
    const none = { library: undefined, isForbidden: false };
    expect(adviceOnAlgebra({ ...none, library: "libopenblas.so.0" }, bare)).to.deep.equal([]);
    expect(adviceOnAlgebra(none, bare).join()).to.contain("libopenblas0-pthread");
    expect(adviceOnAlgebra(none, { ...bare, system: "win32" }).join()).to.contain("libopenblas.dll");
    const other = { ...bare, distribution: { id: "fedora", version: "41" } };
    expect(adviceOnAlgebra(none, other).join()).to.contain("SADDLE_BLAS");
    expect(adviceOnAlgebra({ ...none, isForbidden: true }, bare).join()).to.contain("SADDLE_BLAS is off");
  });

  it("tells of this machine", () => {
    const { status, stdout } = spawnSync(process.execPath, [program, "doctor"], { encoding: "utf8" });
    expect(stdout).to.contain("Devices").and.to.contain(`Node ${process.versions.node}`);
    expect(stdout).to.match(status === 0 ? /serves/ : /no WebGPU adapter/);
  });
});
