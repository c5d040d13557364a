import type { Diagnostic } from "../../../contract/messages";
import { refusedExports, withoutExports } from "./exports";
import { parseCell } from "../tslab/parse";
import type { ParsedCell } from "../tslab/parse";
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
  const file = parseCell(code);
  const leading = code.slice(0, file.getStart());
  return {
    text: withoutExports(file),
    checked: !/^\s*\/\/\s*@ts-nocheck\b/m.test(leading),
    refused: [...syntaxErrors(file), ...refusedExports(file)],
  };
}

/** Of the cell as it was written, for what tslab adds to one that is unfinished becomes a part of its last statement. */
function syntaxErrors({ parseDiagnostics }: ParsedCell): Diagnostic[] {
  return parseDiagnostics.map(({ messageText, start, length }) => ({
    message: ts.flattenDiagnosticMessageText(messageText, "\n  "),
    start,
    end: start + length,
  }));
}
