/** Libraries of the machine, called through koffi. */
import { createRequire } from "node:module";
import type * as Koffi from "koffi";

/** koffi is a binary: it is loaded when it is first needed, so that a machine it has none for can do the rest. */
let loaded: typeof Koffi | undefined;

/** What a call may put on its stack: OpenBLAS describes its threads' work there, in more than koffi's 128 KiB. */
const stackBytes = 2 ** 23;

export function koffi(): typeof Koffi {
  if (loaded === undefined) {
    loaded = createRequire(__filename)("koffi") as typeof Koffi;
    loaded.config({ sync_stack_size: stackBytes, async_stack_size: stackBytes });
  }
  return loaded;
}

export type NativeLibrary = Koffi.LibraryHandle;
export type NativeFunction = ReturnType<NativeLibrary["func"]>;
