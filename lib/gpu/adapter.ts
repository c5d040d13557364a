/** Choosing and opening a WebGPU adapter. The only file that knows Dawn's package. */
import { create, globals } from "webgpu";
import { DeviceError } from "../util/errors";

export interface AdapterChoice {
  /** Part of the adapter's name, as Dawn matches it. */
  readonly name?: string;
}

export interface AdapterDescription {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly backend: string;
  readonly kind: "gpu" | "software";
  /** Lanes of a subgroup where all have one size and the device can use them. */
  readonly subgroupSize: number | undefined;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
}

export interface OpenDevice {
  readonly gpu: GPUDevice;
  readonly adapter: AdapterDescription;
}

/** Dawn crashes when an instance is collected while a device of it lives, so instances stay until the process ends. */
const instances: GPU[] = [];

const wantedFeatures: readonly GPUFeatureName[] = ["timestamp-query", "shader-f16", "subgroups"];
const wantedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupStorageSize",
] as const;

/** The adapter Dawn prefers, or undefined where there is none. Each call makes a new one: an adapter opens once. */
async function requestAdapter(choice: AdapterChoice): Promise<GPUAdapter | undefined> {
  Object.assign(globalThis, globals);
  const flags = choice.name ? [`adapter=${choice.name}`] : [];
  const instance = create(flags);
  instances.push(instance);
  try {
    return (await instance.requestAdapter({ powerPreference: "high-performance" })) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Opens a device with the limits that the adapter has; undefined where no adapter is found. */
export async function openAdapter(choice: AdapterChoice = {}): Promise<OpenDevice | undefined> {
  const adapter = await requestAdapter(choice);
  if (!adapter) return undefined;
  const requiredLimits: Record<string, number> = {};
  for (const name of wantedLimits) requiredLimits[name] = adapter.limits[name];
  const requiredFeatures = wantedFeatures.filter((f) => adapter.features.has(f));
  let gpu: GPUDevice;
  try {
    gpu = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  } catch (cause) {
    throw new DeviceError(`could not open ${adapter.info.description || "the adapter"}: ${String(cause)}`, {
      cause,
    });
  }
  return { gpu, adapter: describeAdapter(adapter) };
}

function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { info } = adapter;
  const name = info.description || info.device || "unknown adapter";
  const limits: Record<string, number> = {};
  for (const limit of wantedLimits) limits[limit] = adapter.limits[limit];
  return {
    name,
    vendor: info.vendor,
    architecture: info.architecture,
    backend: backendName(),
    kind: isSoftware(name, info.architecture) ? "software" : "gpu",
    subgroupSize: subgroupSizeOf(adapter),
    limits,
    features: [...adapter.features].sort(),
  };
}

function subgroupSizeOf({ features, info }: GPUAdapter): number | undefined {
  const { subgroupMinSize, subgroupMaxSize } = info;
  if (!features.has("subgroups") || subgroupMinSize !== subgroupMaxSize) return undefined;
  return subgroupMinSize;
}

function backendName(): string {
  if (process.platform === "darwin") return "Metal";
  return process.platform === "win32" ? "D3D12" : "Vulkan";
}

function isSoftware(name: string, architecture: string): boolean {
  return /llvmpipe|lavapipe|swiftshader|softpipe|basic render/i.test(`${name} ${architecture}`);
}
