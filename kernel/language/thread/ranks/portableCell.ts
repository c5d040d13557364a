import type * as TypeScript from "typescript";
import type { CompiledCell, PortableStatement } from "../../../contract/messages";
import { awaitsIn } from "../emit/interruptibleAwaits";
import { parseCell } from "../tslab/parse";
import { emitModule, ts } from "../tslab/typescript";
import type { EmittedModule } from "../tslab/typescript";

interface Statement {
  readonly node: TypeScript.Statement;
  readonly names: readonly string[];
  readonly kind: PortableStatement["kind"];
  readonly awaits: boolean;
  /** Names of other statements and of other cells that it uses. */
  readonly uses: readonly string[];
  /** Where it uses names of its cell that other statements declare. */
  readonly outer: ReadonlySet<number>;
  /** Whether it is one of the functions that the compiler adds, which go with every statement. */
  readonly isHelper: boolean;
}

/** A compiled cell as statements that can be run by themselves in another process. */
export class PortableCell {
  private readonly written: Pick<CompiledCell, "name" | "source">;
  private readonly sequence: number;
  private readonly module: EmittedModule;
  private analysed: readonly Statement[] | undefined;

  constructor({ name, source }: CompiledCell, sequence: number, module: EmittedModule) {
    this.written = { name, source };
    this.sequence = sequence;
    this.module = module;
  }

  statementOf(name: string): PortableStatement | undefined {
    this.analysed ??= analyse(this.module.text);
    const index = this.analysed.findIndex(({ names }) => names.includes(name));
    if (index === -1) return undefined;
    const { names, kind, awaits, uses } = this.analysed[index];
    const id = `${this.written.name}:${names.join(",")}`;
    return {
      id,
      order: [this.sequence, index],
      names,
      kind,
      awaits,
      uses,
      cell: this.emit(this.analysed[index], id),
    };
  }

  private emit(statement: Statement, id: string): PortableStatement["cell"] {
    const { text, map } = this.module;
    const { names, outer } = statement;
    const kept = this.analysed?.filter((one) => one === statement || one.isHelper) ?? [];
    const alone = onlyAt(
      text,
      kept.map(({ node }) => node),
    );
    const emitted = emitModule({ text: `${alone}\nexport { ${names.join(", ")} };`, map }, [
      throughExports(outer),
    ]);
    return { ...emitted, ...this.written, file: id };
  }
}

/** `text`, character for character in its place, with nothing but `nodes`. */
function onlyAt(text: string, nodes: readonly TypeScript.Node[]): string {
  const blank = (start: number, end: number) => text.slice(start, end).replace(/[^\n]/g, " ");
  let [alone, done] = ["", 0];
  for (const node of nodes) {
    alone += blank(done, node.getStart()) + node.getText();
    done = node.end;
  }
  return alone + blank(done, text.length);
}

/** The names of the variables, functions, classes and imports that a cell declares. */
export function declaredBy({ text }: EmittedModule): string[] {
  return exportedBy(parse(text));
}

function exportedBy(file: TypeScript.SourceFile): string[] {
  return file.statements.flatMap((node) => {
    const isList = ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause);
    return isList ? node.exportClause.elements.map(({ name }) => name.text) : [];
  });
}

