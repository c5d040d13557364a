import { textOf } from "../headless/notebook";
import type { Cell, Notebook } from "../headless/notebook";
import { anchorOf } from "../headless/markdown";
import { isRemoved, visibilityOf } from "../headless/visibility";

/** Something that the site's search finds. */
export interface Entry {
  readonly title: string;
  /** The page that it is on. */
  readonly page: string;
  /** From the site's root. */
  readonly url: string;
  readonly text: string;
}

/** An entry for each section of a notebook, its cells' code included. */
export function entriesOf(notebook: Notebook, page: string, url: string): Entry[] {
  const entries: Entry[] = [];
  let [heading, texts] = ["", [] as string[]];
  const finish = () => {
    if (heading !== "") {
      entries.push({ title: heading, page, url: `${url}#${anchorOf(heading)}`, text: texts.join("\n") });
    }
    texts = [];
  };
  for (const cell of notebook.cells.filter(isSearched)) {
    const { cell_type: type, source } = cell;
    const isProse = type === "markdown";
    for (const line of textOf(source).split("\n")) {
      const found = isProse ? /^#{1,3} (.+)$/.exec(line)?.[1] : undefined;
      if (found === undefined) texts.push(isProse ? plainText(line) : line);
      else {
        finish();
        heading = found;
      }
    }
  }
  finish();
  return entries;
}

/** What is not on the page is not found. */
function isSearched(cell: Cell): boolean {
  if (cell.cell_type === "raw" || isRemoved(cell)) return false;
  return cell.cell_type === "markdown" || visibilityOf(cell).input !== "removed";
}

/** Markdown without its marks. */
function plainText(line: string): string {
  return line.replace(/<[^>]*>|[*`$|]/g, "");
}

/** A script that gives the entries to the page's search; no page of a file may fetch. */
export function entriesScript(entries: readonly Entry[]): string {
  return `(window.SaddleEntries ??= []).push(...${JSON.stringify(entries)});\n`;
}
