import { unwindingFlags } from "../cell/interrupt/unwinding";

/** What a process that runs cells must be started with. */
export const processFlags = [
  "--disable-warning=ExperimentalWarning",
  ...unwindingFlags,
  // Lets a compiled function say how text that it evaluates is to import (see evaluate.ts).
  "--experimental-vm-modules",
];
