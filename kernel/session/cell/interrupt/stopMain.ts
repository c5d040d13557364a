import { Session } from "node:inspector";
import type { InterruptCounts } from "./interruptCounts";
import { verdictExpression } from "./termination";
import type { Insistence, Verdict } from "./termination";

/** How often it is looked whether the interrupt has been heard, and how long a step may take, in milliseconds. */
const [period, stepPatience] = [20, 50];
/** After how many milliseconds, and pauses of the main thread, what is not the user's own is terminated, too. */
const insistences: readonly { readonly after: number; readonly pauses: number; readonly on: Insistence }[] = [
  { after: 1000, pauses: 20, on: "anything" },
  { after: 200, pauses: 4, on: "library" },
];

const pausesBeforeSeeking = 4;

/** How many are being stopped: the debugger of cells is not told of what pauses for that. */
const stopping = { count: 0 };

/** Whether the cells are debugged. */
export const debuggers = { areAttached: false };

/**
 * The V8 of Node 22 executes an empty loop, once it has stepped into it, without a look at what it is asked for, until
 * it is not debugged any longer.
 */
function mayStep(): boolean {
  return !(debuggers.areAttached && process.versions.v8.startsWith("12."));
}

export function isStopping(): boolean {
  return stopping.count > 0;
}

/**
 * Terminates what the main thread executes until it gets to its event loop and hears of the interrupt. It is paused, and
 * stepped to a statement at which to end does no harm. Told to end wherever it is, it goes on to the next call before it
 * does, and may be left in the middle of what must not be half done.
 * @param onBlocked is called while the main thread is in native code and cannot be paused
 */
export function stopMain(counts: InterruptCounts, onBlocked: () => void): void {
  new Stop(counts, onBlocked).begin();
}

class Stop {
  private readonly inspector = new Session();
  private readonly counts: InterruptCounts;
  private readonly onBlocked: () => void;
  private readonly begun = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private pauses = 0;
  /** A pause has been asked for that the main thread has not got to. */
  private isAsked = false;
  /** What it was made to do last, when it was paused. */
  private step: "into" | "out" | "seek" | undefined;
  /** It has not come to the end of a step into a statement, so that it executes none. */
  private isStuck = false;

  constructor(counts: InterruptCounts, onBlocked: () => void) {
    this.counts = counts;
    this.onBlocked = onBlocked;
  }

  /** What loads takes many times as long while it is debugged, and is not ended anyway. */
  begin(): void {
    if (!this.counts.pending) return;
    if (this.counts.isLoadingWhole) setTimeout(() => this.begin(), period);
    else this.connect();
  }

  private connect(): void {
    stopping.count++;
    this.inspector.connectToMainThread();
    this.inspector.on("Debugger.paused", () => this.paused());
    this.inspector.post("Debugger.enable");
    this.look();
  }

  private look(): void {
    if (!this.counts.pending) {
      this.end();
      return;
    }
    if (this.counts.isLoadingWhole) {
      this.end();
      stopMain(this.counts, this.onBlocked);
      return;
    }
    if (this.isAsked) {
      this.onBlocked();
    } else {
      this.isAsked = true;
      this.inspector.post("Debugger.pause", () => (this.isAsked = false));
    }
    this.lookIn(period);
  }

  private lookIn(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isStuck = this.step === "into";
      this.step = undefined;
      this.look();
    }, milliseconds);
  }

  private paused(): void {
    clearTimeout(this.timer);
    this.pauses++;
    const isAtStatement = this.step !== undefined;
    const expression = verdictExpression(isAtStatement || this.isStuck || !mayStep(), this.insistence());
    this.step = undefined;
    this.inspector.post("Runtime.evaluate", { expression, returnByValue: true }, (_, answer) => {
      const { result } = (answer ?? {}) as { result?: { value?: Verdict } };
      this.obey(result?.value ?? "leave");
    });
  }

  private obey(verdict: Verdict): void {
    // More often than not the next pause finds the user's code, for less than a hundred steps.
    const isEarly = verdict === "seek" && this.pauses < pausesBeforeSeeking;
    if (verdict === "leave" || isEarly) this.goOn();
    else if (verdict === "terminate") this.terminate();
    else this.take(verdict);
  }

  private goOn(): void {
    this.isStuck = false;
    this.inspector.post("Debugger.resume");
    this.lookIn(period);
  }

  private take(step: "into" | "out" | "seek"): void {
    this.step = step;
    const method = step === "out" ? "Debugger.stepOut" : "Debugger.stepInto";
    // From when it begins: on a busy machine the main thread may be late to hear of it.
    this.inspector.post(method, () => {
      this.lookIn(stepPatience);
    });
  }

  private terminate(): void {
    this.inspector.post("Runtime.terminateExecution");
    // By itself the main thread goes on when nobody debugs it any longer.
    if (debuggers.areAttached) this.inspector.post("Debugger.resume");
    this.end();
    // What is terminated may have gone on in another promise's continuation.
    setTimeout(() => {
      if (this.counts.pending) stopMain(this.counts, this.onBlocked);
    }, stepPatience);
  }

  private insistence(): Insistence {
    const past = performance.now() - this.begun;
    return insistences.find(({ after, pauses }) => past >= after && this.pauses >= pauses)?.on ?? "user";
  }

  private end(): void {
    clearTimeout(this.timer);
    this.inspector.post("Debugger.disable");
    this.inspector.disconnect();
    stopping.count--;
  }
}
