import type * as TypeScript from "typescript";
import type { Additions } from "./emitting";

/**
 * Makes of a cell's last statement what tslab is to see of it. Where a cell has a `using` of its own, the compiler moves
 * all statements into a `try`, in which tslab does not look for the last expression: `found` is told the variable that
 * has its value. What has no name is not given that of the variable: `() => 1` is an anonymous function. And an enum or
 * a namespace at the end, which becomes the call of a function, is no expression.
 */
export function lastExpression(ts: typeof TypeScript, found: (name: string) => void): Additions {
  return (file) => {
    const index = file.statements.findLastIndex((statement) => !ts.isExportDeclaration(statement));
    const last = file.statements[index];
    const isMoved = file.statements.some((statement) => isUsing(ts, statement));
    const replacement = (now: TypeScript.Statement): TypeScript.Statement[] => {
      if (ts.isEnumDeclaration(now) || ts.isModuleDeclaration(now)) {
        return [now, ts.factory.createEmptyStatement()];
      }
      if (!ts.isExpressionStatement(now)) return [now];
      const value = withoutName(ts, now.expression);
      if (isMoved) return [exportAs(ts, nameFor(file, found), value)];
      return [ts.factory.updateExpressionStatement(now, value)];
    };
    const before: TypeScript.TransformerFactory<TypeScript.SourceFile> =
      ({ factory }) =>
      (given) => {
        const statements = given.statements.toSpliced(index, 1, ...replacement(given.statements[index]));
        return factory.updateSourceFile(given, statements);
      };
    return last === undefined ? {} : { before: [before] };
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

/** The expression as one that a variable does not give its own name. */
function withoutName(ts: typeof TypeScript, expression: TypeScript.Expression): TypeScript.Expression {
  let inner = expression;
  while (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner)) {
    inner = inner.expression;
  }
  const isNameless =
    ts.isArrowFunction(inner) ||
    ((ts.isFunctionExpression(inner) || ts.isClassExpression(inner)) && inner.name === undefined);
  return isNameless ? ts.factory.createComma(ts.factory.createNumericLiteral(0), expression) : expression;
}

/** One like those that tslab chooses. */
function freeName(file: TypeScript.SourceFile): string {
  const { locals } = file as { locals?: ReadonlyMap<string, unknown> };
  let name = "tsLastExpr";
  for (let i = 0; locals?.has(name) === true; i++) name = `tsLastExpr${i}`;
  return name;
}
