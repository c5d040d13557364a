import { Parallel } from "../parallel/parallel";
import { Rank } from "../parallel/rank";
import type { CommEvent } from "../messages";
import { SessionComms } from "./comms";
import { Evaluator } from "./evaluate";
import { Everyday } from "./everyday";
import type { InterruptCounts } from "./interrupts";
import { library } from "./library";
import type { Output } from "./outlet";
import type { Command } from "./protocol";
import { Screen } from "./screen";
import { captureStdio } from "./stdio";
import { allowTermination } from "./termination";
import { guardTimers } from "./timers";
import { shown } from "./traceback";
import { Interrupted } from "./turns";
import type { Turns } from "./turns";
import { UserMagics } from "./usermagics";
import { createWidgets } from "./widgets";

export interface ServeParts {
  readonly turns: Turns;
  readonly outlet: Output;
  readonly interrupts: InterruptCounts;
}

/** Makes this process one that runs cells, and gives what is to be called with the commands. */
export function serve({ turns, outlet, interrupts }: ServeParts): (command: Command) => void {
  captureStdio(outlet);
  guardTimers(turns);
  const endTermination = allowTermination(interrupts);

  const screen = new Screen(outlet);
  const comms = new SessionComms(turns, (event) => outlet.report(event));
  const evaluator = new Evaluator({
    turns,
    shown: () => screen.shown(),
    isInterrupted: () => interrupts.pending,
  });
  const parallel = new Parallel({ turns, namespace: evaluator.namespace, outlet });
  const rank = new Rank({ evaluator, outlet });
  const magics = new UserMagics((magic) => outlet.report({ type: "magic", magic }));
  const everyday = new Everyday(evaluator.namespace, turns, () => {
    parallel.reset();
    outlet.report({ type: "forget" });
  });

  const interrupt = () => {
    interrupts.handleAll();
    endTermination();
    outlet.report({ type: "interrupted" });
    screen.forgetQuestions();
    parallel.interrupt();
    turns.interrupt();
  };

  const defineGlobals = () => {
    const runtime = Object.defineProperties(everyday, {
      values: { get: () => evaluator.namespace.values },
      cells: { get: () => evaluator.cells() },
      turn: { get: () => turns.current },
      resume: { value: turns.resume.bind(turns) },
      each: { value: turns.each.bind(turns) },
      magic: { value: magics.run.bind(magics) },
      load: { value: evaluator.modules.load.bind(evaluator.modules) },
      onRanks: { value: parallel.onRanks.bind(parallel) },
    });
    Object.defineProperty(globalThis, "__saddle", { value: runtime });
    const globals = {
      ...screen.globals,
      ...{ comms: comms.globals, widgets: createWidgets(comms.globals), magics },
    };
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  };

  const run = async ({ cell, origin }: Extract<Command, { type: "run" }>) => {
    parallel.prepare(cell, origin);
    const outcome = await evaluator.run(cell, origin);
    await everyday.cellDone().catch(sayUncaught);
    outlet.report({ type: "done", cell: cell.name, outcome });
  };

  const receive = async (event: CommEvent, id: number) => {
    await comms.receive(event).catch(sayUncaught);
    outlet.report({ type: "handled", id });
  };

  defineGlobals();
  process.on("SIGINT", interrupt);
  process.on("uncaughtException", sayUncaught);
  process.on("unhandledRejection", sayUncaught);
  return (command) => {
    if (command.type === "run") void run(command);
    else if (command.type === "prepare") library();
    else if (command.type === "answer") screen.answer(command.text);
    else if (command.type === "comm") void receive(command.event, command.id);
    else rank.obey(command);
  };
}

/** What fails in the background, after its cell is done perhaps, is said and does not end the process. */
function sayUncaught(error: unknown): void {
  if (error instanceof Interrupted) return;
  process.stderr.write(`Uncaught ${shown(error)}\n`);
}
