import type * as TypeScript from "typescript";

type Loop = TypeScript.ForStatement | TypeScript.ForInStatement | TypeScript.ForOfStatement;

/**
 * Assigns `exports.x` where a variable `x` that is exported is given a value by a `var` in a loop or a block: the
 * compiler's step to CommonJS does so for the statements of the module itself alone.
 */
export function exportNestedVars(
  ts: typeof TypeScript,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => (file) => {
    const exported = exportedNames(ts, file);
    const visit = (node: TypeScript.Node): TypeScript.VisitResult<TypeScript.Node> => {
      if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node;
      const visited = ts.visitEachChild(node, visit, context);
      const names = namesOf(ts, node).filter((name) => exported.has(name));
      return names.length === 0 ? visited : assigning(ts, visited, names);
    };
    const statements = file.statements.map((statement) =>
      ts.isVariableStatement(statement)
        ? statement
        : (ts.visitNode(statement, visit) as TypeScript.Statement),
    );
    return context.factory.updateSourceFile(file, statements);
  };
}

function exportedNames(ts: typeof TypeScript, file: TypeScript.SourceFile): ReadonlySet<string> {
  const names = file.statements.flatMap((node) =>
    ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)
      ? node.exportClause.elements.flatMap(({ name, propertyName }) => (propertyName ? [] : [name.text]))
      : [],
  );
  return new Set(names);
}

/** The names that the node itself declares with `var`. */
function namesOf(ts: typeof TypeScript, node: TypeScript.Node): string[] {
  const list = ts.isVariableStatement(node) ? node.declarationList : isLoop(ts, node) && node.initializer;
  if (!list || !ts.isVariableDeclarationList(list)) return [];
  return (list.flags & ts.NodeFlags.BlockScoped) === 0 ? list.declarations.flatMap(leaves) : [];

  function leaves({ name }: TypeScript.VariableDeclaration | TypeScript.BindingElement): string[] {
    if (ts.isIdentifier(name)) return [name.text];
    return name.elements.flatMap((element) => (ts.isBindingElement(element) ? leaves(element) : []));
  }
}

/** The statement, and what exports the variables: behind a `var`, and in each turn of a loop. */
function assigning(
  ts: typeof TypeScript,
  node: TypeScript.Node,
  names: readonly string[],
): TypeScript.VisitResult<TypeScript.Node> {
  const { factory } = ts;
  const assignments = names.map((name) => {
    const property = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name);
    return factory.createAssignment(property, factory.createIdentifier(name));
  });
  if (!isLoop(ts, node)) return [node, ...assignments.map((one) => factory.createExpressionStatement(one))];
  if (ts.isForStatement(node)) {
    const condition = factory.createCommaListExpression([
      ...assignments,
      node.condition ?? factory.createTrue(),
    ]);
    return factory.updateForStatement(node, node.initializer, condition, node.incrementor, node.statement);
  }
  const body = factory.createBlock([
    ...assignments.map((one) => factory.createExpressionStatement(one)),
    node.statement,
  ]);
  return ts.isForInStatement(node)
    ? factory.updateForInStatement(node, node.initializer, node.expression, body)
    : factory.updateForOfStatement(node, node.awaitModifier, node.initializer, node.expression, body);
}

function isLoop(ts: typeof TypeScript, node: TypeScript.Node): node is Loop {
  return ts.isForStatement(node) || ts.isForInStatement(node) || ts.isForOfStatement(node);
}
