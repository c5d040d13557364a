import { createRequire } from "node:module";
import type * as Koffi from "koffi";

/** koffi is a binary: it is loaded when it is first needed, so that a machine it has none for can do the rest. */
let loaded: typeof Koffi | undefined;

export function koffi(): typeof Koffi {
  return (loaded ??= createRequire(__filename)("koffi") as typeof Koffi);
}

/** Makes what is written to one descriptor of this process go where another does; gives one for where it went. */
export function redirect(from: number, to: number): number {
  const library = koffi().load(process.platform === "darwin" ? "libSystem.dylib" : "libc.so.6");
  const kept = library.func("int dup(int fd)")(from) as number;
  library.func("int dup2(int to, int from)")(to, from);
  return kept;
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    if (milliseconds === 0) setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
