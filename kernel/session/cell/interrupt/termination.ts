import { Session } from "node:inspector";
import { join, sep } from "node:path";
import type { InterruptCounts } from "./interruptCounts";
import { kernelFolder, libraryFolder } from "../../../folders";
import { isLoadingWhole } from "../modules/whole";
import { continuationNotes } from "./unwinding";

const name = "saddle.terminate";

/** What the main thread, wherever it is, is made to evaluate by the alarm. */
export function terminationExpression(isForced: boolean): string {
  return `globalThis[Symbol.for("${name}")]?.(${isForced})`;
}

const ours = [kernelFolder, join(libraryFolder, "gpu")].map((folder) => folder + sep);

/** Whether what is terminated there is left half done, or, in Dawn, aborts the process. */
function isDelicate(file: string): boolean {
  const isOurs = ours.some((folder) => file.startsWith(folder));
  return isOurs || file.startsWith("node:") || /[\\/]node_modules[\\/]webgpu[\\/]/.test(file);
}

/**
 * Lets the alarm terminate what the main thread executes. It is the main thread that decides whether to, at the
 * moment when the termination would strike: asked from outside, it may have gone on to what must not be terminated.
 * Returns what is to be called when the interrupt is heard.
 */
export function allowTermination(counts: InterruptCounts): () => void {
  const notes = continuationNotes();
  let inspector: Session | undefined;
  const terminate = (isForced: boolean) => {
    const place = placeBelow(terminate);
    // With nothing below, the event loop runs, and is about to hear of the interrupt.
    if (!counts.pending || place === undefined) return;
    if ((isDelicate(place) || isLoadingWhole()) && !isForced) return;
    notes?.tearUp();
    if (inspector === undefined) {
      inspector = new Session();
      inspector.connect();
    }
    inspector.post("Runtime.terminateExecution");
  };
  Object.defineProperty(globalThis, Symbol.for(name), { value: terminate });
  return () => {
    if (inspector === undefined) return;
    inspector.disconnect();
    inspector = undefined;
    notes?.takeAgain();
  };
}

/** The file of what was being executed when the alarm made this thread call `above`; nothing if nothing was. */
function placeBelow(above: (isForced: boolean) => void): string | undefined {
  const { stackTraceLimit } = Error;
  const prepareStackTrace: unknown = Reflect.get(Error, "prepareStackTrace");
  const trace: { stack?: NodeJS.CallSite[] } = {};
  try {
    Error.stackTraceLimit = 2;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(trace, above);
    // The first is the alarm's expression.
    const site = trace.stack?.[1];
    return site && (site.getFileName() ?? "");
  } finally {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  }
}
