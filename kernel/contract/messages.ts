import type * as KernelMessage from "@jupyterlab/services/lib/kernel/messages";
import type { MimeBundle } from "../../lib/util/frontend";
import type { MagicDescription } from "./globals";

/** What the parts of the kernel say to each other. Jupyter's own messages come as types from @jupyterlab/services. */

export type Header = KernelMessage.IHeader;
export type StreamName = "stdout" | "stderr";
export type Channel = "shell" | "control" | "stdin";

export interface Request {
  readonly channel: Channel;
  /** Whom a router socket sends the reply to; empty where there are no sockets. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly content: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

export interface Publication {
  readonly parent: Header | undefined;
  readonly type: string;
  readonly content: object;
  readonly metadata?: object;
  readonly buffers?: readonly Uint8Array[];
}

/** Who hears what the dispatch says: the sockets of a Jupyter front end, or a notebook run headless. */
export interface Audience {
  reply(request: Request, type: string, content: object): void;
  publish(publication: Publication): void;
  /** Publishes what has been printed, in pieces: to join megabytes costs as much as to send them. */
  print(parent: Header | undefined, name: StreamName, pieces: readonly string[]): void;
  /** Asks on stdin the client that sent `request`. */
  ask(request: Request, content: KernelMessage.IInputRequestMsg["content"]): void;
  /** Resolves when everything said so far has left. */
  flushed(): Promise<void>;
}

/** A piece of source that is TypeScript already, at `source`, and where the expanded cell has it. */
export interface Span {
  readonly source: number;
  readonly expanded: number;
  readonly length: number;
}

/** A cell as it was written, and as TypeScript. */
export interface CellText {
  readonly source: string;
  readonly code: string;
}

/** A cell whose magics have become TypeScript, line for line. */
export interface ExpandedCell extends CellText {
  readonly spans: readonly Span[];
  /** Of a cell that runs on ranks: what runs here in its stead, and the variables that it brings back. */
  readonly launch?: { readonly cell: ExpandedCell; readonly pull: readonly string[] };
}

export interface Diagnostic {
  readonly message: string;
  /** Offsets into the code that was compiled. */
  readonly start: number;
  readonly end: number;
  /** The module that has the error, by its path from the notebook's folder, and where, if it is not the cell. */
  readonly file?: {
    readonly name: string;
    readonly line: number;
    readonly column: number;
    readonly length: number;
    readonly source: string;
  };
}

/** A source map as JSON, version 3. */
export interface SourceMapJson {
  readonly version: number;
  readonly file: string;
  readonly sourceRoot: string;
  readonly sources: string[];
  readonly sourcesContent: string[];
  readonly names: string[];
  readonly mappings: string;
}

export interface CompiledCell {
  readonly name: string;
  /** As it was written. */
  readonly source: string;
  /** What its frames are known by, if not by its name. */
  readonly file?: string;
  readonly code: string;
  /** From JavaScript to the cell, to be looked up one after the other. */
  readonly maps: readonly SourceMapJson[];
  /** The modules it imports by `import … from`. */
  readonly imports: readonly string[];
  /** What it declares: variables, functions, classes and imports. */
  readonly variables: readonly string[];
  /** What it launches on ranks. */
  readonly ranks?: RanksCell;
}

/** A cell for the ranks, with what they need to know of the notebook. */
export interface RanksCell {
  readonly cell: CompiledCell;
  /** The notebook's variables that it uses itself. */
  readonly uses: readonly string[];
  /** What declares those, and what these declarations use in turn. */
  readonly statements: readonly PortableStatement[];
  /** The variables that it brings back. */
  readonly pull: readonly string[];
}

/** A declaration that can be run by itself in another process, where `exports` has what it uses. */
export interface PortableStatement {
  readonly id: string;
  /** Which cell it is of, and which statement of that. */
  readonly order: readonly [number, number];
  readonly names: readonly string[];
  /** `variable`: one that can be assigned again. */
  readonly kind: "import" | "function" | "class" | "const" | "variable";
  /** Whether it waits for something. */
  readonly awaits: boolean;
  readonly uses: readonly string[];
  readonly cell: CompiledCell;
}

export type Compilation =
  | { readonly cell: CompiledCell; readonly diagnostics?: undefined }
  | { readonly cell?: undefined; readonly diagnostics: readonly Diagnostic[] };

export type RanksCompilation =
  | { readonly ranks: RanksCell; readonly diagnostics?: undefined }
  | { readonly ranks?: undefined; readonly diagnostics: readonly Diagnostic[] };

/** Whose declarations code knows: the notebook's, or those of the ranks before the notebook's. */
export type Scope = "notebook" | "ranks";

export interface CompletionEntry {
  readonly text: string;
  readonly kind: string;
}

export interface Completions {
  readonly start: number;
  readonly end: number;
  readonly entries: readonly CompletionEntry[];
}

/** What a name is, or a function that is being called: its signature and its doc comment, in Markdown. */
export interface Inspection {
  readonly signature: string;
  readonly documentation: string;
  /** Where the arguments of a call start in the code that is inspected. */
  readonly start?: number;
}

export type Completeness =
  { readonly status: "complete" | "invalid" } | { readonly status: "incomplete"; readonly indent: string };

/** TypeScript as the dispatch sees it. Offsets are into the code that is given. */
export interface Language {
  /** Compiles a cell and remembers what it declares; an expression declares nothing. */
  compile(name: string, text: CellText, kind?: "cell" | "expression"): Promise<Compilation>;
  /** Compiles a cell that runs on ranks; what they declare is theirs, but for what is pulled. */
  compileForRanks(name: string, text: CellText, pull: readonly string[]): Promise<RanksCompilation>;
  complete(code: string, offset: number, scope?: Scope): Promise<Completions>;
  inspect(code: string, offset: number, scope?: Scope): Promise<Inspection | undefined>;
  completeness(code: string): Promise<Completeness>;
  /** Forgets all that cells declared, or what they did on ranks. */
  forget(scope?: Scope): Promise<void>;
  /** Resolves when cells can be compiled. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly traceback: readonly string[];
  readonly position?: CellPosition;
}

/** Where in which cell or module, line and column from 0. */
export interface CellPosition {
  readonly cell: string;
  readonly line: number;
  readonly column: number;
  /** The whole text, as it was written. */
  readonly source: string;
}

export type Outcome =
  | { readonly result?: MimeBundle; readonly failure?: undefined }
  | { readonly failure: Failure; readonly result?: undefined };

/** What a running cell lets the world see, in the order in which it happened. */
export type SessionEvent =
  | { readonly type: "stream"; readonly name: StreamName; readonly text: string }
  | { readonly type: "display"; readonly data: MimeBundle; readonly metadata: object; readonly id?: string }
  | { readonly type: "update"; readonly data: MimeBundle; readonly metadata: object; readonly id: string }
  | { readonly type: "clear"; readonly wait: boolean }
  | { readonly type: "input"; readonly prompt: string; readonly password: boolean }
  /** All variables are gone, or those of the ranks. */
  | { readonly type: "forget"; readonly scope?: Scope }
  | { readonly type: "magic"; readonly magic: RegisteredMagic }
  | CommEvent;

export interface CommEvent {
  readonly type: "comm_open" | "comm_msg" | "comm_close";
  readonly id: string;
  /** Of an opening. */
  readonly target?: string;
  readonly data: unknown;
  readonly metadata?: object;
  readonly buffers?: readonly Uint8Array[];
  /** The header of the request that it comes with, or that it answers. */
  readonly request?: object;
}

/** The process that runs the cells, as the dispatch sees it. A process that dies is replaced. */
export interface Session {
  /** Never rejects: the death of the process is a failure of the cell. What the cell does comes with `origin`. */
  run(cell: CompiledCell, origin: string): Promise<Outcome>;
  /** Lets the process get ready for what cells may use, as soon as it has had nothing to do for a moment. */
  prepare(): void;
  interrupt(): void;
  /** Nothing, if there is nobody to ask. */
  answer(input: string | undefined): void;
  /** Resolves when what the message has called has returned. */
  comm(event: CommEvent): Promise<void>;
  /** Asks V8's inspector (https://chromedevtools.github.io/devtools-protocol/v8). */
  inspect<T>(method: string, params?: object): Promise<T>;
  close(): Promise<void>;
}

export interface SessionListener {
  /** `origin` is what came with the cell on whose behalf it happened, empty before the first. */
  happened(event: SessionEvent, origin: string): void;
  /** An event of V8's inspector. */
  inspected(method: string, params: object): void;
  /** A fresh process has taken the place of one that died: the variables are gone. */
  replaced(): void;
}

/** A magic that a cell has registered. */
export interface RegisteredMagic extends Required<MagicDescription> {
  readonly name: string;
}

/** The magics as the dispatch sees them. */
export interface MagicExpander {
  /** Throws a `MagicError`. */
  expand(source: string): ExpandedCell;
  /** For a cell that is being written: does not throw. */
  expandUnfinished(source: string): ExpandedCell;
  /** For a place that is magic, not TypeScript. */
  complete(source: string, offset: number): Completions | undefined;
  inspect(source: string, offset: number): Inspection | undefined;
  /** The magic whose arguments are being written there. */
  inspectArguments(source: string, offset: number): Inspection | undefined;
  register(magic: RegisteredMagic): void;
  /** Forgets those that have been registered. */
  forget(): void;
}

/** A magic that is not there, or one that was not used as it says. */
export class MagicError extends Error {
  override readonly name = "MagicError";
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}
