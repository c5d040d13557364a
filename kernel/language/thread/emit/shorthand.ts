import type * as TypeScript from "typescript";
import type { Additions } from "./emitting";

/** Where tslab keeps the declarations of the cells before. */
const previousCells = /(^|\/)__prev__\.d\.ts$/;

/**
 * Cells may write `{ a }` for an `a` of an earlier cell, which becomes `{ a: exports.a }`: tslab makes `exports.a` of
 * every other use, but takes the `a` of a shorthand for the property's name.
 */
export function shorthand(ts: typeof TypeScript): Additions {
  return (_, checker) => ({ before: [writtenOut(ts, checker)] });
}

function writtenOut(
  ts: typeof TypeScript,
  checker: TypeScript.TypeChecker,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const isPrevious = (node: TypeScript.ShorthandPropertyAssignment): boolean =>
    checker
      .getShorthandAssignmentValueSymbol(node)
      ?.declarations?.some((declaration) => previousCells.test(declaration.getSourceFile().fileName)) ??
    false;
  return (context) => {
    const { factory } = context;
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (!ts.isShorthandPropertyAssignment(node) || !isPrevious(node)) return visited;
      const { text } = node.name;
      const value = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), text);
      // `{ a = 1 } = …` has a default.
      const { objectAssignmentInitializer: otherwise } = visited as TypeScript.ShorthandPropertyAssignment;
      return factory.createPropertyAssignment(
        text,
        otherwise === undefined ? value : factory.createAssignment(value, otherwise),
      );
    };
    return (file) => ts.visitNode(file, visit) as TypeScript.SourceFile;
  };
}
