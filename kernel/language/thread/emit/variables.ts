import type * as TypeScript from "typescript";
import { scopeName } from "./interruptibleAwaits";
import { isOfFile } from "./references";

type Transformer = TypeScript.TransformerFactory<TypeScript.SourceFile>;

/** The names that `export { … }` and `export const …` list, by which a cell says which variables it declares. */
export function exportedNames(ts: typeof TypeScript, file: TypeScript.SourceFile): ReadonlySet<string> {
  const names = file.statements.flatMap((node) =>
    isExportList(ts, node) ? node.exportClause.elements.map(({ name }) => name.text) : [],
  );
  return new Set(names);
}

type ExportList = TypeScript.ExportDeclaration & { readonly exportClause: TypeScript.NamedExports };

function isExportList(ts: typeof TypeScript, node: TypeScript.Statement): node is ExportList {
  if (!ts.isExportDeclaration(node) || node.moduleSpecifier !== undefined) return false;
  return node.exportClause !== undefined && ts.isNamedExports(node.exportClause);
}

/**
 * Makes the variables of a cell properties of `exports`, which all cells share: what reads or assigns `g` reads or
 * assigns `exports.g`, so that a function sees the latest `g`, whichever cell has declared it. That is true of imports,
 * functions and classes as well; only in a class's own body its name is that class.
 */
export function throughNamespace(ts: typeof TypeScript): Transformer {
  return (context) => (file) => {
    const names = exportedNames(ts, file);
    return names.size === 0 && !file.statements.some((node) => isResult(ts, node))
      ? file
      : new Rewriting(ts, context, file, names).file(file);
  };
}

class Rewriting {
  private readonly ts: typeof TypeScript;
  private readonly context: TypeScript.TransformationContext;
  private readonly factory: TypeScript.NodeFactory;
  private readonly names: ReadonlySet<string>;
  private readonly imported: ReadonlySet<string>;
  private readonly declared = new Set<string>();

  constructor(
    ts: typeof TypeScript,
    context: TypeScript.TransformationContext,
    file: TypeScript.SourceFile,
    names: ReadonlySet<string>,
  ) {
    this.ts = ts;
    this.context = context;
    this.factory = context.factory;
    this.names = names;
    this.imported = new Set(
      file.statements.flatMap((node) => (ts.isImportDeclaration(node) ? importedNames(ts, node) : [])),
    );
  }

  file(file: TypeScript.SourceFile): TypeScript.SourceFile {
    const { ts } = this;
    const functions = file.statements.flatMap((node) =>
      ts.isFunctionDeclaration(node) && node.name && this.names.has(node.name.text) && node.body
        ? [this.exporting(node.name)]
        : [],
    );
    const statements = file.statements.flatMap((node) =>
      isExportList(ts, node) ? [this.onlyImports(node)] : this.statement(node),
    );
    return this.factory.updateSourceFile(file, [...functions, ...statements]);
  }

  /** The compiler makes getters of the imports that it exports; what else is exported is no more than a property. */
  private onlyImports(node: ExportList): TypeScript.Statement {
    const { factory } = this;
    const elements = node.exportClause.elements.filter(({ name }) => this.imported.has(name.text));
    const clause = factory.updateNamedExports(node.exportClause, elements);
    return factory.updateExportDeclaration(node, node.modifiers, false, clause, undefined, undefined);
  }

  /** A statement of the file itself. */
  private statement(node: TypeScript.Statement): TypeScript.Statement[] {
    const { ts, factory } = this;
    if (isResult(ts, node)) {
      const [{ initializer }] = node.declarationList.declarations;
      const property = factory.createPropertyAccessExpression(factory.createIdentifier(scopeName), "value");
      return [this.at(node, factory.createAssignment(property, this.expression(initializer!)))];
    }
    if (ts.isVariableStatement(node) && this.isOfCell(node.declarationList)) {
      const isVar = (node.declarationList.flags & ts.NodeFlags.BlockScoped) === 0;
      return this.assignments(node.declarationList, isVar ? "first" : "always").map((one) =>
        this.at(node, one),
      );
    }
    const visited = this.visit(node) as TypeScript.Statement;
    const name = ts.isClassDeclaration(node) ? node.name : undefined;
    return name !== undefined && this.names.has(name.text) ? [visited, this.exporting(name)] : [visited];
  }

