import type * as KernelMessage from "@jupyterlab/services/lib/kernel/messages";
import type {
  Completions,
  ExpandedCell,
  Inspection,
  Language,
  MagicExpander,
  Scope,
} from "../contract/messages";
import { fromCodePoints, isOfSource, toCodePoints, toExpanded, toSource } from "./positions";

type CompleteRequest = KernelMessage.ICompleteRequestMsg["content"];
type InspectRequest = KernelMessage.IInspectRequestMsg["content"];

const comments = String.raw`(?:\s|//.*\n)*`;
const pageRequest = new RegExp(`^${comments}(?:(%{0,2}[\\w$.]+)[?]{1,2}|[?]{1,2}(%{0,2}[\\w$.]+))\\s*$`);

/** What a cell asks for that is `name?`, `?name` or `%name?`, with one or two question marks. */
export function pageName(code: string): string | undefined {
  const [, before, behind] = pageRequest.exec(code) ?? [];
  return before ?? behind;
}

/** Answers what is asked while a cell is being written; never waits for one that runs. */
export class Assistant {
  private readonly language: Language;
  private readonly magics: MagicExpander;

  constructor(language: Language, magics: MagicExpander) {
    this.language = language;
    this.magics = magics;
  }

  async complete({ code, cursor_pos }: CompleteRequest): Promise<object> {
    const offset = fromCodePoints(code, cursor_pos);
    const { start, end, entries } = await this.completions(code, offset);
    const [cursorStart, cursorEnd] = [toCodePoints(code, start), toCodePoints(code, end)];
    const types = entries.map(({ text, kind }) => ({ text, type: kind, start: cursorStart, end: cursorEnd }));
    return {
      status: "ok",
      matches: entries.map(({ text }) => text),
      cursor_start: cursorStart,
      cursor_end: cursorEnd,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  async inspect({ code, cursor_pos }: InspectRequest): Promise<object> {
    const inspection = await this.inspection(code, fromCodePoints(code, cursor_pos));
    const found = inspection !== undefined;
    return { status: "ok", found, data: found ? await inspectionBundle(inspection) : {}, metadata: {} };
  }

  /** The answer to a cell that asks for a page, which is shown apart; none, if nothing has the name. */
  async page(name: string): Promise<object | undefined> {
    const inspection = await this.inspection(name, name.length);
    return inspection && { source: "page", data: await inspectionBundle(inspection), start: 0 };
  }

  async isComplete(code: string): Promise<object> {
    if (pageName(code) !== undefined) return { status: "complete" };
    return this.language.completeness(this.magics.expandUnfinished(code).code);
  }

  private async completions(source: string, offset: number): Promise<Completions> {
    const ofMagic = this.magics.complete(source, offset);
    if (ofMagic !== undefined) return ofMagic;
    const { cell, scope } = this.partAt(source, offset);
    const expanded = toExpanded(cell, offset);
    if (expanded === undefined) return { start: offset, end: offset, entries: [] };
    const { start, end, entries } = await this.language.complete(cell.code, expanded, scope);
    return { start: toSource(cell, start), end: toSource(cell, end), entries };
  }

  private async inspection(source: string, offset: number): Promise<Inspection | undefined> {
    const ofMagic = this.magics.inspect(source, offset);
    if (ofMagic !== undefined) return ofMagic;
    const { cell, scope } = this.partAt(source, offset);
    // A space that is typed behind the arguments of a magic is none of them yet.
    const end = source.slice(0, offset).replace(/[ \t]+$/, "").length;
    for (const place of new Set([offset, end].map((written) => toExpanded(cell, written)))) {
      const found = place === undefined ? undefined : await this.language.inspect(cell.code, place, scope);
      // What a magic becomes may call a function of ours.
      const isWritten = found?.start === undefined || isOfSource(cell, found.start - 1);
      if (found !== undefined && isWritten) return found;
    }
    return this.magics.inspectArguments(source, offset);
  }

  /** The part of a cell that has `offset`: what runs on ranks, what launches that, or all of it. */
  private partAt(source: string, offset: number): { cell: ExpandedCell; scope: Scope } {
    const cell = this.magics.expandUnfinished(source);
    if (cell.launch === undefined) return { cell, scope: "notebook" };
    const isLaunch = toExpanded(cell, offset) === undefined;
    return isLaunch ? { cell: cell.launch.cell, scope: "notebook" } : { cell, scope: "ranks" };
  }
}

async function inspectionBundle({ signature, documentation }: Inspection): Promise<object> {
  const markdown = ["```typescript\n" + signature + "\n```", documentation].join("\n\n");
  // Is loaded when it is first needed, for it is not needed to start.
  const { default: MarkdownIt } = await import("markdown-it");
  return {
    "text/plain": [signature, documentation].filter((part) => part !== "").join("\n\n"),
    "text/markdown": markdown,
    "text/html": new MarkdownIt().render(markdown),
  };
}
