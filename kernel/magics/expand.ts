import { MagicError } from "../contract/messages";
import type { ExpandedCell, Span } from "../contract/messages";
import { argumentsOf, findSites, namesOf, optionOf, readSite } from "./grammar";
import type { Site } from "./grammar";
import type { Expansion, Source } from "./magic";
import type { MagicRegistry } from "./registry";

/** Makes TypeScript of the magics of a cell, line for line. Throws a `MagicError`. */
export function expandCell(source: string, registry: MagicRegistry): ExpandedCell {
  return expandSites(source, registry, (site, text) => {
    const { magic, given } = readSite(site, registry);
    try {
      const close = site.kind === "cell" ? magic.close?.(given) : undefined;
      return { expansion: magic.expand({ ...given, text }), close };
    } catch (error) {
      throw new MagicError((error as Error).message, site.start, site.end);
    }
  });
}

/** The same for a cell that is being written: a magic that is not yet right is its arguments alone. */
export function expandUnfinishedCell(source: string, registry: MagicRegistry): ExpandedCell {
  try {
    return expandSites(source, registry, (site, text) => {
      try {
        const { magic, given } = readSite(site, registry);
        // A cell that is not yet whole is to be completed as it stands.
        if (site.kind === "cell" && magic.close !== undefined) return { expansion: [] };
        return { expansion: magic.expand({ ...given, text }) };
      } catch {
        return { expansion: argumentsOf(site.tokens).flatMap((part): Expansion => [part, ";"]) };
      }
    });
  } catch {
    return { source, code: source, spans: [{ source: 0, expanded: 0, length: source.length }] };
  }
}

interface Expanded {
  readonly expansion: Expansion;
  /** What stands behind the cell. */
  readonly close?: Expansion;
}

function expandSites(
  source: string,
  registry: MagicRegistry,
  expand: (site: Site, text: string | undefined) => Expanded,
): ExpandedCell {
  const cell = new CellBuilder(source);
  let launch: ExpandedCell["launch"];
  let closing: Expansion | undefined;
  for (const site of findSites(source)) {
    const pulled = pulledBy(site, registry);
    const takesText = site.kind === "cell" && registry.find(site.name.text)?.takesText === true;
    const text = takesText ? source.slice(site.end).replace(/^\r?\n/, "") : undefined;
    const { expansion, close } = expand(site, text);
    closing ??= close;
    cell.copyTo(site.start);
    if (pulled !== undefined) {
      cell.replaceTo(site.end, typesOf(pulled));
      launch = { cell: launchOf(source, site, expansion), pull: pulled.map((name) => name.text) };
      continue;
    }
    cell.replaceTo(
      takesText ? source.length : site.end,
      site.isStatement ? statement(source, site, expansion) : ["(", ...expansion, ")"],
    );
    if (takesText) break;
  }
  cell.copyTo(source.length);
  // On a line of its own, for the last of the cell may end with a comment.
  if (closing !== undefined) cell.replaceTo(source.length, ["\n", ...closing]);
  return launch === undefined ? cell.finish() : { ...cell.finish(), launch };
}

/** What runs in the notebook in the stead of a cell that runs on ranks. */
function launchOf(source: string, site: Site, expansion: Expansion): ExpandedCell {
  const launch = new CellBuilder(source);
  launch.copyTo(site.start);
  launch.replaceTo(site.end, expansion);
  return launch.finish();
}

/** The variables that a cell brings back, if it is one that runs on ranks. */
function pulledBy(site: Site, registry: MagicRegistry): readonly Source[] | undefined {
  const magic = site.kind === "cell" ? registry.find(site.name.text) : undefined;
  if (magic?.pullOption === undefined) return undefined;
  return namesOf(optionOf(site, magic.pullOption));
}

/** Has the compiler look for variables where they are named, without using them. */
function typesOf(variables: readonly Source[]): Expansion {
  const types = variables.flatMap((variable): Expansion => ["typeof ", variable, ", "]);
  return variables.length === 0 ? [] : ["void (0 as unknown as [", ...types, "]);"];
}

/** Neither the line before nor the one behind may be taken as part of the same statement. */
function statement(source: string, { end }: Site, expansion: Expansion): Expansion {
  return source[end] === ";" ? [";", ...expansion] : [";", ...expansion, ";"];
}

class CellBuilder {
  private readonly source: string;
  private readonly spans: Span[] = [];
  private code = "";
  private position = 0;

  constructor(source: string) {
    this.source = source;
  }

  copyTo(end: number): void {
    this.copy({ start: this.position, text: this.source.slice(this.position, end) });
    this.position = end;
  }

  replaceTo(end: number, expansion: Expansion): void {
    for (const piece of expansion) {
      if (typeof piece === "string") this.code += piece;
      else this.copy(piece);
    }
    this.position = end;
  }

  finish(): ExpandedCell {
    return { source: this.source, code: this.code, spans: this.spans };
  }

  private copy({ start, text }: Source): void {
    this.spans.push({ source: start, expanded: this.code.length, length: text.length });
    this.code += text;
  }
}
