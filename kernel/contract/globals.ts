/**
 * What every cell has without importing it, besides what the library exports as well. The compiler reads
 * the types of cells from here, so nothing here imports more than it must.
 */

export interface CommExtras {
  readonly metadata?: object;
  readonly buffers?: readonly Uint8Array[];
  /** Names a message of the front end, and the answer to it, which a front end may know by nothing else. */
  readonly request?: object;
}

export interface CommMessage extends CommExtras {
  readonly data: unknown;
}

/** May return a promise: the front end is busy until it has settled. */
export type CommListener = (message: CommMessage) => unknown;

/** One end of a channel between a cell and something in the front end, such as a widget. */
export interface Comm {
  readonly id: string;
  onMessage: CommListener;
  onClose: CommListener;
  send(data: unknown, extras?: CommExtras): void;
  close(data?: unknown, extras?: CommExtras): void;
}

/** Jupyter's comms. */
export interface Comms {
  /** Lets the front end open comms to `target`; `opened` is called with each. */
  register(target: string, opened: (comm: Comm, message: CommMessage) => unknown): void;
  /** Opens a comm to a target of the front end. */
  open(target: string, data?: unknown, extras?: CommExtras): Comm;
}

/** Something in the front end with a value, such as a slider. As a cell's last value it shows itself. */
export interface Control<T> {
  /** Assigning it moves the control in the front end, and calls no listeners. */
  value: T;
  /** Calls `listener` when the value is changed in the front end; what it prints is output of this cell. */
  onChange(listener: (value: T) => unknown): this;
}

/** A button in the front end. As a cell's last value it shows itself. */
export interface Button {
  onClick(listener: () => unknown): this;
}

export interface SliderOptions {
  readonly label?: string;
  readonly min: number;
  readonly max: number;
  /** Where it stands at first: `min` unless given. */
  readonly value?: number;
  /** From one value to the next, about 1/100 of the way unless given, such that `value` is among them; of a logarithmic slider, in decades. */
  readonly step?: number;
  /** Whether equal ways are equal factors, as for a learning rate. */
  readonly log?: boolean;
  /** Whether the value changes while the slider is dragged, as it does unless this is `false`. */
  readonly continuous?: boolean;
}

export interface CheckboxOptions {
  readonly label?: string;
  readonly value?: boolean;
}

export interface SelectOptions<T> {
  readonly label?: string;
  readonly options: readonly T[];
  /** The first of the options unless given. */
  readonly value?: T;
}

/** Controls in the front end (ipywidgets), which call back into the cell that has made them. */
export interface Widgets {
  slider(options: SliderOptions): Control<number>;
  button(label: string): Button;
  checkbox(options?: CheckboxOptions): Control<boolean>;
  select<T extends string | number>(options: SelectOptions<T>): Control<T>;
}

export interface MagicOption {
  readonly name: string;
  /**
   * A `flag` is there or not; an `expression` is TypeScript without a space in it; a `word` is taken as it
   * is written; `words` are separated by commas.
   */
  readonly type: "flag" | "expression" | "word" | "words";
  readonly help: string;
}

export interface MagicDescription {
  /** What it does, in one line. */
  readonly summary: string;
  /**
   * What stands before the options: nothing; TypeScript; `f @ x`, each TypeScript; or, of a magic that is
   * written `%%name` and takes the whole cell, the cell's text. An `expression` unless given.
   */
  readonly takes?: "nothing" | "expression" | "function at point" | "cell";
  readonly options?: readonly MagicOption[];
}

/** The magics of one's own. */
export interface Magics {
  /**
   * Makes `%name` (or `%%name`) a call of `run` with what stands before the options and an object of those
   * that are given, `--top-k` as `topK`. What it returns, or resolves with, is the magic's value.
   */
  register(name: string, run: (...args: never[]) => unknown, description: MagicDescription): void;
}

/** Statistics of a repeated measurement, in seconds a loop. */
export interface Timing {
  readonly mean: number;
  readonly deviation: number;
  readonly best: number;
  readonly runs: number;
  readonly loops: number;
}

/** A measurement that is under way; what it has measured shows itself. */
export interface Profiling {
  stop(): Promise<unknown>;
}

export interface TimeitOptions {
  readonly runs?: number;
  readonly loops?: number;
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** What stands behind `%%parallel`. */
export interface RanksOptions {
  /** How many ranks. */
  readonly devices?: number;
  readonly engine?: "shm" | "mpi";
  readonly hosts?: readonly string[];
  readonly launcher?: "mpiexec" | "srun";
  readonly pull?: readonly string[];
  /** In seconds. */
  readonly timeout?: number;
}

/** What the expansions of magics call. */
export interface Runtime {
  /** Reports the time that the cell takes, when it is done. */
  timeCell(): void;
  /** Runs `work` and reports the time it takes. */
  time<T>(work: () => T): Promise<Awaited<T>>;
  /** Shows what the cell has taken, when it is done. */
  profileCell(profiling: Profiling): void;
  /** Runs `work` many times and returns the statistics of its time. */
  timeit(work: () => unknown, options: TimeitOptions): Promise<Timing>;
  /** The notebook's variables. */
  variables(): readonly Variable[];
  /** Forgets all variables. */
  reset(): void;
  /** Runs the cell on ranks and resolves with the values that it has there. */
  onRanks(options: RanksOptions): Promise<object | undefined>;
  /** A text in Markdown that shows itself. */
  markdown(text: string): object;
  /** What a registered magic runs. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- it is not known where it is called
  magic(name: string): (...args: any[]) => Promise<any>;
}
