import type * as TypeScript from "typescript";
import type { Additions } from "./emitting";

/**
 * Keeps the value of a cell's last expression where the cell has a `using` of its own: the compiler moves all statements
 * of such a cell into a `try`, in which tslab does not look for it. `found` is told the variable that has the value. And
 * what has no name is not given that of the variable: `() => 1` is an anonymous function.
 */
export function lastExpression(ts: typeof TypeScript, found: (name: string) => void): Additions {
  return (file) => {
    const index = file.statements.findLastIndex((statement) => !ts.isExportDeclaration(statement));
    const last = file.statements[index];
    if (last === undefined || !ts.isExpressionStatement(last)) return {};
    const isMoved = file.statements.some((statement) => isUsing(ts, statement));
    if (!isMoved && !isNameless(ts, last.expression)) return {};
    const before: TypeScript.TransformerFactory<TypeScript.SourceFile> =
      ({ factory }) =>
      (given) => {
        const { expression } = given.statements[index] as TypeScript.ExpressionStatement;
        const value = isNameless(ts, expression)
          ? factory.createComma(factory.createNumericLiteral(0), expression)
          : expression;
        const replaced = isMoved
          ? exportAs(ts, nameFor(file, found), value)
          : factory.createExpressionStatement(value);
        return factory.updateSourceFile(given, given.statements.with(index, replaced));
      };
    return { before: [before] };
  };
}

function nameFor(file: TypeScript.SourceFile, found: (name: string) => void): string {
  const name = freeName(file);
  found(name);
  return name;
}

function exportAs(
  { factory, SyntaxKind, NodeFlags }: typeof TypeScript,
  name: string,
  value: TypeScript.Expression,
) {
  return factory.createVariableStatement(
    [factory.createModifier(SyntaxKind.ExportKeyword)],
    factory.createVariableDeclarationList(
      [factory.createVariableDeclaration(name, undefined, undefined, value)],
      NodeFlags.Const,
    ),
  );
}

function isUsing(ts: typeof TypeScript, statement: TypeScript.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  // `await using` has this flag too.
  return (statement.declarationList.flags & ts.NodeFlags.Using) !== 0;
}

/** Whether a variable would give it its own name. */
function isNameless(ts: typeof TypeScript, expression: TypeScript.Expression): boolean {
  let inner = expression;
  while (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner)) {
    inner = inner.expression;
  }
  if (ts.isArrowFunction(inner)) return true;
  return (ts.isFunctionExpression(inner) || ts.isClassExpression(inner)) && inner.name === undefined;
}

/** One like those that tslab chooses. */
function freeName(file: TypeScript.SourceFile): string {
  const { locals } = file as { locals?: ReadonlyMap<string, unknown> };
  let name = "tsLastExpr";
  for (let i = 0; locals?.has(name) === true; i++) name = `tsLastExpr${i}`;
  return name;
}
