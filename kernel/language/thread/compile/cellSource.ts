import type * as TypeScript from "typescript";
import type { Diagnostic } from "../../../contract/messages";
import { refusedExports, withoutExports } from "./exports";
import { parseCell } from "../tslab/parse";
import type { ParsedCell } from "../tslab/parse";
import { ts } from "../tslab/typescript";

export interface PreparedCell {
  /** The cell, character for character in its place, without its `export`s: every declaration is one. */
  readonly text: string;
  readonly assignable: readonly string[];
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
    assignable: assignableNames(file),
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

/** The names of the cell's own scope that `let` and `var` declare. */
function assignableNames(file: TypeScript.SourceFile): string[] {
  const names = new Set<string>();
  const visit = (node: TypeScript.Node, outermost: boolean): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node)) {
      const isVar = (node.flags & ts.NodeFlags.BlockScoped) === 0;
      const isLet = (node.flags & ts.NodeFlags.Let) !== 0;
      if (isVar || (isLet && outermost)) node.declarations.forEach(({ name }) => collectNames(name, names));
    }
    const inside = outermost && (node === file || ts.isVariableStatement(node));
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(file, true);
  return [...names];
}

function collectNames(name: TypeScript.BindingName, names: Set<string>): void {
  if (ts.isIdentifier(name)) {
    names.add(name.text);
    return;
  }
  for (const element of name.elements) {
    if (ts.isBindingElement(element)) collectNames(element.name, names);
  }
}
