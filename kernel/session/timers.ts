import timers from "node:timers";

type Callback = (...args: unknown[]) => unknown;

/**
 * Makes the callbacks of timers run as promises' continuations. Terminating the execution of a loop in
 * one of those is safe; while Node runs its timers it aborts the whole process.
 */
export function guardTimers(): void {
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const original = timers[name] as (callback: Callback, ...rest: unknown[]) => unknown;
    const replacement = (callback: unknown, ...rest: unknown[]) =>
      original(
        typeof callback === "function" ? continued(callback as Callback) : (callback as Callback),
        ...rest,
      );
    Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
    Object.assign(globalThis, { [name]: replacement });
    Object.assign(timers, { [name]: replacement });
  }
}

function continued(callback: Callback): Callback {
  return function (this: unknown, ...args) {
    void Promise.resolve().then(() => callback.apply(this, args));
  };
}
