/** The device of a WebGPU adapter: plans become WGSL, which its queue runs. */
import { PlannedDevice, type Connection, type DeviceFacts } from "../device/planned";
import type { Kernel } from "../wgsl/kernel";
import { wgslTarget } from "../wgsl/target";
import { openAdapter, type AdapterChoice, type AdapterDescription } from "./adapter";
import type { PooledBuffer } from "./pool";
import { Queue } from "./queue";

const maxWorkgroups = 65_535;
/** Kernels count elements in 32 bits, also those of tensors that only pass through them. */
const most = { elements: 2 ** 32 - 1, bytes: 2 ** 34 };

/** The adapter of this name, or the best there is; it is opened at the first read. */
export function gpuDevice(choice: AdapterChoice = {}): PlannedDevice<PooledBuffer, Kernel> {
  const atRest: DeviceFacts = {
    name: choice.name ?? "gpu",
    backend: "WebGPU",
    kind: "gpu",
    limits: {},
    features: [],
    most,
    floatType: "float32",
    // Until the adapter is known float16 is taken for granted; plans refuse it where it is missing.
    floatTypes: ["float32", "float16"],
  };
  return new PlannedDevice(atRest, () => connect(choice));
}

async function connect(choice: AdapterChoice): Promise<Connection<PooledBuffer, Kernel> | undefined> {
  const opened = await openAdapter(choice);
  if (!opened) return undefined;
  const { limits, subgroupSize, features } = opened.adapter;
  const maxInputs = limits.maxStorageBuffersPerShaderStage - 1;
  return {
    facts: factsOf(opened.adapter),
    target: wgslTarget({
      maxWorkgroups,
      subgroupSize,
      maxInputs,
      hasFloat16: features.includes("shader-f16"),
    }),
    machine: new Queue(opened),
  };
}

function factsOf({ name, backend, kind, limits, features }: AdapterDescription): DeviceFacts {
  const floatTypes = features.includes("shader-f16")
    ? (["float32", "float16"] as const)
    : (["float32"] as const);
  return { name, backend, kind, limits, features, most, floatType: "float32", floatTypes };
}
