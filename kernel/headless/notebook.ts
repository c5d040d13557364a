import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { refuse } from "../../lib/util/errors";
import { parseJson } from "../../lib/util/json";
import { checkNotebook } from "./format";

type Lines = string | readonly string[];

export interface Cell {
  id?: string;
  readonly cell_type: "code" | "markdown" | "raw";
  source: Lines;
  readonly metadata: { readonly tags?: readonly string[] };
  execution_count?: number | null;
  outputs?: readonly Output[];
}

export type Output =
  | { readonly output_type: "stream"; readonly name: string; readonly text: Lines }
  | {
      readonly output_type: "display_data" | "execute_result";
      readonly data: Readonly<Record<string, unknown>>;
      readonly metadata: object;
      readonly execution_count?: number;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** A notebook of nbformat 4. */
export interface Notebook {
  readonly cells: readonly Cell[];
  metadata: Readonly<Record<string, unknown>>;
  nbformat: number;
  nbformat_minor: number;
}

const kernelMetadata = {
  kernelspec: { name: "saddle", display_name: "TypeScript (Saddle)", language: "typescript" },
  language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" },
};

/** Refuses by its path what is no notebook of nbformat 4. Takes memory for some fifty times the file. */
export function readNotebook(path: string): Notebook {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    refuse(path, `the notebook cannot be read (${(error as Error).message})`);
  }
  let notebook: unknown;
  try {
    notebook = parseJson(text);
  } catch (error) {
    refuse(path, `no notebook, as it is no JSON (${(error as Error).message})`);
  }
  checkNotebook(path, notebook);
  return notebook as Notebook;
}

export function writeNotebook(path: string, notebook: Notebook): void {
  for (const cell of notebook.cells) {
    cell.id ??= randomUUID().slice(0, 8);
    cell.source = linesOf(cell.source);
  }
  notebook.metadata = { ...notebook.metadata, ...kernelMetadata };
  notebook.nbformat_minor = Math.max(5, notebook.nbformat_minor);
  writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}

export function textOf(lines: Lines): string {
  return typeof lines === "string" ? lines : lines.join("");
}

/** nbformat keeps long texts as lists of lines, which is kinder to version control. */
export function linesOf(lines: Lines): string[] {
  return textOf(lines).match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
