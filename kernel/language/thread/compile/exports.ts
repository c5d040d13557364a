import type * as TypeScript from "typescript";
import type { Diagnostic } from "../../../contract/messages";
import { ts } from "../tslab/typescript";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A cell as one that exports nothing, for every declaration is exported anyway: what follows an export stays in its
 * place. What it exports by another name it declares by that, and what it exports of a module it imports.
 */
export function withoutExports(file: TypeScript.SourceFile): string {
  const edits = file.statements.flatMap((statement) => editsOf(file, statement));
  return edits.reduceRight(
    (text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end),
    file.text,
  );
}

/** The names that `export * from "module"` would declare are known to nobody who reads the cell. */
export function refusedExports(file: TypeScript.SourceFile): Diagnostic[] {
  return file.statements.flatMap((node) => {
    if (!ts.isExportDeclaration(node) || node.exportClause || !node.moduleSpecifier) return [];
    const module = node.moduleSpecifier.getText();
    const message = `A cell has no use for export *: import * as name from ${module}, or { names } from ${module}`;
    return [{ message, start: node.getStart(), end: node.end }];
  });
}

function editsOf(file: TypeScript.SourceFile, statement: TypeScript.Statement): Edit[] {
  if (ts.isExportDeclaration(statement)) {
    const start = statement.getStart();
    if (statement.moduleSpecifier !== undefined) return isNamed(statement) ? [importAt(start)] : [];
    const { end } = statement;
    return [{ start, end, text: inPlaceOf(file.text.slice(start, end), aliasesOf(file, statement)) }];
  }
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return (modifiers ?? []).filter(isOfExport).map((modifier) => {
    const [start, end] = [modifier.getStart(), modifier.end];
    return { start, end, text: " ".repeat(end - start) };
  });
}

function isOfExport({ kind }: TypeScript.Modifier): boolean {
  return kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword;
}

function importAt(start: number): Edit {
  return { start, end: start + "export".length, text: "import" };
}

/** Whether each thing exported has a name that a variable may have. */
function isNamed({ exportClause: clause }: TypeScript.ExportDeclaration): boolean {
  if (clause === undefined) return false;
  const names = ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name) : [clause.name];
  return names.every(({ text }) => text !== "default");
}

/** Declarations of what `export { x as y }` exports by another name. */
function aliasesOf(
  file: TypeScript.SourceFile,
  { exportClause: clause, isTypeOnly }: TypeScript.ExportDeclaration,
): string {
  const elements = clause !== undefined && ts.isNamedExports(clause) ? clause.elements : [];
  const types = typesOf(file);
  return elements
    .flatMap(({ name, propertyName: of, isTypeOnly: isType }) => {
      if (of === undefined || name.text === of.text || name.text === "default") return [];
      const keyword = isTypeOnly || isType || types.has(of.text) ? "type" : "const";
      return `${keyword} ${name.text}=${of.text};`;
    })
    .join("");
}

function typesOf(file: TypeScript.SourceFile): ReadonlySet<string> {
  const types = file.statements.filter(
    (node): node is TypeScript.InterfaceDeclaration | TypeScript.TypeAliasDeclaration =>
      ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node),
  );
  return new Set(types.map(({ name }) => name.text));
}

/** `text` with as many lines as `replaced`, and as many characters, if it is not longer. */
function inPlaceOf(replaced: string, text: string): string {
  return (text + replaced.replace(/[^\n]/g, "")).padEnd(replaced.length);
}
