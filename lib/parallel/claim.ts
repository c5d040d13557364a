import { vulkanDevices, type VulkanDevice } from "../gpu/vulkan";
import { cpu, defaultDevice } from "../tensor/device";
import { DeviceError } from "../util/errors";

/** What a rank computes on. */
export interface Claim {
  readonly name: string;
  readonly pci: string | undefined;
  /** How many devices this machine has to choose from. */
  readonly devices: number;
}

/**
 * Makes this process see one of the machine's GPUs alone, the `index`-th going round, and proves that it does. Dawn
 * chooses by name, which identical GPUs share; Mesa's device selection, for drivers of any vendor, by the address on the
 * bus. To be called before anything is computed. Throws a DeviceError where the wrong GPU shows.
 */
export function claimGpu(index: number): Claim {
  // The interpreter needs no device, and there are as many of it as there are processes.
  if (defaultDevice() === cpu) return { name: "cpu", pci: undefined, devices: Infinity };
  const all = vulkanDevices();
  const gpus = all.filter(({ isSoftware, pci }) => !isSoftware && pci !== undefined);
  if (gpus.length < 2) {
    const [first] = all;
    return { name: first?.name ?? "cpu", pci: first?.pci, devices: 1 };
  }
  const wanted = gpus[index % gpus.length];
  process.env["DRI_PRIME"] = `pci-${(wanted.pci ?? "").replaceAll(/[:.]/g, "_")}`;
  process.env["MESA_VK_DEVICE_SELECT_FORCE_DEFAULT_DEVICE"] = "1";
  prove(wanted, vulkanDevices());
  return { name: wanted.name, pci: wanted.pci, devices: gpus.length };
}

function prove(wanted: VulkanDevice, seen: readonly VulkanDevice[]): void {
  if (seen.length === 1 && seen[0].pci === wanted.pci) return;
  const others = seen.map(({ name, pci }) => `${name} at ${pci ?? "no address"}`).join(", ");
  throw new DeviceError(
    `this process was to have ${wanted.name} at ${wanted.pci ?? ""} alone, but sees ${others || "none"}: ` +
      "choosing among GPUs takes Mesa's device selection layer, of version 25 or later (mesa-vulkan-drivers)",
  );
}
