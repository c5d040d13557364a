import type { CommEvent } from "../messages";
import { SessionComms } from "./comms";
import { Evaluator } from "./evaluate";
import { Everyday } from "./everyday";
import { InterruptCounts, startAlarm } from "./interrupts";
import { Outlet } from "./outlet";
import type { Command } from "./protocol";
import { Screen } from "./screen";
import { captureStdio } from "./stdio";
import { guardTimers } from "./timers";
import { Interrupted, Turns } from "./turns";
import { UserMagics } from "./usermagics";
import { createWidgets } from "./widgets";

/** The process that runs the cells. */
const [secret] = process.argv.splice(2);
const turns = new Turns();
const outlet = new Outlet(secret, turns);
const interrupts = new InterruptCounts();

function interrupt(): void {
  interrupts.handleAll();
  outlet.report({ type: "interrupted" });
  screen.forgetQuestions();
  turns.interrupt();
}

process.on("SIGINT", interrupt);
captureStdio(outlet);
guardTimers(turns);

const screen = new Screen(outlet);
const comms = new SessionComms(turns, (event) => outlet.report(event));
const evaluator = new Evaluator({
  turns,
  shown: () => screen.shown(),
  isInterrupted: () => interrupts.pending,
});
const magics = new UserMagics((magic) => outlet.report({ type: "magic", magic }));
const everyday = new Everyday(evaluator.namespace, turns, () => outlet.report({ type: "forget" }));

function defineGlobals(): void {
  const runtime = Object.create(everyday, {
    values: { get: () => evaluator.namespace.values },
    turn: { get: () => turns.current },
    resume: { value: turns.resume.bind(turns) },
    each: { value: turns.each.bind(turns) },
    magic: { value: magics.run.bind(magics) },
    load: { value: evaluator.modules.load.bind(evaluator.modules) },
  }) as object;
  Object.defineProperty(globalThis, "__saddle", { value: runtime });
  const globals = { ...screen.globals, comms: comms.globals, widgets: createWidgets(comms.globals), magics };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

async function run(cell: Extract<Command, { type: "run" }>["cell"]): Promise<void> {
  const outcome = await evaluator.run(cell);
  everyday.cellDone();
  outlet.report({ type: "done", cell: cell.name, outcome });
}

async function receive(event: CommEvent, id: number): Promise<void> {
  await comms.receive(event).catch(sayUncaught);
  outlet.report({ type: "handled", id });
}

function obey(command: Command): void {
  if (command.type === "run") void run(command.cell);
  else if (command.type === "answer") screen.answer(command.text);
  else void receive(command.event, command.id);
}

/** What fails in the background, after its cell is done perhaps, is said and does not end the process. */
function sayUncaught(error: unknown): void {
  if (error instanceof Interrupted) return;
  const text = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`Uncaught ${text}\n`);
}

/** After what the cells want to do at exit. */
function exitWithChildren(): void {
  process.on("exit", () => process.kill(0, "SIGKILL"));
  process.exit();
}

defineGlobals();
process.on("uncaughtException", sayUncaught);
process.on("unhandledRejection", sayUncaught);
process.on("message", obey);
process.on("disconnect", exitWithChildren);
startAlarm(interrupts);
