import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isPlainObject } from "../../lib/util/trees";
import type * as KernelMessage from "@jupyterlab/services/lib/kernel/messages";

interface Entry {
  readonly session: number;
  readonly line: number;
  readonly input: string;
}

type HistoryRequest = KernelMessage.IHistoryRequestMsg["content"];
type HistoryItem = [number, number, string | [string, null]];

/** Where the inputs of all sessions are kept. */
export function historyFile(): string {
  const data = process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share");
  return join(data, "saddle", "history.jsonl");
}

/** The inputs of this session and of those before it, a line of JSON each; without a file, of this alone. */
export class History {
  private readonly file: string | undefined;
  private entries: Entry[] | undefined;
  private session = 1;

  constructor(file: string | undefined) {
    this.file = file;
  }

  add(line: number, input: string): void {
    const entries = this.all();
    const entry = { session: this.session, line, input };
    entries.push(entry);
    if (this.file === undefined) return;
    try {
      appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
    } catch {
      // A folder that cannot be written to must not keep a cell from running.
    }
  }

  find(request: HistoryRequest): HistoryItem[] {
    return this.select(request).map(({ session, line, input }) => [
      session,
      line,
      request.output ? [input, null] : input,
    ]);
  }

  private select(request: HistoryRequest): Entry[] {
    const entries = this.all();
    if (request.hist_access_type === "range") {
      const session = request.session > 0 ? request.session : this.session + request.session;
      const stop = request.stop ?? Infinity;
      return entries.filter(
        (entry) => entry.session === session && entry.line >= request.start && entry.line < stop,
      );
    }
    if (request.hist_access_type === "tail") return entries.slice(-request.n);
    const pattern = globToRegExp(request.pattern);
    const found = entries.filter(({ input }) => pattern.test(input));
    const distinct = request.unique
      ? [...new Map(found.map((entry) => [entry.input, entry])).values()]
      : found;
    return distinct.slice(-request.n);
  }

  private all(): Entry[] {
    if (this.entries === undefined) {
      this.entries = this.file === undefined ? [] : readEntries(this.file);
      this.session = (this.entries.at(-1)?.session ?? 0) + 1;
    }
    return this.entries;
  }
}

function readEntries(file: string): Entry[] {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return readFileSync(file, "utf8").split("\n").flatMap(entryOf);
  } catch {
    return [];
  }
}

/** Nothing for a line that a kernel which was ended while it wrote has left behind, or that was never an entry. */
function entryOf(line: string): Entry[] {
  try {
    const entry: unknown = JSON.parse(line);
    return isEntry(entry) ? [entry] : [];
  } catch {
    return [];
  }
}

function isEntry(x: unknown): x is Entry & Record<string, unknown> {
  if (!isPlainObject(x)) return false;
  const { session, line, input } = x;
  return Number.isSafeInteger(session) && Number.isSafeInteger(line) && typeof input === "string";
}

function globToRegExp(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
}
