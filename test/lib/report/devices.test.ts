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
});
