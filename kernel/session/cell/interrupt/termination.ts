import { createRequire } from "node:module";
import { join, sep } from "node:path";
import type { InterruptCounts } from "./interruptCounts";
import { kernelFolder, libraryFolder } from "../../../folders";
import type { Turns } from "./turns";
import { continuationNotes } from "./unwinding";
import type { Trace } from "./waits";

const name = "saddle.verdict";

/** Whose code may be terminated: the user's, the library's too, or whatever runs. */
export type Insistence = "user" | "library" | "anything";

/**
 * What is to become of the main thread, which is paused: it ends there, takes a step into or out of what it is at, is
 * stepped until it comes to the user's code, or goes on.
 */
export type Verdict = "terminate" | "into" | "out" | "seek" | "leave";

/**
 * What the main thread is made to evaluate where it is paused.
 * @param isAtStatement whether it would end right there, and not in what it calls next
 */
export function verdictExpression(isAtStatement: boolean, insistence: Insistence): string {
  // Tracebacks leave out what is Node's own.
  return `globalThis[Symbol.for("${name}")]?.(${isAtStatement}, "${insistence}")\n//# sourceURL=node:${name}`;
}

const mostFrames = 100;
const outlet = join(kernelFolder, "session", "cell", "output", "outlet.js");
const [kernel, library, gpu] = [kernelFolder, libraryFolder, join(libraryFolder, "gpu")].map(
  (folder) => folder + sep,
);

/** What must be insisted on for code to be terminated that would be left half done, or, in Dawn, abort the process. */
function ownerOf(file: string): Insistence {
  if (file.startsWith(kernel) || file.startsWith("node:") || file.startsWith(gpu)) return "anything";
  if (/[\\/]node_modules[\\/]webgpu[\\/]/.test(file)) return "anything";
  return file.startsWith(library) ? "library" : "user";
}

const ranks: readonly Insistence[] = ["user", "library", "anything"];

/** What is to become of code from what is on the stack, the innermost first. */
export function verdictOn(files: readonly string[], isAtStatement: boolean, insistence: Insistence): Verdict {
  // With nothing of a file's, the event loop runs, and is about to hear of the interrupt.
  if (files.length === 0) return "leave";
  // Half a message would be the last that is understood.
  if (files.includes(outlet)) return "out";
  const owners = files.map(ownerOf);
  if (owners[0] === "user") return isAtStatement || insistence === "anything" ? "terminate" : "into";
  if (ranks.indexOf(owners[0]) <= ranks.indexOf(insistence)) return "terminate";
  return owners.includes("user") ? "out" : "seek";
}

/**
 * Lets another thread terminate what the main one executes. It is the main thread that decides whether to, at the
 * moment when the termination would strike: asked from outside, it may have gone on to what must not be terminated.
 * Returns what is to be called when the interrupt is heard.
 */
export function allowTermination(counts: InterruptCounts, turns: Turns): () => void {
  const notes = continuationNotes();
  let isTerminated = false;
  const verdict = (isAtStatement: boolean, insistence: Insistence): Verdict => {
    if (!counts.pending) return "leave";
    const { files, place } = stackBelow(verdict);
    const said = verdictOn(files, isAtStatement, counts.isLoadingWhole ? "user" : insistence);
    if (said !== "terminate") return said;
    turns.strike(place);
    notes?.tearUp();
    isTerminated = true;
    return said;
  };
  Object.defineProperty(globalThis, Symbol.for(name), { value: verdict });
  return () => {
    if (!isTerminated) return;
    isTerminated = false;
    notes?.takeAgain();
    forgetUnfinishedModules();
  };
}

/** The files of what is being executed, and where it stands, as seen from what the debugger has called. */
function stackBelow(above: (...args: never[]) => unknown): { files: string[]; place: Trace } {
  const { stackTraceLimit } = Error;
  const prepareStackTrace: unknown = Reflect.get(Error, "prepareStackTrace");
  const [trace, place]: [{ stack?: NodeJS.CallSite[] }, Trace] = [{}, {}];
  try {
    Error.stackTraceLimit = mostFrames;
    Error.captureStackTrace(place, above);
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(trace, above);
    // The first is the debugger's expression. Builtin functions have no file.
    const sites = trace.stack?.slice(1).filter((site) => !isAsync(site)) ?? [];
    return { files: sites.map((site) => site.getFileName() ?? "").filter((file) => file !== ""), place };
  } finally {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  }
}

/** Whether it is not executed but awaits what is. */
function isAsync(site: NodeJS.CallSite): boolean {
  return (site as NodeJS.CallSite & { isAsync(): boolean }).isAsync();
}

/** What was being loaded is loaded anew when it is asked for, instead of being taken for complete. */
function forgetUnfinishedModules(): void {
  const { cache } = createRequire(__filename);
  for (const [file, module] of Object.entries(cache)) {
    if (module?.loaded === false) Reflect.deleteProperty(cache, file);
  }
}