  private at(node: TypeScript.Node, expression: TypeScript.Expression): TypeScript.Statement {
    return this.ts.setTextRange(this.factory.createExpressionStatement(expression), node);
  }

  /** `exports.f = f;` of what stays a declaration. */
  private exporting(name: TypeScript.Identifier): TypeScript.Statement {
    const { factory } = this;
    const assignment = factory.createAssignment(this.property(name), factory.createIdentifier(name.text));
    return factory.createExpressionStatement(assignment);
  }

  private property(name: TypeScript.Identifier): TypeScript.Expression {
    const { factory } = this;
    const property = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name.text);
    return this.ts.setTextRange(property, name);
  }

  /** Whether these are variables of the cell: its own, or `var` in a block of it. */
  private isOfCell(list: TypeScript.VariableDeclarationList): boolean {
    const { ts } = this;
    const isVar = (list.flags & ts.NodeFlags.BlockScoped) === 0;
    const original = ts.getOriginalNode(list);
    const isOwn = ts.isVariableStatement(original.parent) && ts.isSourceFile(original.parent.parent);
    if (!isOwn && (!isVar || isInFunction(ts, original))) return false;
    return list.declarations.every(({ name }) => leaves(ts, name).every((one) => this.names.has(one.text)));
  }

  /** What gives the variables their values; those without one are undefined, the `first` time or `always`, or stay. */
  private assignments(
    list: TypeScript.VariableDeclarationList,
    empty: "first" | "always" | "never",
  ): TypeScript.Expression[] {
    const { ts, factory } = this;
    return list.declarations.flatMap((declaration) => {
      const { name, initializer } = declaration;
      const isFirst = leaves(ts, name).every(({ text }) => !this.declared.has(text));
      for (const { text } of leaves(ts, name)) this.declared.add(text);
      if (initializer === undefined) {
        if (!ts.isIdentifier(name) || empty === "never" || (empty === "first" && !isFirst)) return [];
        const nothing = factory.createAssignment(this.property(name), factory.createVoidZero());
        return [ts.setTextRange(nothing, declaration)];
      }
      const value = this.named(ts.isIdentifier(name) ? name.text : undefined, initializer);
      return [ts.setTextRange(factory.createAssignment(this.target(name), value), declaration)];
    });
  }

  /** A function without a name of its own is called as the variable is that it is assigned to. */
  private named(name: string | undefined, initializer: TypeScript.Expression): TypeScript.Expression {
    const { factory } = this;
    const value = this.expression(initializer);
    if (name === undefined || name === "__proto__" || !this.isAnonymous(initializer)) return value;
    const holder = factory.createObjectLiteralExpression([factory.createPropertyAssignment(name, value)]);
    return factory.createPropertyAccessExpression(factory.createParenthesizedExpression(holder), name);
  }

  private isAnonymous(node: TypeScript.Expression): boolean {
    const { ts } = this;
    if (ts.isParenthesizedExpression(node)) return this.isAnonymous(node.expression);
    if (ts.isArrowFunction(node)) return true;
    return (ts.isFunctionExpression(node) || ts.isClassExpression(node)) && node.name === undefined;
  }

  /** A name or a pattern that declares as one that assigns. */
  private target(name: TypeScript.BindingName): TypeScript.Expression {
    const { ts, factory } = this;
    if (ts.isIdentifier(name)) return this.property(name);
    if (ts.isArrayBindingPattern(name)) {
      return factory.createArrayLiteralExpression(
        name.elements.map((element) => {
          if (!ts.isBindingElement(element)) return factory.createOmittedExpression();
          const target = this.withDefault(element);
          return element.dotDotDotToken ? factory.createSpreadElement(target) : target;
        }),
      );
    }
    return factory.createObjectLiteralExpression(
      name.elements.map((element) => {
        const target = this.withDefault(element);
        if (element.dotDotDotToken) return factory.createSpreadAssignment(target);
        const key = element.propertyName ?? (element.name as TypeScript.Identifier);
        return factory.createPropertyAssignment(
          ts.visitNode(key, this.visit) as TypeScript.PropertyName,
          target,
        );
      }),
    );
  }

  private withDefault({ name, initializer }: TypeScript.BindingElement): TypeScript.Expression {
    const target = this.target(name);
    if (initializer === undefined) return target;
    const otherwise = this.named(this.ts.isIdentifier(name) ? name.text : undefined, initializer);
    return this.factory.createAssignment(target, otherwise);
  }

  private sequence(expressions: readonly TypeScript.Expression[]): TypeScript.Expression {
    return expressions.length === 1 ? expressions[0] : this.factory.createCommaListExpression(expressions);
  }

  private expression(node: TypeScript.Expression): TypeScript.Expression {
    return this.ts.visitNode(node, this.visit) as TypeScript.Expression;
  }

  private readonly visit = (node: TypeScript.Node): TypeScript.Node => {
    const { ts, factory } = this;
    if (ts.isIdentifier(node)) return this.isVariable(node) ? this.property(node) : node;
    if (ts.isShorthandPropertyAssignment(node)) return this.shorthand(node);
    if (ts.isVariableStatement(node) && this.isOfCell(node.declarationList)) {
      const assignments = this.assignments(node.declarationList, "never");
      if (assignments.length === 0) return factory.createEmptyStatement();
      return this.at(node, this.sequence(assignments));
    }
    if (ts.isVariableDeclarationList(node) && this.isOfCell(node)) return this.head(node);
    if (ts.isCallExpression(node) && this.isImported(node.expression)) return this.callOfImport(node);
    if (ts.isBinaryExpression(node) && this.isNaming(node)) {
      const { left, right } = node;
      const value = this.named((left as TypeScript.Identifier).text, right);
      return factory.updateBinaryExpression(node, this.expression(left), node.operatorToken, value);
    }
    return ts.visitEachChild(node, this.visit, this.context);
  };

  private isVariable(node: TypeScript.Identifier): boolean {
    return this.names.has(node.text) && isOfFile(this.ts, node);
  }

  private isImported(node: TypeScript.Expression): boolean {
    return this.ts.isIdentifier(node) && this.imported.has(node.text) && this.isVariable(node);
  }

  /** Whether it assigns a function to a variable. */
  private isNaming({ left, right, operatorToken }: TypeScript.BinaryExpression): boolean {
    const isAssignment = operatorToken.kind === this.ts.SyntaxKind.EqualsToken;
    return isAssignment && this.ts.isIdentifier(left) && this.isVariable(left) && this.isAnonymous(right);
  }

  /** `{ a }` becomes `{ a: exports.a }`. */
  private shorthand(node: TypeScript.ShorthandPropertyAssignment): TypeScript.Node {
    const { factory } = this;
    if (!this.isVariable(node.name)) return this.ts.visitEachChild(node, this.visit, this.context);
    const { objectAssignmentInitializer: otherwise } = node; // of `{ a = 1 } = …`
    const target = this.property(node.name);
    const value =
      otherwise === undefined ? target : factory.createAssignment(target, this.expression(otherwise));
    return factory.createPropertyAssignment(node.name.text, value);
  }

  /** The variables of `for (var …)`. */
  private head(list: TypeScript.VariableDeclarationList): TypeScript.Node {
    const { ts, factory } = this;
    const loop = ts.getOriginalNode(list).parent;
    if (ts.isForInStatement(loop) || ts.isForOfStatement(loop)) return this.target(list.declarations[0].name);
    const assignments = this.assignments(list, "never");
    return assignments.length === 0 ? factory.createVoidZero() : this.sequence(assignments);
  }

  /** What is imported is called without `this`. For all other functions that would be one more step in a debugger. */
  private callOfImport(node: TypeScript.CallExpression): TypeScript.Node {
    const { ts, factory } = this;
    const visited = ts.visitEachChild(node, this.visit, this.context);
    const { expression } = visited;
    const alone = factory.createComma(factory.createNumericLiteral(0), expression);
    const callee = ts.setTextRange(factory.createParenthesizedExpression(alone), expression);
    return ts.isCallChain(visited)
      ? factory.updateCallChain(visited, callee, visited.questionDotToken, undefined, visited.arguments)
      : factory.updateCallExpression(visited, callee, undefined, visited.arguments);
  }
}

