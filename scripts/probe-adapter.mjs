// Exits with 0 and names the adapter if WebGPU has one, else exits with 1.
import { create } from "webgpu";

// Dawn's instance must outlive the adapter it gave: collected early, it takes the process with it.
globalThis.gpu = create([]);
const adapter = await globalThis.gpu
  .requestAdapter({ powerPreference: "high-performance" })
  .catch(() => null);

if (adapter === null) {
  console.error("WebGPU finds no adapter on this machine.");
  process.exitCode = 1;
} else {
  const { vendor, architecture, device, description } = adapter.info;
  console.log(`WebGPU adapter: ${description || device || `${vendor} ${architecture}`}`);
}
