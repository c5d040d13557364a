import { TraceMap, decodedMappings, encodedMappings } from "@jridgewell/trace-mapping";
import type { SourceMapInput } from "@jridgewell/trace-mapping";
import type * as TypeScript from "typescript";
import type { Diagnostic, SourceMapJson } from "../../../contract/messages";

/** A cell that is an object literal, in parentheses, and where these are in the text without them. */
export interface Parenthesized {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * To the language, a statement that begins with a brace is a block; to who writes a cell, `{ a: 1, b: 2 }` is an object.
 * A cell that is nothing but an object literal, perhaps of a given type, is taken for that, as consoles do, even if it
 * would be a block as well; nothing, if it is none.
 */
export function literalInParentheses(ts: typeof TypeScript, code: string): Parenthesized | undefined {
  const start = parse(ts, code).getStart();
  if (code[start] !== "{") return undefined;
  const before = code.slice(0, start);
  // The parser says where the expression ends, and misses the other parenthesis.
  const [statement] = parse(ts, `${before}(${code.slice(start)}`).statements;
  if (statement === undefined || !ts.isExpressionStatement(statement)) return undefined;
  const { expression: parenthesized } = statement;
  const literal = ts.isParenthesizedExpression(parenthesized) ? parenthesized.expression : undefined;
  if (literal === undefined || !isLiteral(ts, literal)) return undefined;
  if (isOfStatements(ts, literal) && mistakesOf(parse(ts, code)) === 0) return undefined;
  const end = literal.end - 1;
  const text = `${before}(${code.slice(start, end)})${code.slice(end)}`;
  const whole = parse(ts, text);
  const [only, ...others] = whole.statements;
  const isWhole = ts.isExpressionStatement(only) && ts.isParenthesizedExpression(only.expression);
  return isWhole && others.every(ts.isEmptyStatement) && mistakesOf(whole) === 0
    ? { text, start, end }
    : undefined;
}

/** A diagnostic of the text in parentheses as one of the text without them. */
export function diagnosticWithout({ start, end }: Parenthesized, diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.file !== undefined) return diagnostic;
  const place = (offset: number) => offset - Number(offset > start) - Number(offset > end + 1);
  return { ...diagnostic, start: place(diagnostic.start), end: place(diagnostic.end) };
}

/** The map from JavaScript to the text in parentheses as one to the text without them, which is behind `lines` lines. */
export function mapWithout({ text, start }: Parenthesized, map: SourceMapJson, lines: number): SourceMapJson {
  const before = text.slice(0, start).split("\n");
  const [line, column] = [before.length - 1 + lines, before[before.length - 1].length];
  const mappings = decodedMappings(new TraceMap(map as SourceMapInput)).map((segments) =>
    segments.map((segment): typeof segment => {
      if (segment.length === 1 || segment[2] !== line || segment[3] <= column) return segment;
      const [generated, source, , old] = segment;
      return [generated, source, line, old - 1];
    }),
  );
  const moved = new TraceMap({ ...map, names: [], mappings } as unknown as SourceMapInput);
  return { ...map, mappings: encodedMappings(moved) };
}

function isLiteral(ts: typeof TypeScript, node: TypeScript.Expression): boolean {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return isLiteral(ts, node.expression);
  return ts.isObjectLiteralExpression(node);
}

/** Whether what could be a method, as in `{ if (x) {} }`, is likelier to be a statement. */
function isOfStatements(ts: typeof TypeScript, node: TypeScript.Expression): boolean {
  if (!ts.isObjectLiteralExpression(node)) return false;
  return node.properties.some((property) => ts.isMethodDeclaration(property) && isKeyword(property.name));
}

function isKeyword(name: TypeScript.PropertyName): boolean {
  return ["if", "for", "while", "switch", "with"].includes(
    (name as Partial<TypeScript.Identifier>).text ?? "",
  );
}

function parse(ts: typeof TypeScript, code: string): TypeScript.SourceFile {
  return ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
}

function mistakesOf(file: TypeScript.SourceFile): number {
  return (file as unknown as { parseDiagnostics: readonly unknown[] }).parseDiagnostics.length;
}
