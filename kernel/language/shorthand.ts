import type * as TypeScript from "@tslab/typescript-for-tslab";

type Builder = TypeScript.EmitAndSemanticDiagnosticsBuilderProgram;

/** Where tslab keeps the declarations of the cells before. */
const previousCells = /(^|\/)__prev__\.d\.ts$/;

/**
 * Programs whose cells may write `{ a }` for an `a` of an earlier cell, which becomes `{ a: exports.a }`: tslab makes
 * `exports.a` of every other use, but takes the `a` of a shorthand for the property's name.
 */
export function withShorthand(
  ts: typeof TypeScript,
  create: TypeScript.CreateProgram<Builder>,
): TypeScript.CreateProgram<Builder> {
  return (...args) => {
    const builder = create(...args);
    const emit: Builder["emit"] = (file, write, cancellation, onlyDts, transformers) => {
      const before = [...(transformers?.before ?? []), writtenOut(ts, builder.getProgram().getTypeChecker())];
      return builder.emit(file, write, cancellation, onlyDts, { ...transformers, before });
    };
    return new Proxy(builder, {
      get: (target, key) => (key === "emit" ? emit : (Reflect.get(target, key) as unknown)),
    });
  };
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
