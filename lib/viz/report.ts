import { displayKey, type MimeBundle } from "../util/frontend";
import { compose, type Figure } from "./figure";
import { escapeHtml } from "../util/html";
import { sixDigits } from "./values";

export type Cell = string | number | boolean;

/** Rows under column names; a table without names is a list of quantities and their values. */
export interface ReportTable {
  readonly title?: string;
  readonly columns?: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** On a page, shown when its title is clicked. */
  readonly folded?: boolean;
}

export interface ReportParts<Numbers extends object> {
  readonly title: string;
  readonly numbers: Numbers;
  readonly tables: readonly ReportTable[];
  /** HTML that stands above the tables, such as pictures. */
  readonly html?: readonly string[];
  readonly figures?: readonly Figure[];
  /** Sentences below the tables: what to make of them, and what could not be said. */
  readonly notes?: readonly string[];
}

/** What a magic shows: its numbers for code, its tables and figures for people. As a cell's last value it shows itself. */
export class Report<Numbers extends object> {
  readonly title: string;
  readonly numbers: Numbers;
  readonly tables: readonly ReportTable[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  private readonly pictures: readonly string[];

  constructor({ title, numbers, tables, html = [], figures = [], notes = [] }: ReportParts<Numbers>) {
    this.title = title;
    this.numbers = numbers;
    this.tables = tables;
    this.figures = figures;
    this.notes = notes;
    this.pictures = html;
  }

  /** The tables and notes as text, numbers in six significant digits. */
  toString(): string {
    return [this.title, ...this.tables.map(tableText), ...this.notes].join("\n\n");
  }

  [displayKey](): MimeBundle {
    const html = [
      `<h3>${escapeHtml(this.title)}</h3>`,
      ...this.pictures,
      ...this.tables.map(tableHtml),
      ...this.notes.map(noteHtml),
    ];
    return compose([html.join("\n"), ...this.figures], this.toString());
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function cellText(cell: Cell): string {
  return typeof cell === "number" ? numberText(cell) : String(cell);
}

function numberText(value: number): string {
  if (value === Infinity) return "∞";
  return value === -Infinity ? "−∞" : sixDigits(value);
}

function tableText({ title, columns, rows }: ReportTable): string {
  const lines = [...(columns ? [columns] : []), ...rows.map((row) => row.map(cellText))];
  const widths = (lines[0] ?? []).map((_, c) => Math.max(...lines.map((line) => lengthOf(line[c] ?? ""))));
  const text = lines.map((line) =>
    line
      .map((cell, c) => padded(cell, widths[c]))
      .join("  ")
      .trimEnd(),
  );
  return [...(title === undefined ? [] : [title]), ...text].join("\n");
}

/** In code points: a sign such as λ counts as one. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function padded(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - lengthOf(cell)));
}

function tableHtml({ title, columns, rows, folded = false }: ReportTable): string {
  const caption = title === undefined || folded ? "" : `<caption>${escapeHtml(title)}</caption>`;
  const head = columns
    ? `<thead><tr>${columns.map((c) => `<th scope="col">${escapeHtml(c)}</th>`).join("")}</tr></thead>`
    : "";
  const body = rows
    .map(([first, ...rest]) => {
      const cells = rest.map(cellHtml).join("");
      return `<tr><th scope="row">${escapeHtml(cellText(first))}</th>${cells}</tr>`;
    })
    .join("");
  const table = `<table class="saddle-report">${caption}${head}<tbody>${body}</tbody></table>`;
  return folded ? `<details><summary>${escapeHtml(title ?? "Table")}</summary>${table}</details>` : table;
}

/** Browsers break lines within 1e-9, unless told. */
function cellHtml(cell: Cell): string {
  const style = typeof cell === "number" ? ' style="white-space: nowrap"' : "";
  return `<td${style}>${escapeHtml(cellText(cell))}</td>`;
}

function noteHtml(note: string): string {
  return `<p>${escapeHtml(note)}</p>`;
}
