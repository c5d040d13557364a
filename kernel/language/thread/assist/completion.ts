import type * as TypeScript from "typescript";
import type { CompletionInfo, Converter } from "tslab/dist/converter";
import type { Completions } from "../../../contract/messages";
import { parseCell } from "../tslab/parse";
import { ts } from "../tslab/typescript";

interface Remembered {
  readonly declarations: string;
  readonly code: string;
  readonly offset: number;
  readonly completions: Completions;
}

/** Completes, and remembers what it has completed last: front ends ask again, at a second press of Tab for instance. */
export class Completer {
  private latest: Remembered | undefined;

  complete(converter: Converter, declarations: string, code: string, offset: number): Completions {
    const { latest } = this;
    if (latest?.code === code && latest.offset === offset && latest.declarations === declarations) {
      return latest.completions;
    }
    const found = converter.complete(declarations, code, offset);
    const completions = completionsOf(found, code, offset);
    // Whatever else than a name is begun may be that of a file, which come and go.
    const isName = found.start < found.end;
    this.latest = isName ? { declarations, code, offset, completions } : undefined;
    return completions;
  }

  forget(): void {
    this.latest = undefined;
  }
}

function completionsOf(
  { start, end, candidates, original }: CompletionInfo,
  code: string,
  offset: number,
): Completions {
  const kinds = new Map(original?.entries.map(({ name, kind }) => [name, kind]));
  const entriesOf = (names: readonly string[]) =>
    names.filter(isForUsers).map((text) => ({ text, kind: kinds.get(text) ?? "" }));
  const literal = start < end ? undefined : stringAt(code, offset);
  if (literal === undefined) return { start, end, entries: entriesOf(candidates) };
  const { isModule, begun } = literal;
  const written = code.slice(begun, offset);
  // The compiler completes no names that the `paths` option makes.
  const names = isModule && code[begun - 1] !== "/" ? [...candidates, "saddle"] : candidates;
  return { start: begun, end, entries: entriesOf(names.filter((name) => name.startsWith(written))) };
}

interface StringAtCursor {
  readonly isModule: boolean;
  /** Where the piece of it that is being written starts. */
  readonly begun: number;
}

function stringAt(code: string, offset: number): StringAtCursor | undefined {
  const file = parseCell(code);
  let found: StringAtCursor | undefined;
  const visit = (node: TypeScript.Node): void => {
    if (node.getStart() >= offset || node.end < offset) return;
    ts.forEachChild(node, visit);
    if (!ts.isStringLiteralLike(node)) return;
    const first = node.getStart() + 1;
    const isModule = isModuleName(node);
    found = { isModule, begun: isModule ? Math.max(first, code.lastIndexOf("/", offset - 1) + 1) : first };
  };
  visit(file);
  return found;
}

function isModuleName({ parent }: TypeScript.Node): boolean {
  if (ts.isImportDeclaration(parent)) return true;
  if (!ts.isCallExpression(parent)) return false;
  return parent.expression.kind === ts.SyntaxKind.ImportKeyword || parent.expression.getText() === "require";
}

function isForUsers(name: string): boolean {
  return !name.startsWith("__saddle") && !name.startsWith("__tslab");
}
