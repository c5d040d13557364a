import { createRequire } from "node:module";
import type * as Koffi from "koffi";

/** koffi is a binary: it is loaded when it is first needed, so that a machine it has none for can do the rest. */
let loaded: typeof Koffi | undefined;

export function koffi(): typeof Koffi {
  return (loaded ??= createRequire(__filename)("koffi") as typeof Koffi);
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    if (milliseconds === 0) setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
