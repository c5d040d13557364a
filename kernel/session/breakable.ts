import { Script } from "node:vm";
import { Interrupted } from "./turns";

let pending: () => unknown = () => undefined;

const doorway = Symbol.for("saddle.breakable");
Object.defineProperty(globalThis, doorway, { value: () => pending() });
const script = new Script(`globalThis[Symbol.for("saddle.breakable")]()`);

/** Runs `work` so that SIGINT ends it wherever it is, in an endless loop as well. */
export function breakable<T>(work: () => T): T {
  const outer = pending;
  pending = work;
  try {
    return script.runInThisContext({ breakOnSigint: true }) as T;
  } catch (error) {
    const interrupted = (error as { code?: string } | undefined)?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
    throw interrupted ? new Interrupted() : error;
  } finally {
    pending = outer;
  }
}
