import type * as TypeScript from "typescript";

/** The parts of bound nodes that the compiler does not declare: the names of a scope. */
interface Scope {
  readonly locals?: ReadonlyMap<TypeScript.__String, unknown>;
}

/** Whether an identifier of a bound file stands for a value, and no scope but the file's own declares its name. */
export function isOfFile(ts: typeof TypeScript, node: TypeScript.Identifier): boolean {
  if (node.pos < 0 || !isReference(ts, node)) return false;
  for (let scope = node.parent; !ts.isSourceFile(scope); scope = scope.parent) {
    if ((scope as Scope).locals?.has(node.escapedText) === true) return false;
    // Inside of its own body, the name of a class is the class's own.
    if ((ts.isClassLike(scope) || ts.isFunctionExpression(scope)) && scope.name?.text === node.text)
      return false;
  }
  return true;
}

/** Whether the identifier is an expression, or a target of an assignment: not the name of a property, or a declaration. */
function isReference(ts: typeof TypeScript, node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === node;
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  const isNamed =
    ts.isFunctionLike(parent) ||
    ts.isClassLike(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isMetaProperty(parent) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent);
  // The body of an arrow function has no other place than that of a name.
  return !isNamed || (ts.isArrowFunction(parent) && parent.body === node);
}
