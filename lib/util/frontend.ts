/**
 * How a value reaches whoever looks at it. A kernel session installs a `Frontend` under
 * `Symbol.for("saddle.frontend")`; plain Node has none and prints text.
 */

/** Representations of one value by mime type, as in Jupyter's `display_data`; without any, it does not show. */
export type MimeBundle = Record<string, unknown>;

export interface DisplayOptions {
  /** Names the display so that a later call can replace it in place. */
  readonly displayId?: string;
  /** Replace the display of this `displayId` instead of adding one. */
  readonly update?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface Frontend {
  display(data: MimeBundle, options: DisplayOptions): void;
  clearOutput(wait: boolean): void;
  input(prompt: string, password: boolean): Promise<string>;
  /** The cell that runs is not done before `work` is. */
  await(work: Promise<void>): void;
}

const frontendKey = Symbol.for("saddle.frontend");

/** Deno's convention: a method under this symbol returns the value's mime bundle. */
export const displayKey: unique symbol = Symbol.for("Jupyter.display") as never;

export function currentFrontend(): Frontend | undefined {
  return (globalThis as Record<symbol, unknown>)[frontendKey] as Frontend | undefined;
}

export function installFrontend(frontend: Frontend | undefined): void {
  (globalThis as Record<symbol, unknown>)[frontendKey] = frontend;
}
