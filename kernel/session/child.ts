import { announceRank } from "../parallel/rank";
import { InterruptCounts, startAlarm } from "./interrupts";
import { Outlet } from "./outlet";
import { serve } from "./serve";
import { Turns } from "./turns";

/** The process that runs the cells of a notebook, or of a rank. */
const [secret, role] = process.argv.splice(2);
const turns = new Turns();
const outlet = new Outlet(secret, turns);
const interrupts = new InterruptCounts();

/** After what the cells want to do at exit. */
function exitWithChildren(): void {
  process.on("exit", () => process.kill(0, "SIGKILL"));
  process.exit();
}

process.on("message", serve({ turns, interrupts, outlet }));
process.on("disconnect", exitWithChildren);
startAlarm(interrupts);
if (role === "rank") announceRank(outlet);
