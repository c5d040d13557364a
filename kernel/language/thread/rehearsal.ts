import type { Compiler } from "./compile/compiler";

type Rehearsed = Pick<Compiler, "complete" | "inspect">;

/** For how long nobody must have asked for anything, in milliseconds. */
const patience = 100;
/** V8 compiles what has run so often that it is likely to run again. */
const rounds = 25;
/** Where the language and Node declare what is used most: their doc comments are read when they are first asked for. */
const inspected = [
  "Math.abs",
  "[].map",
  "new Map",
  "Promise.all",
  "console.log",
  "process.env",
  "Buffer.from",
  "fetch",
];

/**
 * What is asked for while a cell is being written, asked beforehand when there is nothing else to do: the first
 * completion takes five times as long as one that has been asked often.
 */
export class Rehearsal {
  private readonly steps: Generator<void>;
  private timer: NodeJS.Timeout | undefined;

  constructor(compiler: Rehearsed) {
    this.steps = stepsOf(compiler);
  }

  /** Goes on when nobody has asked for anything for a while. */
  postpone(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.step(), patience);
  }

  private step(): void {
    if (this.steps.next().done === true) this.timer = undefined;
    else this.timer = setTimeout(() => this.step());
  }
}

function* stepsOf(compiler: Rehearsed): Generator<void> {
  for (let round = 0; round < rounds; round++) {
    const code = `const rehearsed${round} = Math.a`;
    compiler.complete(code, code.length);
    yield;
  }
  for (const code of inspected) {
    compiler.inspect(code, code.length);
    yield;
  }
}
