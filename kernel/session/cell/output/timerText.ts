import { inspect } from "node:util";

/** What is known of a timer, which Node does not declare. */
interface Timer {
  readonly _idleTimeout?: number;
  readonly _repeat?: number | null;
  readonly _destroyed?: boolean;
}

/**
 * Has a timer show itself in a line, by when it runs, as in `Timeout (once, after 100 ms)`: a cell often ends with the
 * call that sets it, and Node would show how it keeps its timers.
 */
export function showTimersShortly(): void {
  const timeout = setTimeout(() => undefined);
  const immediate = setImmediate(() => undefined);
  clearTimeout(timeout);
  clearImmediate(immediate);
  define(timeout, ({ _idleTimeout: after, _repeat: repeat, _destroyed: isOver }) => {
    if (isOver === true || after === undefined || after < 0) return "Timeout (over)";
    return typeof repeat === "number" ? `Timeout (every ${repeat} ms)` : `Timeout (once, after ${after} ms)`;
  });
  define(immediate, ({ _destroyed: isOver }) => (isOver === true ? "Immediate (over)" : "Immediate"));
}

function define(timer: object, textOf: (timer: Timer) => string): void {
  Object.defineProperty(Object.getPrototypeOf(timer), inspect.custom, {
    value(this: Timer) {
      return textOf(this);
    },
    configurable: true,
  });
}
