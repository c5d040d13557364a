import { constants } from "node:os";

/** What has become of a process, from what its parent is told. */
export function endOf(code: number | null, signal: string | null): string {
  if (signal === null) return `ended itself with exit status ${code ?? 0}`;
  return `was ended by ${signal}${hintOf(signal)}`;
}

/** The same from what a shell has as the status: signals are numbers above 128 there. */
export function endOfStatus(status: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => status === 128 + number)?.[0];
  return signal === undefined ? endOf(status, null) : endOf(null, signal);
}

function hintOf(signal: string): string {
  if (signal === "SIGKILL") return " (by hand, or for want of memory)";
  return signal === "SIGABRT" ? " (for want of memory, or by a fault in native code)" : "";
}
