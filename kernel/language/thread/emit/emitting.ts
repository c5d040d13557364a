import type * as TypeScript from "typescript";

type Builder = TypeScript.EmitAndSemanticDiagnosticsBuilderProgram;

/** What is done to a file when it is emitted, besides what tslab does. */
export type Additions = (
  file: TypeScript.SourceFile,
  checker: TypeScript.TypeChecker,
) => Pick<TypeScript.CustomTransformers, "before" | "afterDeclarations">;

export function withTransformers(
  create: TypeScript.CreateProgram<Builder>,
  additions: readonly Additions[],
): TypeScript.CreateProgram<Builder> {
  return (...args) => {
    const builder = create(...args);
    const emit: Builder["emit"] = (file, write, cancellation, onlyDts, given = {}) => {
      const checker = builder.getProgram().getTypeChecker();
      const added = file === undefined ? [] : additions.map((addition) => addition(file, checker));
      return builder.emit(file, write, cancellation, onlyDts, {
        ...given,
        before: [given, ...added].flatMap(({ before = [] }) => before),
        afterDeclarations: [given, ...added].flatMap(({ afterDeclarations = [] }) => afterDeclarations),
      });
    };
    return new Proxy(builder, {
      get: (target, key) => (key === "emit" ? emit : (Reflect.get(target, key) as unknown)),
    });
  };
}
