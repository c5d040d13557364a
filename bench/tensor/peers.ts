/** How the other libraries are loaded: from a folder of their own, and onto the same Dawn as Saddle. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { create, globals } from "webgpu";
import { repository } from "./files";

const requirePeer = createRequire(join(repository, ".setup", "peers", "package.json"));

/** The package as a browser's script would see it, with `navigator.gpu`. */
export function loadPeer(name: string): unknown {
  Object.assign(globalThis, globals);
  const navigator = {
    userAgent: "Node.js",
    gpu: (globalThis.navigator as Navigator | undefined)?.gpu ?? create([]),
  };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  return requirePeer(name);
}
