/** Computations that call routines: written once, run at once or beside the event loop. */
import type { Library } from "./library";
import type { Call } from "./routines";

/** It yields its calls, one after the other, and returns what it computes. */
export type Computation<T> = Generator<Call & { readonly library: Library }, T, void>;

/** Runs a computation here; the event loop stands still meanwhile. */
export function now<T>(computation: Computation<T>): T {
  for (;;) {
    const { done, value } = computation.next();
    if (done === true) return value;
    value.library.call(value);
  }
}

/** From this much arithmetic on, some milliseconds, a call has a thread of its own. */
const longWork = 1e7;

/** Runs a computation with its long calls in threads of their own, so that an interrupt is heard. */
export async function later<T>(computation: Computation<T>): Promise<T> {
  for (;;) {
    const { done, value } = computation.next();
    if (done === true) return value;
    if (value.work < longWork) value.library.call(value);
    else await value.library.callLater(value);
  }
}
