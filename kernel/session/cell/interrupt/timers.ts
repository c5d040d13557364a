import timers from "node:timers";
import type { Turns } from "./turns";

type Callback = (...args: unknown[]) => unknown;

/**
 * Makes the callbacks of timers run as promises' continuations. Terminating the execution of a loop in
 * one of those is safe; while Node runs its timers it aborts the whole process. What they print is the
 * output of the cell that has set them.
 */
export function guardTimers(turns: Turns): void {
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const original = timers[name] as (callback: Callback, ...rest: unknown[]) => unknown;
    const replacement = (callback: unknown, ...rest: unknown[]) =>
      original(
        typeof callback === "function" ? continued(turns, callback as Callback) : (callback as Callback),
        ...rest,
      );
    Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
    Object.assign(globalThis, { [name]: replacement });
    Object.assign(timers, { [name]: replacement });
  }
}

function continued(turns: Turns, callback: Callback): Callback {
  const turn = turns.current;
  return function (this: unknown, ...args) {
    void Promise.resolve().then(() => {
      turns.begin(turn);
      return callback.apply(this, args);
    });
  };
}
