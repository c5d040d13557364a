import type * as TypeScript from "typescript";
import { scopeName } from "./interruptibleAwaits";

/**
 * Has what the compiler makes of `import … from` and `export … from` call `__saddleScope.imported` instead of `require`,
 * which is the author's: a package may have another entry for each. Calls `note` with each module, in order.
 */
export function throughImported(
  ts: typeof TypeScript,
  note: (specifier: string) => void,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      if (ts.isCallExpression(node) && node.pos < 0 && isRequire(ts, node.expression)) {
        const [specifier] = node.arguments;
        if (ts.isStringLiteral(specifier)) note(specifier.text);
        const imported = factory.createPropertyAccessExpression(
          factory.createIdentifier(scopeName),
          "imported",
        );
        return factory.updateCallExpression(node, imported, undefined, node.arguments);
      }
      // In what the author has written, the compiler has put no imports.
      return node.pos < 0 || ts.isStatement(node) ? ts.visitEachChild(node, visit, context) : node;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}

function isRequire(ts: typeof TypeScript, node: TypeScript.Expression): boolean {
  return ts.isIdentifier(node) && node.text === "require";
}
