import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { checkFlag } from "./checks";
import { checkOptions, describe, refuse } from "./errors";
import { currentFrontend } from "./frontend";

export interface InputOptions {
  /** Whether what is typed stays hidden. */
  readonly password?: boolean;
}

/** Asks who runs the cell for a line of text; in plain Node, who sits at the terminal. */
export function input(prompt = "", options: InputOptions = {}): Promise<string> {
  checkOptions("input", options, ["password"]);
  const password = checkFlag("input", "password", options.password);
  if (typeof prompt !== "string") refuse("input", `prompt must be a string, got ${describe(prompt)}`);
  return currentFrontend()?.input(prompt, password) ?? askTerminal(prompt, password);
}

async function askTerminal(prompt: string, password: boolean): Promise<string> {
  if (password) process.stdout.write(prompt);
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = password ? silence : process.stdout;
  const terminal = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
  try {
    return await terminal.question(password ? "" : prompt);
  } finally {
    terminal.close();
  }
}
