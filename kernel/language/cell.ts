import type * as TypeScript from "@tslab/typescript-for-tslab";
import { ts } from "./typescript";

export interface PreparedCell {
  /** The cell, character for character in its place, without its `export`s: every declaration is one. */
  readonly text: string;
  readonly assignable: readonly string[];
  /** Whether its types are checked: not, if it begins with a comment `// @ts-nocheck`. */
  readonly checked: boolean;
}

export function prepareCell(code: string): PreparedCell {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  const leading = code.slice(0, file.getStart());
  return {
    text: blankExports(file),
    assignable: assignableNames(file),
    checked: !/^\s*\/\/\s*@ts-nocheck\b/m.test(leading),
  };
}

function blankExports(file: TypeScript.SourceFile): string {
  let { text } = file;
  for (const statement of file.statements) {
    if (!ts.canHaveModifiers(statement)) continue;
    for (const modifier of ts.getModifiers(statement) ?? []) {
      if (modifier.kind !== ts.SyntaxKind.ExportKeyword && modifier.kind !== ts.SyntaxKind.DefaultKeyword)
        continue;
      const start = modifier.getStart();
      text = text.slice(0, start) + " ".repeat(modifier.end - start) + text.slice(modifier.end);
    }
  }
  return text;
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
