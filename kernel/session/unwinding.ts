import { createRequire } from "node:module";

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

/** What a process that runs cells must be started with. */
export const unwindingFlags = ["--expose-internals", "--disable-warning=internal/test/binding"];

const name = "saddle.unwind";

/** To be evaluated in the main thread before it is terminated. */
export const unwindExpression = `globalThis[Symbol.for("${name}")]?.()`;

/**
 * Once an AsyncLocalStorage is in use (`withDevice` has one), Node notes on a stack which promise's continuation it
 * runs, and aborts the process if it does not find the stack empty at the end. What is terminated does not take its
 * note away, and no public function does. So the notes are torn up before, and none are made until the process has
 * heard of the interrupt. Returns what is to be called then.
 */
export function allowUnwinding(): () => void {
  if (!process.execArgv.includes(unwindingFlags[0])) return () => undefined;
  const internals = createRequire(__filename);
  const { clearAsyncIdStack, updatePromiseHookMode } = internals("internal/async_hooks") as AsyncHooks;
  const wrap = (internals("internal/test/binding") as TestBinding).internalBinding("async_wrap");
  let isUnwound = false;
  const unwind = () => {
    isUnwound = true;
    clearAsyncIdStack();
    wrap.setPromiseHooks(undefined, undefined, undefined, undefined);
  };
  Object.defineProperty(globalThis, Symbol.for(name), { value: unwind });
  return () => {
    if (isUnwound && wrap.async_hook_fields[wrap.constants.kTotals] > 0) updatePromiseHookMode();
    isUnwound = false;
  };
}
