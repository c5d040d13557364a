import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { failureOfDiagnostics } from "../dispatch/failures";
import { LanguageThread } from "../language/host/languageThread";
import type { Failure, RanksCell } from "../contract/messages";
import type { RanksOptions } from "../contract/globals";
import type { Output } from "../session/cell/output/outlet";
import { ReportedFailure } from "../session/cell/output/traceback";
import { RankGroup } from "../parallel/cell/group";
import { checkRanksOptions } from "../parallel/cell/options";
import { summaryOf } from "../parallel/cell/summary";

/** `saddle parallel`: runs a script on ranks, as a cell with `%%parallel` is run. Returns whether all went well. */
export async function runScript(file: string, given: RanksOptions): Promise<boolean> {
  const { timeout, ...options } = checkRanksOptions(given);
  const source = readFileSync(file, "utf8");
  // The script's own folder is where it finds files and modules.
  process.chdir(dirname(resolve(file)));
  const compiled = await compile(basename(file), source);
  if ("failure" in compiled) return tell(compiled.failure);
  const print = (stream: "stdout" | "stderr", text: string) => void process[stream].write(text);
  const group = new RankGroup(options, terminal, print, false);
  process.on("SIGINT", () => group.interrupt());
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // This process ends when its ranks have.
      process.exitCode = 128 + constants.signals[signal];
      group.close();
    });
  }
  try {
    await group.ready;
    const ends = await group.run(compiled.ranks, { values: {}, statements: [] }, timeout);
    process.stderr.write(summaryOf(ends));
    return true;
  } catch (error) {
    if (!(error instanceof ReportedFailure)) throw error;
    return tell(error.failure);
  } finally {
    group.close();
  }
}

async function compile(name: string, source: string): Promise<{ ranks: RanksCell } | { failure: Failure }> {
  const language = new LanguageThread();
  try {
    const { ranks, diagnostics } = await language.compileForRanks(name, { source, code: source }, []);
    if (ranks !== undefined) return { ranks };
    const spans = [{ source: 0, expanded: 0, length: source.length }];
    return { failure: failureOfDiagnostics(name, { source, code: source, spans }, diagnostics) };
  } finally {
    await language.close();
  }
}

/** What ranks show, where only text can be shown. */
const terminal: Output = {
  write: (stream, bytes) => void process[stream].write(bytes),
  send(message) {
    if (message.type === "display") process.stdout.write(`${String(message.data["text/plain"])}\n`);
  },
};

function tell({ traceback }: Failure): boolean {
  process.stderr.write(`${traceback.join("\n")}\n`);
  return false;
}
