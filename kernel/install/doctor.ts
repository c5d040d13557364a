import { existsSync, readFileSync, readdirSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { report } from "../../lib";
import type { Device } from "../../lib";
import { version } from "../version";
import { kernelFolder, userFolder } from "./kernelspec";

/** What there is on a machine to compute on. */
export interface Findings {
  readonly adapters: readonly Pick<Device, "name" | "backend" | "kind">[];
  /** The files by which Vulkan's loader knows its drivers. */
  readonly vulkanDrivers: readonly string[];
  readonly system: "linux" | "darwin" | "win32" | "other";
  /** `ID` and `VERSION_ID` of /etc/os-release. */
  readonly distribution: { readonly id: string; readonly version: string };
}

const driverFolders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
const backports = "http://deb.debian.org/debian bookworm-backports main";

/** Says on stdout what adapter serves, or what to install; resolves with whether one does. */
export async function examine(): Promise<boolean> {
  const devices = await report.devices();
  const adapters = devices.numbers.devices.filter(({ kind }) => kind !== "cpu");
  const { verdict, advice } = diagnose({ ...machine(), adapters });
  const spec = kernelFolder(userFolder());
  const installed = existsSync(spec)
    ? `Kernelspec: ${spec}`
    : "No kernelspec for this user; saddle install writes one.";
  const lines = [
    `Saddle ${version}, Node ${process.versions.node}`,
    devices.toString(),
    installed,
    verdict,
    ...advice,
    ...adviceOnAlgebra(devices.numbers.linearAlgebra, machine()),
  ];
  process.stdout.write(`${lines.join("\n\n")}\n`);
  return adapters.length > 0;
}

/** What to install where products and decompositions in float64 have to run in JavaScript. */
export function adviceOnAlgebra(
  { library, isForbidden }: Pick<report.LinearAlgebra, "library" | "isForbidden">,
  { system, distribution }: Pick<Findings, "system" | "distribution">,
): string[] {
  if (library !== undefined) return [];
  if (isForbidden) return ["SADDLE_BLAS is off: decompositions run in JavaScript, some thirty times slower."];
  const slow = "There is no BLAS with LAPACK: decompositions run in JavaScript, some thirty times slower.";
  if (system === "win32")
    return [`${slow} Put OpenBLAS's libopenblas.dll on the PATH, or name it in SADDLE_BLAS.`];
  const isDebian = distribution.id === "debian" || distribution.id === "ubuntu";
  if (isDebian) return [`${slow} As root: apt-get install --no-install-recommends libopenblas0-pthread`];
  return [`${slow} Install OpenBLAS (libopenblas, openblas), or name a library's file in SADDLE_BLAS.`];
}

export interface Diagnosis {
  readonly verdict: string;
  readonly advice: readonly string[];
}

export function diagnose(findings: Findings): Diagnosis {
  const gpu = findings.adapters.find(({ kind }) => kind === "gpu");
  if (gpu !== undefined) return { verdict: `${gpu.name} serves, through ${gpu.backend}.`, advice: [] };
  const [software] = findings.adapters;
  const nothing = "There is no WebGPU adapter: all is computed on the cpu device, in float64 and slowly.";
  return software === undefined
    ? { verdict: nothing, advice: missingDriver(findings) }
    : {
        verdict: `${software.name} serves: software, right but slow. The driver of a GPU would be faster.`,
        advice: [],
      };
}

function missingDriver({ system, vulkanDrivers, distribution }: Findings): string[] {
  if (system === "darwin") return ["Metal has no device here; a virtual machine, perhaps, that has none."];
  if (system === "win32") return ["Direct3D 12 has no device here: install the driver of the graphics card."];
  const found = vulkanDrivers.length > 0;
  const refused = `Vulkan has drivers (${vulkanDrivers.join(", ")}), but Dawn takes none of them. Mesa before 23 is too old.`;
  return [...(found ? [refused] : []), installation(distribution)];
}

function installation({ id, version: release }: Findings["distribution"]): string {
  const packages = "apt-get install --no-install-recommends libvulkan1 mesa-vulkan-drivers";
  if (id === "debian" && release === "12") {
    return [
      "Debian 12's own Mesa (22.3.6) is too old. As root:",
      `  echo 'deb ${backports}' > /etc/apt/sources.list.d/saddle-backports.list`,
      `  apt-get update && ${packages}/bookworm-backports`,
    ].join("\n");
  }
  if (id === "debian" || id === "ubuntu") return `As root: ${packages}`;
  return "Install a Vulkan driver: the GPU's, or Mesa's lavapipe (mesa-vulkan-drivers, vulkan-swrast).";
}

function machine(): Omit<Findings, "adapters"> {
  const system = platform();
  return {
    vulkanDrivers: driverFolders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder)),
    system: system === "linux" || system === "darwin" || system === "win32" ? system : "other",
    distribution: readDistribution(join("/etc", "os-release")),
  };
}

function readDistribution(file: string): Findings["distribution"] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  return { id: field("ID"), version: field("VERSION_ID") };
}
