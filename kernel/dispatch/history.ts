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

/** How many inputs that cannot be written to a file are kept, the latest of them. */
const mostUnwritten = 1000;

/**
 * The inputs of this session and of those before it, a line of JSON each, read when they are asked for; without a file,
 * the latest of this session alone.
 */
export class History {
  private readonly file: string | undefined;
  private readonly unwritten: Entry[] = [];
  private session: number | undefined;

  constructor(file: string | undefined) {
    this.file = file;
  }

  add(line: number, input: string): void {
    this.session ??= this.begin();
    const entry = { session: this.session, line, input };
    if (this.isWritten(`${JSON.stringify(entry)}\n`)) return;
    this.unwritten.push(entry);
    if (this.unwritten.length > mostUnwritten) this.unwritten.shift();
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
      const { session: current = sessionAfter(entries) } = this;
      const session = request.session > 0 ? request.session : current + request.session;
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

  /** The number of this session. What is added must not lengthen a line that another has left unfinished. */
  private begin(): number {
    const text = this.text();
    if (text !== "" && !text.endsWith("\n")) this.isWritten("\n");
    return sessionAfter(entriesOf(text));
  }

  private all(): Entry[] {
    return [...entriesOf(this.text()), ...this.unwritten];
  }

  private text(): string {
    if (this.file === undefined) return "";
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      return readFileSync(this.file, "utf8");
    } catch {
      return "";
    }
  }

  private isWritten(text: string): boolean {
    if (this.file === undefined) return false;
    try {
      appendFileSync(this.file, text);
      return true;
    } catch {
      // A folder that cannot be written to must not keep a cell from running.
      return false;
    }
  }
}

function sessionAfter(entries: readonly Entry[]): number {
  return (entries.at(-1)?.session ?? 0) + 1;
}

function entriesOf(text: string): Entry[] {
  return text.split("\n").flatMap(entryOf);
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
