import type * as TypeScript from "typescript";
import type { Additions } from "./emitting";
import { scopeName } from "./interruptibleAwaits";

/**
 * Makes of a cell's last statement what tslab is to see of it. Where a cell has a `using` of its own, the compiler moves
 * all statements into a `try`, in which tslab does not look for the last expression. What has no name is not given that
 * of the variable: `() => 1` is an anonymous function. And an enum or a namespace at the end, which becomes the call of a
 * function, is no expression.
 */
export function lastExpression(ts: typeof TypeScript): Additions {
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
      if (isMoved) return [asResult(ts, value)];
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

/** `__saddleScope.value = …`, as all cells say what they end with. */
function asResult({ factory }: typeof TypeScript, value: TypeScript.Expression): TypeScript.Statement {
  const property = factory.createPropertyAccessExpression(factory.createIdentifier(scopeName), "value");
  return factory.createExpressionStatement(factory.createAssignment(property, value));
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
