import type * as TypeScript from "typescript";

/** `Cannot find name`, with a hint or without, or that there is but a type, and what it is of a property of `globalThis`. */
const unknownNames = new Set([2304, 2585, 2693, 2552, 2580, 2582, 2583, 2584, 2591, 2592, 7017, 7041, 2339]);

const ofModules = new Set(["module", "exports", "require", "__filename", "__dirname"]);
const isThere = (name: string): boolean => name in globalThis || ofModules.has(name);

/** Whether the compiler misses a global value that the running Node has, though its types do not declare it. */
export function isOfNode(
  ts: typeof TypeScript,
  { code, file, start, length }: TypeScript.Diagnostic,
): boolean {
  if (!unknownNames.has(code) || file === undefined || start === undefined || length === undefined)
    return false;
  const node = nodeAt(ts, file, start, length);
  if (node === undefined || !isThere(node.text)) return false;
  const { parent } = node;
  if (ts.isTypeReferenceNode(parent) || ts.isExpressionWithTypeArguments(parent)) return false;
  if (!ts.isPropertyAccessExpression(parent) || parent.expression === node) return true;
  return ts.isIdentifier(parent.expression) && parent.expression.text === "globalThis";
}

/** What a cell uses of global values that are declared, and which the running Node has not. */
export function absentGlobals(
  ts: typeof TypeScript,
  program: TypeScript.Program,
  file: TypeScript.SourceFile,
): TypeScript.Diagnostic[] {
  const checker = program.getTypeChecker();
  const missing: TypeScript.Identifier[] = [];
  const asked = new Set<string>();
  const visit = (node: TypeScript.Node): void => {
    if (ts.isTypeNode(node)) return;
    // Who asks what there is knows what to do.
    if (ts.isTypeOfExpression(node) && ts.isIdentifier(node.expression)) asked.add(node.expression.text);
    if (ts.isIdentifier(node) && !isThere(node.text) && isOfTypes(ts, checker, node)) missing.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  const category = ts.DiagnosticCategory.Error;
  return missing
    .filter(({ text }) => !asked.has(text))
    .map((node) => {
      const messageText = `Cannot find name '${node.text}': Node ${process.versions.node} does not have it.`;
      return { file, start: node.getStart(), length: node.text.length, messageText, code: 2304, category };
    });
}

/** Whether it is a global variable of the types of Node, which is not said to be undefined perhaps. */
function isOfTypes(
  ts: typeof TypeScript,
  checker: TypeScript.TypeChecker,
  node: TypeScript.Identifier,
): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  const isUse =
    ts.isNewExpression(parent) || ts.isCallExpression(parent) || ts.isPropertyAccessExpression(parent);
  if (!isUse) return false;
  const symbol = checker.getSymbolAtLocation(node);
  const declarations = symbol?.declarations ?? [];
  const isGlobal = (one: TypeScript.Declaration) =>
    /\/(@types\/node|undici-types)\//.test(one.getSourceFile().fileName);
  const values = declarations.filter(ts.isVariableDeclaration);
  if (symbol === undefined || values.length === 0 || !declarations.every(isGlobal)) return false;
  return (checker.getTypeOfSymbolAtLocation(symbol, values[0]).flags & ts.TypeFlags.Union) === 0;
}

function nodeAt(
  ts: typeof TypeScript,
  file: TypeScript.SourceFile,
  start: number,
  length: number,
): TypeScript.Identifier | undefined {
  let found: TypeScript.Identifier | undefined;
  const visit = (node: TypeScript.Node): void => {
    if (node.pos > start + length || node.end < start) return;
    const isWithin = node.getStart(file) >= start && node.end <= start + length;
    // Of a property, the name is what is missed.
    if (ts.isIdentifier(node) && isWithin) found = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
