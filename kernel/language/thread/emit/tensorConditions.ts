import type * as TypeScript from "typescript";

const message =
  "A Tensor as a condition is always true, whatever its elements are, for it is an object. " +
  "Read the number with `await t.item()`, or choose between elements with `where`.";

/** Where a tensor's file lies, in the sources and as a package. */
const tensorFile = /\/lib\/tensor\/tensor\.(d\.)?ts$/;

/** Errors for tensors in `file` that stand where only their truth would count: in `if`, `while`, `?:`, `!`, `&&` and `||`. */
export function tensorConditions(
  ts: typeof TypeScript,
  program: TypeScript.Program,
  file: TypeScript.SourceFile,
): TypeScript.Diagnostic[] {
  const checker = program.getTypeChecker();
  const found: TypeScript.Diagnostic[] = [];

  const isTensor = (type: TypeScript.Type): boolean => {
    if (type.isUnion()) return type.types.every(isTensor);
    const symbol = type.getSymbol();
    const declared = symbol?.declarations?.some((d) => tensorFile.test(d.getSourceFile().fileName)) ?? false;
    return symbol?.name === "Tensor" && declared;
  };
  const check = (condition: TypeScript.Expression): void => {
    if (ts.isParenthesizedExpression(condition)) {
      check(condition.expression);
      return;
    }
    // The left side is a condition of its own, wherever it stands.
    if (isLogical(ts, condition)) {
      check(condition.right);
      return;
    }
    if (!isTensor(checker.getTypeAtLocation(condition))) return;
    const start = condition.getStart(file);
    const category = ts.DiagnosticCategory.Error;
    found.push({ file, start, length: condition.end - start, messageText: message, category, code: 0 });
  };
  const visit = (node: TypeScript.Node): void => {
    const condition = conditionOf(ts, node);
    if (condition !== undefined) check(condition);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isLogical(ts: typeof TypeScript, node: TypeScript.Node): node is TypeScript.BinaryExpression {
  if (!ts.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  return kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken;
}

/** The part of a node of which only the truth counts. */
function conditionOf(ts: typeof TypeScript, node: TypeScript.Node): TypeScript.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
  if (ts.isConditionalExpression(node) || ts.isForStatement(node)) return node.condition;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return node.operand;
  return isLogical(ts, node) ? node.left : undefined;
}
