import type { Diagnostic } from "../../../contract/messages";
import { refusedExports, withoutExports } from "./exports";
import { ts } from "../tslab/typescript";

export interface PreparedCell {
  /** The cell, character for character in its place, without its `export`s: every declaration is one. */
  readonly text: string;
  /** Whether its types are checked: not, if it begins with a comment `// @ts-nocheck`. */
  readonly checked: boolean;
  /** What of it no cell may do. */
  readonly refused: readonly Diagnostic[];
}

export function prepareCell(code: string): PreparedCell {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  const leading = code.slice(0, file.getStart());
  return {
    text: withoutExports(file),
    checked: !/^\s*\/\/\s*@ts-nocheck\b/m.test(leading),
    refused: refusedExports(file),
  };
}
