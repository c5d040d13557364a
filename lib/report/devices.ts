import { defaultDevice, devices as listDevices, memory, type Device } from "../tensor";
import { Report } from "../viz";

export interface DeviceNumbers {
  readonly devices: readonly Device[];
  readonly defaultDevice: Device;
  /** Bytes on the GPU device. */
  readonly memory: { readonly live: number; readonly pooled: number; readonly peak: number };
}

/** The devices there are: name, backend, kind, what they allow, and which one new tensors go to. */
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
  const columns = ["device", "", "kind", "backend", "floats", "largest tensor", "features"];
  return new Report({
    title: "Devices",
    numbers: { devices: found, defaultDevice: chosen, memory: await memory() },
    tables: [{ columns, rows }],
    notes: found.some((d) => d.kind !== "cpu")
      ? []
      : ["There is no WebGPU adapter: all is computed on cpu, in float64."],
  });
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "memory's size" : `${Math.floor(bytes / 2 ** 20)} MiB`;
}
