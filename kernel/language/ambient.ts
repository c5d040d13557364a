import { join } from "node:path";

/** The declarations of what is a global of a cell and an export of the library, too. */
const library = join(__dirname, "..", "..", "lib", "util");
const typeOf = (file: string, name: string) =>
  `typeof import(${JSON.stringify(join(library, file))}).${name}`;

/** What every cell has without importing it, as the compiler is told. The session puts it in place. */
export const ambientDeclarations = `
declare const display: ${typeOf("display", "display")};
declare const clearOutput: ${typeOf("display", "clearOutput")};
declare const input: ${typeOf("input", "input")};

interface CommExtras {
  readonly metadata?: object;
  readonly buffers?: readonly Uint8Array[];
}

interface CommMessage extends CommExtras {
  readonly data: any;
}

/** One end of a channel between a cell and something in the front end, such as a widget. */
interface Comm {
  readonly id: string;
  onMessage: (message: CommMessage) => void;
  onClose: (message: CommMessage) => void;
  send(data: unknown, extras?: CommExtras): void;
  close(data?: unknown, extras?: CommExtras): void;
}

/** Jupyter's comms. */
declare const comms: {
  /** Lets the front end open comms to \`target\`; \`opened\` is called with each. */
  register(target: string, opened: (comm: Comm, message: CommMessage) => void): void;
  /** Opens a comm to a target of the front end. */
  open(target: string, data?: unknown, extras?: CommExtras): Comm;
};

/** What the expansions of magics call. */
declare const __saddle: {
  /** Reports the time that the cell takes, when it is done. */
  timeCell(): void;
  /** Runs \`work\` and reports the time it takes. */
  time<T>(work: () => T): Promise<Awaited<T>>;
  /** Runs \`work\` many times and returns the statistics of its time. */
  timeit(work: () => unknown, options: { readonly runs?: number; readonly loops?: number }): Promise<Timing>;
  /** The notebook's variables. */
  variables(): Variables;
  /** Forgets all variables. */
  reset(): void;
  /** A text in Markdown that shows itself. */
  markdown(text: string): unknown;
};

/** Statistics of a repeated measurement, in seconds a loop. */
interface Timing {
  readonly mean: number;
  readonly deviation: number;
  readonly best: number;
  readonly runs: number;
  readonly loops: number;
}

interface Variables extends ReadonlyArray<{ readonly name: string; readonly type: string; readonly value: string }> {}
`;
