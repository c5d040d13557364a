import { existsSync, readFileSync } from "node:fs";

/** Cells that never end, each of which has said "running" before; what is called later says "deep" when it is. */
export const endless: Readonly<Record<string, string>> = {
  "a loop": "while (true) {}",
  "a loop after an await": "await null; while (true) {}",
  "a loop that awaits": "for (;;) await null;",
  "a loop in a timer":
    "await new Promise(() => setTimeout(() => { console.log('deep'); while (true) {} }, 1));",
  "a loop in a promise's chain": "await Promise.resolve().then(() => { while (true) {} });",
  "a loop in a callback of Node": `await new Promise(() => require("fs").readFile("/", () => { console.log("deep"); while (true) {} }));`,
  "an await that never settles": "await new Promise(() => undefined);",
  "a regular expression that takes for ever": `/^(a+)+$/.test("a".repeat(40) + "b");`,
  "a child process that is waited for": `require("child_process").execSync("sleep 60");`,
  "a computation of many dispatches": `const { random } = require("saddle") as typeof import("saddle");
let t = random.normal(random.key(1), [64, 64]);
for (;;) { t = t.matmul(t).tanh(); await t.sum().item(); }`,
  "a loop that catches everything": "for (;;) { try { for (;;); } catch {} }",
};

/** A process that has ended may still wait for a parent to take note. */
export function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
}
