import type * as TypeScript from "typescript";
import { ts } from "../tslab/typescript";

/** Of the text of a declaration file what declares `names`, in its order. */
export function selectDeclarations(declarations: string, names: ReadonlySet<string>): string {
  const file = ts.createSourceFile("d.ts", declarations, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  return file.statements
    .flatMap((statement) => selected(statement, names) ?? [])
    .map((statement) => `${printer.printNode(ts.EmitHint.Unspecified, statement, file)}\n`)
    .join("");
}

/** The names that the text of a declaration file declares. */
export function declaredIn(declarations: string): Set<string> {
  const file = ts.createSourceFile("d.ts", declarations, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  const names = new Set<string>();
  for (const statement of file.statements) {
    selected(statement, { has: (name) => names.add(name).size > 0 });
  }
  return names;
}

/** The names that a cell declares for types alone, as far as its text tells. */
export function typesOf(code: string): string[] {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  return file.statements.flatMap((node) => {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return [node.name.text];
    const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
    return bindings !== undefined && ts.isNamedImports(bindings)
      ? bindings.elements.map(({ name }) => name.text)
      : [];
  });
}

function selected(
  node: TypeScript.Statement,
  names: Pick<ReadonlySet<string>, "has">,
): TypeScript.Statement | undefined {
  const { factory } = ts;
  if (ts.isVariableStatement(node)) {
    const kept = node.declarationList.declarations.filter(
      ({ name }) => ts.isIdentifier(name) && names.has(name.text),
    );
    const list = factory.createVariableDeclarationList(kept, node.declarationList.flags);
    return kept.length === 0 ? undefined : factory.createVariableStatement(node.modifiers, list);
  }
  if (ts.isImportDeclaration(node)) return selectedImport(node, names);
  const { name } = node as { name?: TypeScript.Node };
  return name !== undefined && ts.isIdentifier(name) && names.has(name.text) ? node : undefined;
}

function selectedImport(
  node: TypeScript.ImportDeclaration,
  names: Pick<ReadonlySet<string>, "has">,
): TypeScript.Statement | undefined {
  const { importClause: clause } = node;
  if (clause === undefined) return undefined;
  const { factory } = ts;
  const name = clause.name !== undefined && names.has(clause.name.text) ? clause.name : undefined;
  const bindings = selectedBindings(clause.namedBindings, names);
  if (name === undefined && bindings === undefined) return undefined;
  const kept = factory.createImportClause(clause.phaseModifier, name, bindings);
  return factory.createImportDeclaration(node.modifiers, kept, node.moduleSpecifier);
}

function selectedBindings(
  bindings: TypeScript.NamedImportBindings | undefined,
  names: Pick<ReadonlySet<string>, "has">,
): TypeScript.NamedImportBindings | undefined {
  if (bindings === undefined) return undefined;
  if (ts.isNamespaceImport(bindings)) return names.has(bindings.name.text) ? bindings : undefined;
  const kept = bindings.elements.filter(({ name }) => names.has(name.text));
  return kept.length === 0 ? undefined : ts.factory.createNamedImports(kept);
}
