import type { CommEvent } from "../../contract/messages";
import { SessionComms } from "./api/cellComms";
import { Evaluator } from "./evaluate/evaluator";
import { Everyday } from "./api/everyday";
import type { InterruptCounts } from "./interrupt/interruptCounts";
import { library } from "./modules/library";
import type { Namespace } from "./evaluate/namespace";
import type { Output } from "./output/outlet";
import type { ToCell } from "../../contract/cellMessages";
import type { RanksOptions } from "../../contract/globals";
import { Screen } from "./output/screen";
import { createRuntime } from "./runtime";
import { captureStdio } from "./output/stdio";
import { showTimersShortly } from "./output/timerText";
import { allowTermination } from "./interrupt/termination";
import { guardTimers } from "./interrupt/timers";
import { shown } from "./output/traceback";
import { Interrupted } from "./interrupt/turns";
import type { Turns } from "./interrupt/turns";
import { UserMagics } from "./api/userMagics";
import { createWidgets } from "./api/widgets";

/** Where a cell with `%%parallel` runs. */
export interface CellRanks {
  /** Runs what the cell launches, and resolves with the values that it has there. */
  onRanks(options: RanksOptions): Promise<object | undefined>;
  interrupt(): void;
  /** Ends the ranks. */
  reset(): void;
}

export interface RanksParts {
  readonly turns: Turns;
  readonly namespace: Namespace;
  readonly outlet: Output;
}

export interface ServeParts {
  readonly turns: Turns;
  readonly outlet: Output;
  readonly interrupts: InterruptCounts;
  /** A rank has no ranks of its own. */
  readonly createRanks?: (parts: RanksParts) => CellRanks;
}

/** A process that runs cells. */
export interface CellServer {
  readonly evaluator: Evaluator;
  readonly obey: (message: ToCell) => void;
}

/** Makes this process one that runs cells. */
export function serve({ turns, outlet, interrupts, createRanks }: ServeParts): CellServer {
  captureStdio(outlet);
  showTimersShortly();
  guardTimers(turns);
  const endTermination = allowTermination(interrupts, turns);

  const screen = new Screen(outlet);
  const comms = new SessionComms(turns, (event) => outlet.send(event));
  const evaluator = new Evaluator({
    turns,
    shown: () => screen.shown(),
    isInterrupted: () => interrupts.pending,
  });
  const ranks = createRanks?.({ turns, namespace: evaluator.namespace, outlet });
  const magics = new UserMagics((magic) => outlet.send({ type: "magic", magic }));
  const everyday = new Everyday(evaluator.namespace, turns, () => {
    ranks?.reset();
    outlet.send({ type: "forget" });
  });
  const onRanks = async (options: RanksOptions) => {
    if (ranks === undefined) throw new Error("a rank cannot run cells on ranks of its own");
    return ranks.onRanks(options);
  };

  const interrupt = () => {
    interrupts.handleAll();
    endTermination();
    outlet.send({ type: "interrupted" });
    screen.forgetQuestions();
    ranks?.interrupt();
    turns.interrupt();
  };

  const run = async ({ cell, origin }: Extract<ToCell, { type: "run" }>) => {
    const outcome = await evaluator.run(cell, origin);
    await everyday.cellDone().catch(sayUncaught);
    outlet.send({ type: "done", cell: cell.name, outcome });
  };

  const receive = async (event: CommEvent, id: number) => {
    await comms.receive(event).catch(sayUncaught);
    outlet.send({ type: "handled", id });
  };

  const runtime = createRuntime({ everyday, evaluator, magics, turns, onRanks });
  Object.defineProperty(globalThis, "__saddle", { value: runtime });
  defineGlobals({
    ...screen.globals,
    ...{ comms: comms.globals, widgets: createWidgets(comms.globals), magics },
  });
  process.on("SIGINT", interrupt);
  process.on("uncaughtException", sayUncaught);
  process.on("unhandledRejection", sayUncaught);
  const obey = (message: ToCell) => {
    if (message.type === "run") void run(message);
    else if (message.type === "prepare") library();
    else if (message.type === "answer") screen.answer(message.text);
    else void receive(message.event, message.id);
  };
  return { evaluator, obey };
}

/** What every cell has without importing it; a cell may put something else in its place. */
function defineGlobals(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** What fails in the background, after its cell is done perhaps, is said and does not end the process. */
function sayUncaught(error: unknown): void {
  if (error instanceof Interrupted) return;
  process.stderr.write(`Uncaught ${shown(error)}\n`);
}
