import type * as TypeScript from "typescript";
import { ts } from "./typescript";

/** A cell's file, with what the compiler has against its syntax, which it does not declare. */
export interface ParsedCell extends TypeScript.SourceFile {
  readonly parseDiagnostics: readonly TypeScript.DiagnosticWithLocation[];
}

/** Parses a cell: a module whether it imports or exports anything or not, so that `await` is no name. */
export function parseCell(code: string): ParsedCell {
  const setExternalModuleIndicator = (file: TypeScript.SourceFile) =>
    void Object.assign(file, { externalModuleIndicator: true });
  const options = { languageVersion: ts.ScriptTarget.ESNext, setExternalModuleIndicator };
  return ts.createSourceFile("cell.ts", code, options, true, ts.ScriptKind.TS) as ParsedCell;
}
