import { setImmediate as nextTurn } from "node:timers/promises";

const longestHold = 30; // ms
let lastTurn = performance.now();

/** Lets the event loop turn if it has not for a while, so that an interrupt is heard and progress shown. */
export async function breathe(): Promise<void> {
  if (performance.now() - lastTurn < longestHold) return;
  await nextTurn();
  lastTurn = performance.now();
}
