import { defaultDevice, devices as listDevices, memory, type Device } from "../tensor";
import { system } from "../blas/system";
import { vulkanDevices, type VulkanDevice } from "../gpu/vulkan";
import { Report, type ReportTable } from "../viz";

/** What computes products and decompositions in float64. */
export interface LinearAlgebra {
  /** The machine's BLAS and LAPACK, such as `libopenblas.so.0`; undefined where JavaScript has to do. */
  readonly library: string | undefined;
  /** How many threads it takes; undefined where it does not tell. */
  readonly threads: number | undefined;
  /** Whether `SADDLE_BLAS` forbids to look for one. */
  readonly isForbidden: boolean;
  /** Libraries that were found broken and left alone, a sentence each. */
  readonly refused: readonly string[];
}

export interface DeviceNumbers {
  readonly devices: readonly Device[];
  readonly defaultDevice: Device;
  /** What Vulkan lists on this machine, with addresses on the PCI bus, which WebGPU does not tell. */
  readonly vulkan: readonly VulkanDevice[];
  readonly linearAlgebra: LinearAlgebra;
  /** Bytes on the GPU device. */
  readonly memory: { readonly live: number; readonly pooled: number; readonly peak: number };
}

/**
 * The devices there are: name, backend, kind, what they allow, and which one new tensors go to; which library computes
 * products and decompositions in float64; and, where there is Vulkan, the address of every GPU, by which the ranks of
 * parallel cells tell identical ones apart.
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
  const linearAlgebra = whatComputes();
  const columns = ["device", "", "kind", "backend", "floats", "largest tensor", "features"];
  return new Report({
    title: "Devices",
    numbers: { devices: found, defaultDevice: chosen, vulkan, linearAlgebra, memory: await memory() },
    tables: [
      { columns, rows },
      algebraTable(linearAlgebra),
      ...(vulkan.length > 0 ? [addresses(vulkan)] : []),
    ],
    notes: [
      ...(found.some((d) => d.kind !== "cpu")
        ? []
        : ["There is no WebGPU adapter: all is computed on cpu, in float64."]),
      ...linearAlgebra.refused,
    ],
  });
}

function whatComputes(): LinearAlgebra {
  const { library, isForbidden, refused } = system();
  return { library: library?.name, threads: library?.threads, isForbidden, refused };
}

function algebraTable({ library, threads, isForbidden }: LinearAlgebra): ReportTable {
  const own = isForbidden
    ? "JavaScript, for SADDLE_BLAS is off"
    : "JavaScript: saddle doctor says what to install";
  return {
    title: "Products and decompositions in float64",
    rows: [
      ["computed by", library ?? own],
      ...(library === undefined ? [] : [["threads", threads ?? "the library's own choice"] as const]),
    ],
  };
}

function addresses(vulkan: readonly VulkanDevice[]): ReportTable {
  const rows = vulkan.map(({ name, isSoftware, pci }) => [name, isSoftware ? "software" : "gpu", pci ?? "–"]);
  return { title: "Vulkan's devices", columns: ["device", "kind", "PCI address"], rows };
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "memory's size" : `${Math.floor(bytes / 2 ** 20)} MiB`;
}
