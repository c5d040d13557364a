import { koffi, type NativeLibrary } from "../util/native";

/** A device as Vulkan tells of it, which Dawn does not: identical ones are told apart by their place on the bus. */
export interface VulkanDevice {
  readonly name: string;
  readonly isSoftware: boolean;
  /** Such as `0000:3b:00.0`; none for what is on no bus, or where the driver does not tell. */
  readonly pci: string | undefined;
}

/** The numbers of vulkan_core.h that are used here. */
const type = { instance: 1, properties: 1000059001, busInfo: 1000212000 } as const;
const version11 = (1 << 22) | (1 << 12);
const softwareType = 4;
const offsets = {
  application: 24,
  next: 8,
  properties: 16,
  deviceType: 16,
  deviceName: 20,
  bus: 16,
} as const;
const untouched = 0xffffffff;

type Native = (...args: unknown[]) => number;

/**
 * What Vulkan offers this process now, with the environment that it has now: empty where there is no Vulkan.
 * Cheap enough to ask at every start, about as dear as opening a device.
 */
export function vulkanDevices(): VulkanDevice[] {
  if (process.platform !== "linux") return [];
  let library: NativeLibrary;
  try {
    library = koffi().load("libvulkan.so.1");
  } catch {
    return [];
  }
  const call = (prototype: string) => library.func(prototype) as unknown as Native;
  const instance = createInstance(
    call("int vkCreateInstance(void *info, void *allocator, _Out_ void **made)"),
  );
  if (instance === undefined) return [];
  const enumerate = call(
    "int vkEnumeratePhysicalDevices(void *instance, _Inout_ uint32_t *n, void *devices)",
  );
  const properties = call("void vkGetPhysicalDeviceProperties2(void *device, void *properties)");
  const count = [0];
  enumerate(instance, count, null);
  const devices = new BigUint64Array(new ArrayBuffer(8 * count[0]));
  if (count[0] > 0) enumerate(instance, count, devices);
  const found = Array.from(devices.subarray(0, count[0]), (device) => describe(properties, device));
  call("void vkDestroyInstance(void *instance, void *allocator)")(instance, null);
  return found;
}

function createInstance(create: Native): unknown {
  const application = Buffer.alloc(48);
  application.writeUInt32LE(version11, 44);
  const info = Buffer.alloc(64);
  info.writeUInt32LE(type.instance);
  info.writeBigUInt64LE(koffi().address(application), offsets.application);
  const made = [null];
  return create(info, null, made) === 0 ? made[0] : undefined;
}

function describe(ask: Native, device: bigint): VulkanDevice {
  const bus = Buffer.alloc(32);
  bus.writeUInt32LE(type.busInfo);
  bus.writeUInt32LE(untouched, offsets.bus);
  const properties = Buffer.alloc(2048);
  properties.writeUInt32LE(type.properties);
  properties.writeBigUInt64LE(koffi().address(bus), offsets.next);
  ask(device, properties);
  const start = offsets.properties + offsets.deviceName;
  const name = properties.toString("latin1", start, start + 256).split("\0")[0];
  const isSoftware = properties.readUInt32LE(offsets.properties + offsets.deviceType) === softwareType;
  return { name, isSoftware, pci: isSoftware ? undefined : busAddress(bus) };
}

function busAddress(bus: Buffer): string | undefined {
  const part = (index: number) => bus.readUInt32LE(offsets.bus + 4 * index);
  if (part(0) === untouched) return undefined;
  const hex = (index: number, width: number) => part(index).toString(16).padStart(width, "0");
  return `${hex(0, 4)}:${hex(1, 2)}:${hex(2, 2)}.${hex(3, 1)}`;
}
