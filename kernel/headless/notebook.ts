import { refuse } from "../../lib/util/errors";
import { parseJson } from "../../lib/util/json";
import { isPlainObject } from "../../lib/util/trees";
import { readText, writeWhole } from "./files";
import { checkNotebook } from "./format";
import { checkLanguage, withKernel } from "./language";
import { upgraded } from "./upgrade";

type Lines = string | readonly string[];

export interface Cell {
  readonly id?: string;
  readonly cell_type: "code" | "markdown" | "raw";
  readonly source: Lines;
  readonly metadata: CellMetadata;
  /** Files that the text of a cell shows, by their names. */
  readonly attachments?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  execution_count?: number | null;
  outputs?: readonly Output[];
}

/** As far as it is known here. */
export interface CellMetadata {
  readonly tags?: readonly string[];
  readonly collapsed?: boolean;
  readonly jupyter?: { readonly source_hidden?: boolean; readonly outputs_hidden?: boolean };
  /** For which pages a raw cell is. */
  readonly raw_mimetype?: unknown;
  readonly format?: unknown;
}

export type Output =
  | { readonly output_type: "stream"; readonly name: string; readonly text: Lines }
  | {
      readonly output_type: "display_data" | "execute_result";
      readonly data: Readonly<Record<string, unknown>>;
      readonly metadata: object;
      readonly execution_count?: number | null;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** A notebook of nbformat 4. */
export interface Notebook {
  cells: readonly Cell[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/**
 * A notebook in TypeScript, as one of nbformat 4.5; what is none is refused by its path. Takes memory for some fifty
 * times the file.
 */
export function readNotebook(path: string): Notebook {
  const text = readText(path);
  let found: unknown;
  try {
    found = parseJson(text);
  } catch (error) {
    refuse(path, `no notebook, as it is no JSON (${(error as Error).message})`);
  }
  const notebook = upgraded(path, found);
  if (isPlainObject(notebook["metadata"])) {
    checkLanguage(path, notebook["metadata"]);
    notebook["metadata"] = withKernel(notebook["metadata"]);
  }
  checkNotebook(path, notebook);
  return notebook as unknown as Notebook;
}

export function writeNotebook(path: string, notebook: Notebook): void {
  const cells = notebook.cells.map((cell) => ({ ...cell, source: linesOf(cell.source) }));
  writeWhole(path, `${JSON.stringify({ ...notebook, cells }, null, 1)}\n`);
}

export function hasTag({ metadata }: Cell, tag: string): boolean {
  return metadata.tags?.includes(tag) ?? false;
}

export function textOf(lines: Lines): string {
  return typeof lines === "string" ? lines : lines.join("");
}

/** nbformat keeps long texts as lists of lines, which is kinder to version control. */
export function linesOf(lines: Lines): string[] {
  return textOf(lines).match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