/** The names that a cell uses of others' declarations, and those of them that it assigns. */
export function usesOf({ text }: EmittedModule): {
  uses: ReadonlySet<string>;
  assigned: ReadonlySet<string>;
} {
  const uses = new Set<string>();
  const assigned = new Set<string>();
  const visit = (node: TypeScript.Node): void => {
    const name = exportsProperty(node);
    if (name !== undefined) uses.add(name);
    for (const target of assignmentTargets(node)) {
      const name = exportsProperty(target);
      if (name !== undefined) assigned.add(name);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(text));
  return { uses, assigned };
}

/** Where `code` assigns the variable `name` first. */
export function placeOfAssignment(code: string, name: string): { start: number; end: number } {
  const file = parseCell(code);
  let found: TypeScript.Node | undefined;
  const visit = (node: TypeScript.Node): void => {
    found ??= assignmentTargets(node).find((target) => ts.isIdentifier(target) && target.text === name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { start: found?.getStart() ?? 0, end: found?.end ?? 0 };
}

function parse(text: string): TypeScript.SourceFile {
  return ts.createSourceFile("cell.js", text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
}

/** The name in `exports.name`, by which a compiled cell knows the variables of others. */
function exportsProperty(node: TypeScript.Node): string | undefined {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  return node.expression.text === "exports" ? node.name.text : undefined;
}

/** What the node, by itself, assigns. */
function assignmentTargets(node: TypeScript.Node): TypeScript.Node[] {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return assigns ? leavesOf(node.left) : [];
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
    return node.operator === PlusPlusToken || node.operator === MinusMinusToken ? [node.operand] : [];
  }
  const isLoop = ts.isForOfStatement(node) || ts.isForInStatement(node);
  return isLoop && !ts.isVariableDeclarationList(node.initializer) ? leavesOf(node.initializer) : [];
}

/** The targets in a pattern such as `[a, { b: c }]`. */
function leavesOf(target: TypeScript.Node): TypeScript.Node[] {
  if (ts.isParenthesizedExpression(target)) return leavesOf(target.expression);
  if (ts.isArrayLiteralExpression(target)) return target.elements.flatMap(leavesOf);
  if (ts.isObjectLiteralExpression(target)) return target.properties.flatMap(leavesOf);
  if (ts.isPropertyAssignment(target)) return leavesOf(target.initializer);
  if (ts.isShorthandPropertyAssignment(target)) return [target.name];
  if (ts.isSpreadElement(target) || ts.isSpreadAssignment(target)) return leavesOf(target.expression);
  return [target];
}

function analyse(text: string): Statement[] {
  const file = parse(text);
  const checker = checkerOf(file);
  const { locals } = file as unknown as { locals?: ReadonlyMap<string, TypeScript.Symbol> };
  const exported = new Set(exportedBy(file));
  const isOfCell = (symbol: TypeScript.Symbol | undefined) =>
    symbol !== undefined && locals?.get(symbol.name) === symbol && !isHelper([symbol.name]);
  const isHelper = (names: readonly string[]) =>
    names.length > 0 && names.every((name) => name.startsWith("__") && !exported.has(name));
  return file.statements
    .filter((node) => !ts.isExportDeclaration(node))
    .map((node) => {
      const names = declaredNames(node);
      const uses = new Set<string>();
      const outer = new Set<number>();
      const visit = (child: TypeScript.Node): void => {
        const name = exportsProperty(child);
        if (name !== undefined) uses.add(name);
        if (ts.isIdentifier(child) && !names.includes(child.text) && isOfCell(symbolOf(checker, child))) {
          uses.add(child.text);
          outer.add(child.getStart());
        }
        ts.forEachChild(child, visit);
      };
      visit(node);
      return {
        node,
        names,
        kind: kindOf(node),
        awaits: awaitsIn(ts, node),
        uses: [...uses],
        outer,
        isHelper: isHelper(names),
      };
    });
}

/** Scopes are all that is asked of it, so that it reads no other file. */
function checkerOf(file: TypeScript.SourceFile): TypeScript.TypeChecker {
  const options = { allowJs: true, noLib: true, noResolve: true, target: ts.ScriptTarget.ES2022, types: [] };
  return ts
    .createProgram([file.fileName], options, {
      getSourceFile: (name) => (name === file.fileName ? file : undefined),
      getDefaultLibFileName: () => "lib.d.ts",
      getCurrentDirectory: () => "",
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      fileExists: (name) => name === file.fileName,
      readFile: () => undefined,
      writeFile: () => undefined,
    })
    .getTypeChecker();
}

function symbolOf(
  checker: TypeScript.TypeChecker,
  node: TypeScript.Identifier,
): TypeScript.Symbol | undefined {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return checker.getShorthandAssignmentValueSymbol(parent);
  return checker.getSymbolAtLocation(node);
}

function kindOf(node: TypeScript.Statement): PortableStatement["kind"] {
  if (ts.isImportDeclaration(node)) return "import";
  if (ts.isFunctionDeclaration(node)) return "function";
  if (ts.isClassDeclaration(node)) return "class";
  return ts.isVariableStatement(node) && isConst(node.declarationList) ? "const" : "variable";
}

function isConst({ flags, declarations }: TypeScript.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.Const) !== 0 || declarations.every(isDecoratedClass);
}

/** Whether it is what a class with decorators is compiled to: `let C = (() => { … __esDecorate(…) … })()`. */
function isDecoratedClass({ initializer }: TypeScript.VariableDeclaration): boolean {
  return initializer !== undefined && ts.isCallExpression(initializer) && decorates(initializer);
}

function decorates(node: TypeScript.Node): boolean {
  if (ts.isIdentifier(node) && node.text === "__esDecorate") return true;
  return ts.forEachChild(node, (child) => decorates(child) || undefined) ?? false;
}

function declaredNames(node: TypeScript.Statement): string[] {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.flatMap(({ name }) => namesIn(name));
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return node.name ? [node.name.text] : [];
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return [];
  const { name, namedBindings } = node.importClause;
  const names = name === undefined ? [] : [name.text];
  if (namedBindings === undefined) return names;
  if (ts.isNamespaceImport(namedBindings)) return [...names, namedBindings.name.text];
  return [...names, ...namedBindings.elements.map((element) => element.name.text)];
}

function namesIn(name: TypeScript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

/** Makes the identifiers at `places` properties of `exports`, where another process has what they stand for. */
function throughExports(places: ReadonlySet<number>): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const access = (name: TypeScript.Identifier) =>
      factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name.text);
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      if (ts.isShorthandPropertyAssignment(node) && places.has(node.name.getStart())) {
        return factory.createPropertyAssignment(node.name.text, access(node.name));
      }
      if (ts.isIdentifier(node) && node.pos >= 0 && places.has(node.getStart())) return access(node);
      return ts.visitEachChild(node, visit, context);
    };
    return (file) => ts.visitNode(file, visit) as TypeScript.SourceFile;
  };
}
