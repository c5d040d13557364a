import type * as TypeScript from "typescript";
import type { Additions } from "./emitting";

/**
 * What a cell declares with `var` in a loop or a block is written down for the cells that follow as well: it is a
 * variable of the cell, which the compiler, where it declares what a module exports, leaves out.
 */
export function nestedVarTypes(ts: typeof TypeScript): Additions {
  return (file, checker) => {
    const variables = nestedVars(ts, file);
    return variables.length === 0 ? {} : { afterDeclarations: [declaring(ts, checker, variables)] };
  };
}

/** The variables of the file itself none of whose declarations is a statement of it. */
function nestedVars(ts: typeof TypeScript, file: TypeScript.SourceFile): TypeScript.Symbol[] {
  const { locals } = file as { locals?: ReadonlyMap<string, TypeScript.Symbol> };
  return [...(locals?.values() ?? [])].filter(
    ({ flags, declarations }) =>
      (flags & ts.SymbolFlags.FunctionScopedVariable) !== 0 &&
      declarations?.some((declaration) => isOutermost(ts, declaration)) === false,
  );
}

function isOutermost(ts: typeof TypeScript, declaration: TypeScript.Declaration): boolean {
  const statement = ts.findAncestor(declaration, ts.isVariableStatement);
  return statement !== undefined && ts.isSourceFile(statement.parent);
}

function declaring(
  ts: typeof TypeScript,
  checker: TypeScript.TypeChecker,
  variables: readonly TypeScript.Symbol[],
): TypeScript.TransformerFactory<TypeScript.SourceFile | TypeScript.Bundle> {
  return ({ factory }) =>
    (node) => {
      if (!ts.isSourceFile(node)) return node;
      const declarations = variables.map((variable) => {
        const type = typeNodeOf(ts, checker, variable);
        return factory.createVariableDeclaration(variable.name, undefined, type);
      });
      const statement = factory.createVariableStatement(
        [factory.createModifier(ts.SyntaxKind.DeclareKeyword)],
        factory.createVariableDeclarationList(declarations),
      );
      return factory.updateSourceFile(node, [...node.statements, statement], true);
    };
}

function typeNodeOf(
  ts: typeof TypeScript,
  checker: TypeScript.TypeChecker,
  variable: TypeScript.Symbol,
): TypeScript.TypeNode | undefined {
  const [declaration] = variable.declarations ?? [];
  const type = checker.getTypeOfSymbolAtLocation(variable, declaration);
  return checker.typeToTypeNode(type, declaration.getSourceFile(), ts.NodeBuilderFlags.NoTruncation);
}
