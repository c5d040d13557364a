import type * as TypeScript from "typescript";

/** What compiled cells and modules have as a parameter, for what JavaScript gives to ES modules alone. */
export const scopeName = "__saddleScope";

/**
 * Makes every `await` of a cell or a module a place where an interrupt ends it: `await x` becomes
 * `__saddle.resume(__saddle.turn, await x)`, which throws if the cell's turn is over. The promise itself stays as it is,
 * so that stack traces still lead through the `await`. And `import()` and `import.meta` become `__saddleScope.load()`
 * and `__saddleScope.meta`.
 */
export function guardAwaits(ts: typeof TypeScript): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const member = (object: string, name: string) =>
      factory.createPropertyAccessExpression(factory.createIdentifier(object), name);
    const call = (callee: TypeScript.Expression, args: readonly TypeScript.Expression[]) =>
      factory.createCallExpression(callee, undefined, args);

    // Where a cell waits is where it has read its turn.
    const at = <T extends TypeScript.Node>(place: TypeScript.Node, node: T) =>
      ts.setSourceMapRange(node, ts.getSourceMapRange(ts.getOriginalNode(place)));

    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) {
        return call(member("__saddle", "resume"), [at(node, member("__saddle", "turn")), visited]);
      }
      if (isImportMeta(ts, visited)) return ts.setTextRange(member(scopeName, "meta"), visited);
      if (ts.isCallExpression(visited) && visited.expression.kind === ts.SyntaxKind.ImportKeyword) {
        return ts.setTextRange(call(member(scopeName, "load"), visited.arguments), visited);
      }
      if (!ts.isForOfStatement(visited) || visited.awaitModifier === undefined) return visited;
      const { awaitModifier, initializer, expression, statement } = visited;
      const guarded = at(expression, call(member("__saddle", "each"), [expression]));
      return factory.updateForOfStatement(visited, awaitModifier, initializer, guarded, statement);
    };
    return (file) => ts.visitNode(file, visit) as TypeScript.SourceFile;
  };
}

function isImportMeta(ts: typeof TypeScript, node: TypeScript.Node): boolean {
  return ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword;
}

/** Whether running the node takes more than one turn. */
export function awaitsIn(ts: typeof TypeScript, node: TypeScript.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined))
    return true;
  return ts.forEachChild(node, (child) => awaitsIn(ts, child) || undefined) ?? false;
}
