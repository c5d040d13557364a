import { relative } from "node:path";
import { inspect } from "node:util";
import type { CellPosition, CompiledCell, Failure } from "../../../contract/messages";
import { CellMap } from "../../../contract/cellMap";
import type { Position } from "../../../contract/cellMap";
import { kernelFolder, libraryFolder } from "../../../folders";
import { Interrupted } from "../interrupt/turns";
import type { Trace } from "../interrupt/waits";
import type { LivingModule } from "../modules/localModules";

/** What V8 calls the object that the cells' variables are properties of, where it tells what was called on it. */
export const variablesName = "__saddleVariables";

/** What has failed elsewhere, and is told as it was told there. */
export class ReportedFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = failure.name;
    this.failure = failure;
  }
}

/** A cell of whose code there may be frames. */
export type LivingCell = Pick<CompiledCell, "name" | "source" | "maps">;

interface Known {
  /** What it is called in a traceback: a cell by its name, a module by its path from the notebook's folder. */
  readonly name: string;
  readonly source: string;
  readonly map: CellMap;
  readonly cell?: LivingCell;
}

/** Where frames of compiled cells come from, and how errors read in terms of the cells. */
export class Tracebacks {
  /** Cells and modules, by the names that V8 has for them. */
  private readonly known = new Map<string, Known>();
  private readonly folder: string;
  /** Where errors come from: the text may be gone when it is asked for. */
  private readonly places = new WeakMap<object, CellPosition>();
  private readonly ends = new FinalizationRegistry<{ file: string; known: Known }>(({ file, known }) => {
    // By then another cell may have a file of this name.
    if (this.known.get(file) === known) this.known.delete(file);
  });

  /** Modules are told by their paths from `folder`. */
  constructor(folder: string) {
    this.folder = folder;
    Error.prepareStackTrace = (error, frames) => {
      const ofUsers = this.ofUsers(frames);
      this.notePlace(error, ofUsers);
      return [headlineOf(error), ...ofUsers.map((frame) => `    at ${this.inCells(frame)}`)].join("\n");
    };
  }

  /** Leaves out what has called the cells. */
  private ofUsers(frames: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] {
    let end = frames.length;
    while (end > 0 && !this.known.has(frames[end - 1].getFileName() ?? "")) end--;
    return end === 0 ? frames : frames.slice(0, end);
  }

  /** Knows the cell for as long as `witness` lives, as it must while any of the cell's code does. */
  add({ name, file = name, source, maps }: CompiledCell, witness: object): void {
    this.keep(file, { name, source, map: new CellMap(maps), cell: { name, source, maps } }, witness);
  }

  addModule({ name, file, source, map, witness }: LivingModule): void {
    this.keep(name, { name: this.pathTo(file), source, map: new CellMap([map], 0) }, witness);
  }

  /** Says where in a module the text is wrong for which `error` stands: no code of it has run. */
  place(error: Error, file: string, source: string, { line, column }: Position): void {
    const name = this.pathTo(file);
    error.stack = `${headlineOf(error)}\n    at ${name}:${line + 1}:${column + 1}`;
    this.places.set(error, { cell: name, line, column, source });
  }

  living(): LivingCell[] {
    return [...this.known.values()].flatMap(({ cell }) => cell ?? []);
  }

  private keep(file: string, known: Known, witness: object): void {
    this.known.set(file, known);
    this.ends.register(witness, { file, known });
  }

  private pathTo(file: string): string {
    return relative(this.folder, file);
  }

  private notePlace(error: unknown, frames: readonly NodeJS.CallSite[]): void {
    if (typeof error !== "object" || error === null || this.places.has(error)) return;
    for (const frame of frames) {
      const found = this.placeOf(frame);
      if (found === undefined) continue;
      this.places.set(error, { cell: found.known.name, ...found.place, source: found.known.source });
      return;
    }
  }

  private placeOf(frame: NodeJS.CallSite): { known: Known; place: Position } | undefined {
    const known = this.known.get(frame.getFileName() ?? "");
    if (known === undefined) return undefined;
    const [line, column] = [frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 0];
    return { known, place: known.map.toCell({ line: line - 1, column: column - 1 }) };
  }

  failureOf(error: unknown): Failure {
    if (!(error instanceof Error)) {
      const message = shown(error);
      return { name: "Thrown", message, traceback: [`Thrown: ${message}`] };
    }
    const [name, message] = [textOf(error, "name"), textOf(error, "message")];
    // To read the stack is what notes the place.
    const traceback = linesOf(error);
    return { name, message, traceback, position: this.places.get(origin(error)) };
  }

  private inCells(frame: NodeJS.CallSite): string {
    const text = (frame as { toString(): string }).toString();
    const found = this.placeOf(frame);
    if (found === undefined) return text;
    const { known, place } = found;
    const raw = `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
    return text
      .replace(raw, `${known.name}:${place.line + 1}:${place.column + 1}`)
      .replace(`${variablesName}.`, "");
  }
}

/** Where an error was made. */
export function placeOf(error: unknown): Trace {
  return error instanceof Error ? { stack: textOf(error, "stack"), error } : {};
}

/** What V8 has made the stack of `error` for: of an interrupt, where the cell stood. */
function origin(error: Error): object {
  const place = error instanceof Interrupted ? error.place : undefined;
  return place?.error ?? place ?? error;
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

/** The builtin part of the kernel's own iteration has no file (see `Turns.eachAwaited`). */
const ofNode = /\(?(node:|evalmachine)| eachAwaited\.next \(<anonymous>\)$/;

/** Leaves the kernel's own frames out, and of the library's a count. */
function folded(frames: readonly string[]): string[] {
  const kept: string[] = [];
  let hidden = 0;
  const note = () => {
    if (hidden > 0) kept.push(`    … ${hidden} ${hidden === 1 ? "frame" : "frames"} in saddle`);
    hidden = 0;
  };
  for (const frame of frames) {
    if (frame.includes(kernelFolder) || ofNode.test(frame)) continue;
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
