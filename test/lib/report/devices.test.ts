import { availableParallelism } from "node:os";
import { expect } from "chai";
import { report } from "../../../lib";

describe("report.devices", () => {
  it("lists the devices that compute, and Vulkan's with the addresses of GPUs and none for software", async () => {
    const devices = await report.devices();
    const { vulkan } = devices.numbers;
    expect(devices.numbers.devices.at(-1)?.name).to.equal("cpu");
    const [, addresses] = String(devices).split("Vulkan's devices");
    expect(addresses !== undefined).to.equal(vulkan.length > 0);
    for (const { name, isSoftware, pci } of vulkan) {
      expect(isSoftware ? pci : undefined, name).to.equal(undefined);
      const line = addresses.split("\n").find((each) => each.includes(name));
      expect(line, addresses).to.contain(pci ?? "–");
    }
  });

  it("says what computes products and decompositions in float64, and with how many threads", async () => {
    const devices = await report.devices();
    const { library, threads, isForbidden, refused } = devices.numbers.linearAlgebra;
    expect(String(devices)).to.contain(library ?? "JavaScript");
    if (threads !== undefined) expect(threads).to.be.within(1, availableParallelism());
    expect(isForbidden).to.equal(process.env.SADDLE_BLAS === "off");
    expect(devices.notes).to.include.members([...refused]);
  });
});
