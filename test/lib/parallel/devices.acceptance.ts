import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelClient, printedText, resultText, root } from "../../kernel/support/client";

const source = join(root, "test", "lib", "parallel", "support", "emulated-gpu.c");
const buses = ["10", "3b"];

describe("GPUs that are identical", () => {
  let folder: string;
  let drivers: string;

  before(function () {
    const lavapipe = spawnSync("sh", ["-c", "ls /usr/lib/*/libvulkan_lvp.so"], {
      encoding: "utf8",
    }).stdout.trim();
    const hasCompiler =
      spawnSync("cc", ["-E", "-include", "vulkan/vulkan.h", "-x", "c", "/dev/null"]).status === 0;
    // The emulation is made of lavapipe, by a C compiler, with Vulkan's headers (gcc, libvulkan-dev).
    if (lavapipe === "" || !hasCompiler) this.skip();
    folder = mkdtempSync(join(tmpdir(), "saddle-gpus-"));
    drivers = buses.map((bus) => emulate(folder, bus, lavapipe)).join(":");
    process.env["VK_ICD_FILENAMES"] = drivers;
  });
  after(() => {
    Reflect.deleteProperty(process.env, "VK_ICD_FILENAMES");
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it("are one a rank, as many ranks as there are, and are shared beyond", async () => {
    const kernel = await KernelClient.start();
    const cell = (devices: number) => `%%parallel --devices ${devices}\nprocess.env.DRI_PRIME`;
    const two = await kernel.execute(cell(2));
    expect(resultText(two)).to.match(/^\[0\] 'pci-0000_10_00_0'\n\[1\] 'pci-0000_3b_00_0'$/);
    expect(printedText(two, "stderr")).not.to.contain("share");
    const four = await kernel.execute(cell(4));
    expect(resultText(four)).to.match(
      /^\[0\] 'pci-0000_10.*\n\[1\] 'pci-0000_3b.*\n\[2\] 'pci-0000_10.*\n\[3\] 'pci-0000_3b/,
    );
    expect(printedText(four)).to.match(/4 ranks share 2 × Emulated GPU on /);
    await kernel.close();
  });

  it("are listed with their addresses", async () => {
    const kernel = await KernelClient.start();
    const listed = resultText(await kernel.execute("%devices"));
    for (const bus of buses) expect(listed).to.match(new RegExp(`Emulated GPU +gpu +0000:${bus}:00\\.0`));
    await kernel.close();
  });

  it("are an error where no layer tells them apart", async () => {
    process.env["VK_LOADER_LAYERS_DISABLE"] = "*";
    const kernel = await KernelClient.start();
    const failed = await kernel.execute("%%parallel --devices 2\n1");
    expect(failed.reply["ename"]).to.equal("DeviceError");
    expect(failed.reply["evalue"]).to.match(
      /rank \d: this process was to have Emulated GPU at 0000:\w+:00.0 alone, but sees/,
    );
    Reflect.deleteProperty(process.env, "VK_LOADER_LAYERS_DISABLE");
    await kernel.close();
  });
});

/** Builds an emulated GPU on a bus and returns its manifest. */
function emulate(folder: string, bus: string, lavapipe: string): string {
  const library = join(folder, `gpu-${bus}.so`);
  const macros = [`-DBUS=0x${bus}`, `-DLAVAPIPE="${lavapipe}"`];
  execFileSync("cc", ["-shared", "-fPIC", ...macros, "-o", library, source, "-ldl"]);
  const manifest = join(folder, `gpu-${bus}.json`);
  const ICD = { library_path: library, api_version: "1.3.200" };
  writeFileSync(manifest, JSON.stringify({ file_format_version: "1.0.0", ICD }));
  return manifest;
}
