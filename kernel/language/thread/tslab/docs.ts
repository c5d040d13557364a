import type * as TypeScript from "typescript";

/**
 * Doc comments of declaration files are read when they are asked for: to parse those of Node takes as long as to parse
 * what they describe, and only inspection shows them.
 */

interface Documented extends TypeScript.Node {
  parent: TypeScript.Node;
  jsDoc?: { parent: TypeScript.Node }[];
}

/** What is asked for the doc comments of its declarations. */
type Subject = Record<string, (...args: unknown[]) => unknown> & {
  readonly declarations?: readonly TypeScript.Node[];
  readonly declaration?: TypeScript.Node;
};

interface Allocator {
  readonly objectAllocator: Record<
    "getSymbolConstructor" | "getSignatureConstructor",
    () => { prototype: Subject }
  >;
}

const questions = [
  "getDocumentationComment",
  "getContextualDocumentationComment",
  "getJsDocTags",
  "getContextualJsDocTags",
];

/** The text, character for character in its place, whose doc comments are mere comments but for those that deprecate. */
export function withoutDocs(text: string): string {
  const pieces: string[] = [];
  let done = 0;
  for (let start = text.indexOf("/**"); start !== -1;) {
    const end = text.indexOf("*/", start + 3);
    if (end === -1) break;
    // What does not begin its line may be part of a string.
    if (beginsLine(text, start) && !text.slice(start, end).includes("@deprecated")) {
      pieces.push(text.slice(done, start), "/* ");
      done = start + 3;
    }
    start = text.indexOf("/**", end);
  }
  pieces.push(text.slice(done));
  return pieces.join("");
}

/** Gives the symbols and signatures of `ts` the doc comments of files that were read without. */
export function readDocsWhenAsked(ts: typeof TypeScript): void {
  const { objectAllocator } = ts as unknown as Allocator;
  const restored = new WeakSet<TypeScript.SourceFile>();
  const restore = (declaration: TypeScript.Node): void => {
    const file = declaration.getSourceFile();
    if (restored.has(file)) return;
    restored.add(file);
    restoreDocs(ts, file);
  };
  const kinds = [objectAllocator.getSymbolConstructor(), objectAllocator.getSignatureConstructor()];
  for (const { prototype } of kinds) {
    for (const question of questions.filter((name) => name in prototype)) {
      const answer = prototype[question];
      prototype[question] = function (this: Subject, ...args) {
        const { declarations = [], declaration } = this;
        for (const one of declaration === undefined ? declarations : [declaration]) restore(one);
        return answer.apply(this, args);
      };
    }
  }
}

function beginsLine(text: string, start: number): boolean {
  let before = start - 1;
  while (text[before] === " " || text[before] === "\t") before--;
  return before === -1 || text[before] === "\n";
}

function restoreDocs(ts: typeof TypeScript, file: TypeScript.SourceFile): void {
  const text = file.isDeclarationFile ? ts.sys.readFile(file.fileName) : undefined;
  // A file that has changed since is not the one that was parsed.
  if (text === undefined || text === file.text || withoutDocs(text) !== file.text) return;
  const { languageVersion, impliedNodeFormat } = file;
  const documented = ts.createSourceFile(file.fileName, text, { languageVersion, impliedNodeFormat }, true);
  file.text = text;
  takeDocs(ts, file, documented);
}

/** Two parses of one file, comments aside, have the same nodes. */
function takeDocs(ts: typeof TypeScript, to: Documented, from: Documented): void {
  to.jsDoc = from.jsDoc;
  for (const comment of to.jsDoc ?? []) comment.parent = to;
  const children = childrenOf(ts, from);
  childrenOf(ts, to).forEach((child, i) => takeDocs(ts, child, children[i]));
}

function childrenOf(ts: typeof TypeScript, node: TypeScript.Node): Documented[] {
  const children: Documented[] = [];
  ts.forEachChild(node, (child) => void children.push(child as Documented));
  return children;
}
