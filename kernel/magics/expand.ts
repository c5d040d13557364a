import { MagicError } from "../messages";
import type { ExpandedCell, Span } from "../messages";
import { argumentsOf, findSites, readSite } from "./grammar";
import type { Site } from "./grammar";
import type { Expansion, Source } from "./magic";

/** Makes TypeScript of the magics of a cell, line for line. Throws a `MagicError`. */
export function expandCell(source: string): ExpandedCell {
  return expandSites(source, (site) => {
    const { magic, given } = readSite(site);
    try {
      return magic.expand(given);
    } catch (error) {
      throw new MagicError((error as Error).message, site.start, site.end);
    }
  });
}

/** The same for a cell that is being written: a magic that is not yet right is its arguments alone. */
export function expandUnfinishedCell(source: string): ExpandedCell {
  try {
    return expandSites(source, (site) => {
      try {
        return readSite(site).magic.expand(readSite(site).given);
      } catch {
        return argumentsOf(site).flatMap((part): Expansion => [part, ";"]);
      }
    });
  } catch {
    return { source, code: source, spans: [{ source: 0, expanded: 0, length: source.length }] };
  }
}

function expandSites(source: string, expand: (site: Site) => Expansion): ExpandedCell {
  const cell = new CellBuilder(source);
  for (const site of findSites(source)) {
    cell.copyTo(site.start);
    const expansion = expand(site);
    cell.replaceTo(
      site.end,
      site.isStatement ? statement(source, site, expansion) : ["(", ...expansion, ")"],
    );
  }
  cell.copyTo(source.length);
  return cell.finish();
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
