import { join } from "node:path";
import { inspect } from "node:util";
import type { CompiledCell, Failure } from "../messages";
import { CellMap } from "./cellmap";
import type { Position } from "./cellmap";

const kernelFolder = join(__dirname, "..");
const libraryFolder = join(__dirname, "..", "..", "lib");

/** What has failed elsewhere, and is told as it was told there. */
export class ReportedFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = failure.name;
    this.failure = failure;
  }
}

/** Where frames of compiled cells come from, and how errors read in terms of the cells. */
export class Tracebacks {
  private readonly maps = new Map<string, CellMap>();
  /** The cells whose code is in files of other names. */
  private readonly cells = new Map<string, string>();

  constructor() {
    Error.prepareStackTrace = (error, frames) =>
      [headlineOf(error), ...this.ofUsers(frames).map((frame) => `    at ${this.inCells(frame)}`)].join("\n");
  }

  /** Leaves out what has called the cells. */
  private ofUsers(frames: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] {
    let end = frames.length;
    while (end > 0 && !this.maps.has(frames[end - 1].getFileName() ?? "")) end--;
    return end === 0 ? frames : frames.slice(0, end);
  }

  add({ name, file = name, maps }: CompiledCell): void {
    this.cells.set(file, name);
    this.maps.set(file, new CellMap(maps));
  }

  failureOf(error: unknown): Failure {
    if (!(error instanceof Error)) {
      const message = shown(error);
      return { name: "Thrown", message, traceback: [`Thrown: ${message}`] };
    }
    const [name, message] = [textOf(error, "name"), textOf(error, "message")];
    return { name, message, traceback: linesOf(error), place: this.placeOf(framesOf(error)) };
  }

  private inCells(frame: NodeJS.CallSite): string {
    const text = (frame as { toString(): string }).toString();
    const file = frame.getFileName() ?? "";
    const [line, column] = [frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 0];
    const place: Position | undefined = this.maps.get(file)?.toCell({ line: line - 1, column: column - 1 });
    if (place === undefined) return text;
    return text
      .replace(
        `${file}:${line}:${column}`,
        `${this.cells.get(file) ?? file}:${place.line + 1}:${place.column + 1}`,
      )
      .replace(/^(async )?Proxy\./, "$1");
  }

  private placeOf(frames: readonly string[]): Failure["place"] {
    for (const frame of frames) {
      const [, cell, line, column] = /(\w+\[\d+\]):(\d+):(\d+)\)?$/.exec(frame) ?? [];
      if (cell !== undefined && [...this.cells.values()].includes(cell))
        return { cell, line: Number(line) - 1, column: Number(column) - 1 };
    }
    return undefined;
  }
}

/** What `inspect` makes of a value, whose own ways to show itself may fail. */
export function shown(value: unknown): string {
  try {
    return inspect(value);
  } catch {
    return inspect(value, { customInspect: false, getters: false });
  }
}

/** The headline, the frames, and what is behind the error; `told` are those that it is behind. */
function linesOf(error: Error, told: readonly Error[] = []): string[] {
  const [name, message] = [textOf(error, "name"), textOf(error, "message")];
  const headline = name === "Error" || message !== "" ? `${name}: ${message}` : name;
  const parts = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const { cause } = error;
  const sofar = [...told, error];
  return [
    headline,
    ...folded(framesOf(error)),
    ...parts.flatMap((part) => behind("One of them", part, sofar)),
    ...(cause === undefined ? [] : behind("Caused by", cause, sofar)),
  ];
}

function behind(relation: string, error: unknown, told: readonly Error[]): string[] {
  if (!(error instanceof Error)) return [`${relation}: ${shown(error)}`];
  if (told.includes(error)) return [`${relation}: ${textOf(error, "name")} again`];
  const [headline, ...frames] = linesOf(error, told);
  return [`${relation}: ${headline}`, ...frames];
}

function framesOf(error: Error): string[] {
  return textOf(error, "stack")
    .split("\n")
    .filter((line) => line.startsWith("    at "));
}

/** A property that should be a text, and may be anything. */
function textOf(error: Error, property: "name" | "message" | "stack"): string {
  try {
    const value: unknown = error[property];
    return typeof value === "string" ? value : value === undefined ? "" : shown(value);
  } catch {
    return "";
  }
}

/** As V8 writes it, whatever the class makes of `toString`; also of what has a name and a message only. */
function headlineOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

/** Leaves the kernel's own frames out, and of the library's a count. */
function folded(frames: readonly string[]): string[] {
  const kept: string[] = [];
  let hidden = 0;
  const note = () => {
    if (hidden > 0) kept.push(`    … ${hidden} ${hidden === 1 ? "frame" : "frames"} in saddle`);
    hidden = 0;
  };
  for (const frame of frames) {
    if (frame.includes(kernelFolder) || /\(?(node:|evalmachine)/.test(frame)) continue;
    if (frame.includes(libraryFolder)) {
      hidden++;
      continue;
    }
    note();
    kept.push(frame);
  }
  note();
  return kept;
}