/** The statement that tslab makes of a last expression. */
function isResult(ts: typeof TypeScript, node: TypeScript.Statement): node is TypeScript.VariableStatement {
  return (
    ts.isVariableStatement(node) &&
    (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function isInFunction(ts: typeof TypeScript, node: TypeScript.Node): boolean {
  return ts.findAncestor(node, (one) => ts.isFunctionLike(one) || ts.isClassLike(one)) !== undefined;
}

function importedNames(ts: typeof TypeScript, { importClause }: TypeScript.ImportDeclaration): string[] {
  const { name, namedBindings } = importClause ?? {};
  const names = name === undefined ? [] : [name.text];
  if (namedBindings === undefined) return names;
  if (ts.isNamespaceImport(namedBindings)) return [...names, namedBindings.name.text];
  return [...names, ...namedBindings.elements.map((element) => element.name.text)];
}

function leaves(ts: typeof TypeScript, name: TypeScript.BindingName): TypeScript.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? leaves(ts, element.name) : []));
}

/** Has imports defined by the session: its `exports` are the same for all cells. */
export function importsThroughNamespace(ts: typeof TypeScript): Transformer {
  return ({ factory }) =>
    (file) => {
      const statements = file.statements.flatMap((node) => {
        if (!ts.isExpressionStatement(node)) return [node];
        const { expression } = node;
        // `exports.a = exports.b = void 0`: what a name stands for it does until it is declared again.
        if (isReset(ts, expression)) return [];
        const definition = definitionOf(ts, expression);
        if (definition === undefined) return [node];
        const [name, descriptor] = definition;
        const get = descriptor.properties
          .filter(ts.isPropertyAssignment)
          .find((one) => nameOf(ts, one) === "get");
        if (get === undefined) return []; // `__esModule`
        const define = factory.createPropertyAccessExpression(factory.createIdentifier(scopeName), "define");
        const call = factory.createCallExpression(define, undefined, [name, get.initializer]);
        return [factory.createExpressionStatement(call)];
      });
      return factory.updateSourceFile(file, statements);
    };
}

/** What the compiler has made: `exports.a = exports.b = void 0`. */
function isReset(ts: typeof TypeScript, node: TypeScript.Expression): boolean {
  if (!ts.isBinaryExpression(node) || node.pos >= 0 || !ts.isPropertyAccessExpression(node.left))
    return false;
  return ts.isVoidExpression(node.right) || isReset(ts, node.right);
}

/** The name and the descriptor of the compiler's `Object.defineProperty(exports, "name", { … })`. */
function definitionOf(
  ts: typeof TypeScript,
  node: TypeScript.Expression,
): [TypeScript.Expression, TypeScript.ObjectLiteralExpression] | undefined {
  if (node.pos >= 0 || !ts.isCallExpression(node) || node.arguments.length !== 3) return undefined;
  const [, name, descriptor] = node.arguments;
  return ts.isObjectLiteralExpression(descriptor) ? [name, descriptor] : undefined;
}

function nameOf(ts: typeof TypeScript, { name }: TypeScript.PropertyAssignment): string | undefined {
  return ts.isIdentifier(name) ? name.text : undefined;
}
