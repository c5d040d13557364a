import type { FromCell } from "../../contract/cellMessages";
import { InterruptCounts, startAlarm } from "./interrupt/interruptCounts";
import { Outlet } from "./output/outlet";
import { Turns } from "./interrupt/turns";

export interface Child<Message> {
  readonly turns: Turns;
  readonly outlet: Outlet<Message>;
  readonly interrupts: InterruptCounts;
}

/** What ties this process to the one that has forked it: it can be interrupted from there, speaks to it, and ends with it. */
export function childOfHost<Message = FromCell>(): Child<Message> {
  const [secret] = process.argv.splice(2);
  const turns = new Turns();
  const outlet = new Outlet<Message>(secret, turns);
  const interrupts = new InterruptCounts();
  process.on("disconnect", exitWithChildren);
  startAlarm(interrupts);
  return { turns, outlet, interrupts };
}

/** After what the cells want to do at exit. */
function exitWithChildren(): void {
  process.on("exit", () => process.kill(0, "SIGKILL"));
  process.exit();
}
