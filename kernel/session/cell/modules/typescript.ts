import { createRequire } from "node:module";
import type * as TypeScript from "typescript";
import { keepBytecode, loadKept } from "../../../language/thread/tslab/codeCache";
import { loadWhole } from "./whole";

const requireHere = createRequire(__filename);
const state: { loaded?: typeof TypeScript } = {};

/** The compiler, loaded when the first module needs it. */
export function typescript(): typeof TypeScript {
  return (state.loaded ??= loadWhole(() => {
    const loaded = loadKept(requireHere.resolve("typescript"), requireHere.cache) as typeof TypeScript;
    // What has not run by now is compiled when it does.
    setImmediate(() => keepBytecode()).unref();
    return loaded;
  }));
}
