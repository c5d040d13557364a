/** What every cell has without importing it, as the compiler is told. The session puts it in place. */
export const ambientDeclarations = `
interface Displayed {
  readonly id: string;
  /** Shows another value in this place. */
  update(value: unknown): void;
}

/**
 * Shows a value as a cell's last value is shown: by its \`[Symbol.for("Jupyter.display")]()\` if it has
 * one, else as text. An object whose keys are all mime types is taken as the representations themselves.
 * With an \`id\` that has been shown before and \`update\`, the value takes the earlier one's place.
 */
declare function display(
  value: unknown,
  options?: { readonly id?: string; readonly update?: boolean; readonly metadata?: Record<string, unknown> },
): Displayed;

/** Empties the cell's output, at once or as soon as there is something new to show. */
declare function clearOutput(wait?: boolean): void;

/** Asks who runs the cell for a line of text. */
declare function input(prompt?: string, options?: { readonly password?: boolean }): Promise<string>;

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
