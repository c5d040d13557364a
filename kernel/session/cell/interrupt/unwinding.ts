import { createRequire } from "node:module";
import { unwindingFlags } from "../../../flags";

interface AsyncHooks {
  readonly clearAsyncIdStack: () => void;
  readonly updatePromiseHookMode: () => void;
}

interface AsyncWrap {
  readonly setPromiseHooks: (...hooks: readonly undefined[]) => void;
  readonly async_hook_fields: Uint32Array;
  readonly constants: { readonly kTotals: number };
}

interface TestBinding {
  readonly internalBinding: (name: "async_wrap") => AsyncWrap;
}

export interface ContinuationNotes {
  /** To be called when execution is about to be terminated. */
  tearUp(): void;
  /** To be called when that is done. */
  takeAgain(): void;
}

/**
 * Once an AsyncLocalStorage is in use (`withDevice` has one), Node notes on a stack which promise's continuation it
 * runs, and aborts the process if it does not find the stack empty at the end. What is terminated does not take its
 * note away, and no public function does. So the notes are torn up before, and none are made until it is over.
 */
export function continuationNotes(): ContinuationNotes | undefined {
  if (!process.execArgv.includes(unwindingFlags[0])) return undefined;
  const internals = createRequire(__filename);
  const { clearAsyncIdStack, updatePromiseHookMode } = internals("internal/async_hooks") as AsyncHooks;
  const wrap = (internals("internal/test/binding") as TestBinding).internalBinding("async_wrap");
  return {
    tearUp: () => {
      clearAsyncIdStack();
      wrap.setPromiseHooks(undefined, undefined, undefined, undefined);
    },
    takeAgain: () => {
      if (wrap.async_hook_fields[wrap.constants.kTotals] > 0) updatePromiseHookMode();
    },
  };
}
