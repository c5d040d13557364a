import type * as TypeScript from "typescript";
import { ts } from "../tslab/typescript";

/** A `declare global { … }`. */
export interface GlobalBlock {
  readonly text: string;
  /** What it declares: the members of interfaces by their own names, so that blocks may add to one interface. */
  readonly names: ReadonlySet<string>;
}

const mark = /\bdeclare\s+global\b/;

/** What `text` declares globally, and the rest of it. To parse it costs, and hardly any has such a block. */
export function separateGlobals(text: string): { blocks: GlobalBlock[]; rest: string } {
  if (!mark.test(text)) return { blocks: [], rest: text };
  const found = globalBlocks(text);
  const blocks = found.map((block) => ({ text: block.getText(), names: new Set(namesOf(block)) }));
  const rest = found.reduceRight((left, { pos, end }) => left.slice(0, pos) + left.slice(end), text);
  return { blocks, rest };
}

/** Those of `before` that `now` says nothing new about, as a cell does that is run again. */
export function notReplaced(before: readonly GlobalBlock[], now: readonly GlobalBlock[]): GlobalBlock[] {
  const names = new Set(now.flatMap((block) => [...block.names]));
  return before.filter((block) => ![...block.names].every((name) => names.has(name)));
}

export function withGlobals(declarations: string, blocks: readonly GlobalBlock[]): string {
  return [declarations, ...blocks.map(({ text }) => text)].join("\n");
}

function globalBlocks(text: string): TypeScript.ModuleDeclaration[] {
  const file = ts.createSourceFile("globals.ts", text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  return file.statements.filter(isGlobalBlock);
}

function isGlobalBlock(statement: TypeScript.Statement): statement is TypeScript.ModuleDeclaration {
  return ts.isModuleDeclaration(statement) && (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
}

function namesOf({ body }: TypeScript.ModuleDeclaration): string[] {
  if (body === undefined || !ts.isModuleBlock(body)) return [];
  return body.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map(({ name }) => name.getText());
    }
    if (ts.isInterfaceDeclaration(statement)) {
      return statement.members.map((member) => `${statement.name.text}.${(member.name ?? member).getText()}`);
    }
    return [((statement as { name?: TypeScript.Node }).name ?? statement).getText()];
  });
}
