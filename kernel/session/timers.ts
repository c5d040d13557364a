import { breakable } from "./breakable";
import { Interrupted } from "./turns";

type Callback = (...args: unknown[]) => unknown;

/**
 * Makes the callbacks of timers breakable. Nothing else can end a loop in one: terminating the
 * execution from outside while Node runs its timers aborts the whole process.
 */
export function guardTimers(onInterrupt: () => void): void {
  const guarded = (callback: Callback): Callback =>
    function (this: unknown, ...args) {
      try {
        return breakable(() => callback.apply(this, args));
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        onInterrupt();
      }
    };
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const original = globalThis[name] as (callback: Callback, ...rest: unknown[]) => unknown;
    const replacement = (callback: Callback, ...rest: unknown[]) =>
      original(typeof callback === "function" ? guarded(callback) : callback, ...rest);
    Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
    Object.assign(globalThis, { [name]: replacement });
  }
}
