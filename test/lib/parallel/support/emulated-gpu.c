/* A Vulkan driver for tests: forwards everything to lavapipe, but reports a PCI address (bus BUS), a fixed name and the
   type of a discrete GPU, so that a machine without any has several that are identical.
   cc -shared -fPIC -DBUS=0x10 -DLAVAPIPE='"libvulkan_lvp.so"' */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_icd.h>
#include <vulkan/vulkan.h>

#define EXPORT __attribute__((visibility("default")))

static void *library;
static PFN_vkGetInstanceProcAddr real;
static VkInstance instance;

static void open_lavapipe(void) {
  if (library) return;
  library = dlopen(LAVAPIPE, RTLD_NOW | RTLD_LOCAL);
  real = (PFN_vkGetInstanceProcAddr)dlsym(library, "vk_icdGetInstanceProcAddr");
}

static void disguise(VkPhysicalDeviceProperties *properties) {
  strcpy(properties->deviceName, "Emulated GPU");
  properties->deviceType = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
  properties->pipelineCacheUUID[0] = BUS;
}

static VKAPI_ATTR void VKAPI_CALL get_properties(VkPhysicalDevice device, VkPhysicalDeviceProperties *properties) {
  ((PFN_vkGetPhysicalDeviceProperties)real(instance, "vkGetPhysicalDeviceProperties"))(device, properties);
  disguise(properties);
}

static VKAPI_ATTR void VKAPI_CALL get_properties2(VkPhysicalDevice device, VkPhysicalDeviceProperties2 *properties) {
  ((PFN_vkGetPhysicalDeviceProperties2)real(instance, "vkGetPhysicalDeviceProperties2"))(device, properties);
  disguise(&properties->properties);
  for (VkBaseOutStructure *next = properties->pNext; next; next = next->pNext) {
    if (next->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT) {
      VkPhysicalDevicePCIBusInfoPropertiesEXT *bus = (void *)next;
      bus->pciDomain = bus->pciDevice = bus->pciFunction = 0;
      bus->pciBus = BUS;
    }
    if (next->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES)
      ((VkPhysicalDeviceIDProperties *)next)->deviceUUID[15] = BUS;
  }
}

/* The extension that tells PCI addresses is added to those that there are … */
static VKAPI_ATTR VkResult VKAPI_CALL list_extensions(VkPhysicalDevice device, const char *layer, uint32_t *count,
                                                      VkExtensionProperties *list) {
  PFN_vkEnumerateDeviceExtensionProperties enumerate = (void *)real(instance, "vkEnumerateDeviceExtensionProperties");
  uint32_t known = 0;
  enumerate(device, layer, &known, NULL);
  if (!list) {
    *count = known + 1;
    return VK_SUCCESS;
  }
  if (*count < known + 1) return enumerate(device, layer, count, list);
  uint32_t given = known;
  enumerate(device, layer, &given, list);
  strcpy(list[given].extensionName, VK_EXT_PCI_BUS_INFO_EXTENSION_NAME);
  list[given].specVersion = 2;
  *count = given + 1;
  return VK_SUCCESS;
}

/* … and left out where lavapipe would not know it. */
static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice device, const VkDeviceCreateInfo *info,
                                                    const VkAllocationCallbacks *allocator, VkDevice *made) {
  VkDeviceCreateInfo copy = *info;
  const char **names = malloc(sizeof(char *) * (info->enabledExtensionCount + 1));
  copy.enabledExtensionCount = 0;
  for (uint32_t i = 0; i < info->enabledExtensionCount; i++)
    if (strcmp(info->ppEnabledExtensionNames[i], VK_EXT_PCI_BUS_INFO_EXTENSION_NAME))
      names[copy.enabledExtensionCount++] = info->ppEnabledExtensionNames[i];
  copy.ppEnabledExtensionNames = names;
  VkResult result = ((PFN_vkCreateDevice)real(instance, "vkCreateDevice"))(device, &copy, allocator, made);
  free(names);
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo *info,
                                                      const VkAllocationCallbacks *allocator, VkInstance *made) {
  VkResult result = ((PFN_vkCreateInstance)real(NULL, "vkCreateInstance"))(info, allocator, made);
  if (result == VK_SUCCESS) instance = *made;
  return result;
}

EXPORT PFN_vkVoidFunction vk_icdGetInstanceProcAddr(VkInstance of, const char *name) {
  open_lavapipe();
  if (!strcmp(name, "vkCreateInstance")) return (void *)create_instance;
  if (!strcmp(name, "vkGetPhysicalDeviceProperties")) return (void *)get_properties;
  if (!strncmp(name, "vkGetPhysicalDeviceProperties2", 30)) return (void *)get_properties2;
  if (!strcmp(name, "vkEnumerateDeviceExtensionProperties")) return (void *)list_extensions;
  if (!strcmp(name, "vkCreateDevice")) return (void *)create_device;
  return real(of, name);
}

EXPORT VkResult vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  open_lavapipe();
  return ((VkResult(*)(uint32_t *))dlsym(library, "vk_icdNegotiateLoaderICDInterfaceVersion"))(version);
}
