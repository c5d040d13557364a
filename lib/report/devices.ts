import { defaultDevice, devices as listDevices, memory, type Device } from "../tensor";
import { vulkanDevices, type VulkanDevice } from "../gpu/vulkan";
import { Report, type ReportTable } from "../viz";

export interface DeviceNumbers {
  readonly devices: readonly Device[];
  readonly defaultDevice: Device;
  /** What Vulkan lists on this machine, with addresses on the PCI bus, which WebGPU does not tell. */
  readonly vulkan: readonly VulkanDevice[];
  /** Bytes on the GPU device. */
  readonly memory: { readonly live: number; readonly pooled: number; readonly peak: number };
}

/**
 * The devices there are: name, backend, kind, what they allow, and which one new tensors go to; and, where there is
 * Vulkan, the address of every GPU, by which the ranks of parallel cells tell identical ones apart.
 */
export async function devices(): Promise<Report<DeviceNumbers>> {
  const found = await listDevices();
  const chosen = defaultDevice();
  const rows = found.map((d) => [
    d.name,
    d === chosen ? "default" : "",
    d.kind,
    d.backend,
    d.floatTypes.join(", "),
    megabytes(d.limits["maxStorageBufferBindingSize"]),
    d.features.join(", "),
  ]);
  const vulkan = vulkanDevices();
  const columns = ["device", "", "kind", "backend", "floats", "largest tensor", "features"];
  return new Report({
    title: "Devices",
    numbers: { devices: found, defaultDevice: chosen, vulkan, memory: await memory() },
    tables: [{ columns, rows }, ...(vulkan.length > 0 ? [addresses(vulkan)] : [])],
    notes: found.some((d) => d.kind !== "cpu")
      ? []
      : ["There is no WebGPU adapter: all is computed on cpu, in float64."],
  });
}

function addresses(vulkan: readonly VulkanDevice[]): ReportTable {
  const rows = vulkan.map(({ name, isSoftware, pci }) => [name, isSoftware ? "software" : "gpu", pci ?? "–"]);
  return { title: "Vulkan's devices", columns: ["device", "kind", "PCI address"], rows };
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "memory's size" : `${Math.floor(bytes / 2 ** 20)} MiB`;
}
