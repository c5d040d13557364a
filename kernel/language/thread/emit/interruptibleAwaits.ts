import type * as TypeScript from "typescript";

/**
 * Makes every `await` of a cell a place where an interrupt ends it: `await x` becomes
 * `__saddle.resume(__saddle.turn, await x)`, which throws if the cell's turn is over. The promise
 * itself stays as it is, so that stack traces still lead through the `await`. And `import()` becomes
 * `__saddle.load()`, which looks from the notebook's folder.
 */
export function guardAwaits(ts: typeof TypeScript): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const member = (name: string) =>
      factory.createPropertyAccessExpression(factory.createIdentifier("__saddle"), name);
    const call = (name: string, args: TypeScript.Expression[]) =>
      factory.createCallExpression(member(name), undefined, args);

    // Where a cell waits is where it has read its turn.
    const at = <T extends TypeScript.Node>(place: TypeScript.Node, node: T) =>
      ts.setSourceMapRange(node, ts.getSourceMapRange(ts.getOriginalNode(place)));

    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) return call("resume", [at(node, member("turn")), visited]);
      if (ts.isCallExpression(visited) && visited.expression.kind === ts.SyntaxKind.ImportKeyword) {
        return call("load", [...visited.arguments]);
      }
      if (!ts.isForOfStatement(visited) || visited.awaitModifier === undefined) return visited;
      const { awaitModifier, initializer, expression, statement } = visited;
      const guarded = at(expression, call("each", [expression]));
      return factory.updateForOfStatement(visited, awaitModifier, initializer, guarded, statement);
    };
    return (file) => ts.visitNode(file, visit) as TypeScript.SourceFile;
  };
}
