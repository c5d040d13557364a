import { randomUUID } from "node:crypto";
import { bundleOf, showsItself, textOf } from "./bundle";
import { checkFlag } from "./checks";
import { checkOptions, describe, refuse } from "./errors";
import { currentFrontend, displayKey } from "./frontend";
import type { DisplayOptions, Frontend, MimeBundle } from "./frontend";
import { escapeHtml } from "./html";

export interface ShowOptions {
  /** Names the place, so that a later value can take it. */
  readonly id?: string;
  /** Whether the value takes the place of what has been shown under `id`. */
  readonly update?: boolean;
  /** Jupyter's metadata of the output, by mime type. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface ImageOptions extends ShowOptions {
  /** In pixels of the page. */
  readonly width?: number;
  readonly height?: number;
}

export interface TableOptions extends ShowOptions {
  /** The properties to show, in this order; all that the rows have unless given. */
  readonly columns?: readonly string[];
}

type Metadata = Readonly<Record<string, unknown>>;

/** What a value is shown as, and the metadata that this has of its own. Refuses what is no value of the kind. */
type Kind = (value: unknown) => { readonly shown: unknown; readonly metadata?: Metadata };

const asItself: Kind = (value) => ({ shown: value });

/** What has been shown, in its place. As a cell's last value it shows nothing more. */
export class Displayed {
  readonly id: string;
  private readonly kind: Kind;
  private readonly metadata: Metadata;

  constructor(id: string, kind: Kind, metadata: Metadata) {
    this.id = id;
    this.kind = kind;
    this.metadata = metadata;
  }

  /**
   * Shows another value in this place, as what the first was shown as: `display.markdown("*a*").update("*b*")` is Markdown
   * again. Only a value that shows itself, such as a figure, does so, but as JSON all are JSON.
   */
  update(value: unknown): void {
    const kind = this.kind !== asJson && showsItself(value) ? asItself : this.kind;
    showIn(kind, value, { displayId: this.id, metadata: this.metadata, update: true });
  }

  [displayKey](): MimeBundle {
    return {};
  }
}

const showOptions = ["id", "update", "metadata"];

/**
 * Shows a value as a cell's last value is shown: by its `[Symbol.for("Jupyter.display")]()` if it has
 * one, else as text. An object whose keys are all mime types is taken as the representations themselves.
 * With an `id` that has been shown before and `update`, the value takes the earlier one's place. In
 * plain Node the text goes to stdout.
 */
function show(value: unknown, options: ShowOptions = {}): Displayed {
  return showAs(asItself, value, options);
}

function showAs(kind: Kind, value: unknown, options: ShowOptions): Displayed {
  checkOptions("display", options, showOptions);
  const { id = randomUUID(), update = false, metadata = {} } = options;
  showIn(kind, value, { displayId: id, metadata, update });
  return new Displayed(id, kind, metadata);
}

function showIn(kind: Kind, value: unknown, given: DisplayOptions): void {
  const frontend = currentFrontend() ?? plainNode;
  const { shown, metadata } = kind(value);
  const options = { ...given, metadata: { ...given.metadata, ...metadata } };
  const bundle = bundleOf(shown);
  if (!(bundle instanceof Promise)) frontend.display(bundle, options);
  else frontend.await(bundle.then((data) => frontend.display(data, options)));
}

const plainNode: Pick<Frontend, "display" | "await"> = {
  display: (data) => void process.stdout.write(`${String(data["text/plain"])}\n`),
  await: (work) => void work,
};

export interface Display {
  (value: unknown, options?: ShowOptions): Displayed;
  /** Shows a piece of HTML. */
  html(text: string, options?: ShowOptions): Displayed;
  /** Shows a text in Markdown. */
  markdown(text: string, options?: ShowOptions): Displayed;
  /** Shows a formula in LaTeX, with its dollar signs or without. */
  latex(formula: string, options?: ShowOptions): Displayed;
  /** Shows an SVG document. */
  svg(text: string, options?: ShowOptions): Displayed;
  /** Shows a value as JSON; JupyterLab shows it as a tree. */
  json(value: unknown, options?: ShowOptions): Displayed;
  /** Shows an image by the bytes of its PNG, JPEG, GIF or WebP file. */
  image(bytes: Uint8Array, options?: ImageOptions): Displayed;
  /** Shows objects as the rows of a table. */
  table(rows: Iterable<object>, options?: TableOptions): Displayed;
}

export const display: Display = Object.assign(show, {
  html: texts("html", "text/html", (text) => text),
  markdown: texts("markdown", "text/markdown", (text) => text),
  latex: texts("latex", "text/latex", (formula) => (formula.includes("$") ? formula : `$$${formula}$$`)),
  svg: texts("svg", "image/svg+xml", (text) => text),
  json: (value: unknown, options: ShowOptions = {}) => showAs(asJson, value, options),
  image,
  table,
});

function texts(name: string, type: string, written: (text: string) => string): Display["html"] {
  const kind: Kind = (text) => {
    if (typeof text !== "string")
      return refuse(`display.${name}`, `text must be a string, got ${describe(text)}`);
    return { shown: { [type]: written(text), "text/plain": text } };
  };
  return (text, options = {}) => showAs(kind, text, options);
}

function asJson(value: unknown): ReturnType<Kind> {
  return { shown: { "application/json": value, "text/plain": JSON.stringify(value) } };
}

const signatures: readonly (readonly [type: string, matches: (head: string) => boolean])[] = [
  ["image/png", (head) => head.startsWith("\x89PNG")],
  ["image/jpeg", (head) => head.startsWith("\xff\xd8\xff")],
  ["image/gif", (head) => head.startsWith("GIF8")],
  ["image/webp", (head) => head.startsWith("RIFF") && head.endsWith("WEBP")],
];

function image(bytes: Uint8Array, { width, height, ...options }: ImageOptions = {}): Displayed {
  return showAs((next) => imageOf(next, { width, height }), bytes, options);
}

function imageOf(bytes: unknown, size: Pick<ImageOptions, "width" | "height">): ReturnType<Kind> {
  if (!(bytes instanceof Uint8Array))
    return refuse("display.image", `bytes must be a Uint8Array, got ${describe(bytes)}`);
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  const [type] = signatures.find(([, matches]) => matches(head)) ?? [];
  if (type === undefined) {
    return refuse("display.image", "bytes must be a PNG, JPEG, GIF or WebP file, which they do not begin as");
  }
  const text = `${type} of ${bytes.length} bytes`;
  return { shown: { [type]: bytes, "text/plain": text }, metadata: { [type]: size } };
}

function table(rows: Iterable<object>, { columns, ...options }: TableOptions = {}): Displayed {
  return showAs((next) => tableOf(next, columns), rows, options);
}

function tableOf(rows: unknown, columns: readonly string[] | undefined): ReturnType<Kind> {
  if (typeof (rows as Partial<Iterable<object>> | null)?.[Symbol.iterator] !== "function")
    return refuse("display.table", `rows must be an array of objects, got ${describe(rows)}`);
  const records = [...(rows as Iterable<object>)] as Readonly<Record<string, unknown>>[];
  const names = columns ?? [...new Set(records.flatMap((row) => Object.keys(row)))];
  const cells = records.map((row) => names.map((name) => cellOf(row[name])));
  return { shown: { "text/html": htmlTable(names, cells), "text/plain": textTable(names, cells) } };
}

interface TableCell {
  readonly text: string;
  readonly isNumber: boolean;
}

function cellOf(value: unknown): TableCell {
  if (typeof value === "number") return { text: String(Number(value.toPrecision(6))), isNumber: true };
  const text = typeof value === "string" ? value : value === undefined ? "" : textOf(value);
  return { text, isNumber: false };
}

function htmlTable(names: readonly string[], rows: readonly (readonly TableCell[])[]): string {
  const head = names.map((name) => `<th>${escapeHtml(name)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map(htmlCell).join("")}</tr>`).join("\n");
  return `<table class="dataframe"><thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table>`;
}

function htmlCell({ text, isNumber }: TableCell): string {
  return `<td${isNumber ? ' style="text-align: right"' : ""}>${escapeHtml(text)}</td>`;
}

function textTable(names: readonly string[], rows: readonly (readonly TableCell[])[]): string {
  const widths = names.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column].text.length)),
  );
  const line = (cells: readonly TableCell[]) =>
    cells
      .map(({ text, isNumber }, i) => (isNumber ? text.padStart(widths[i]) : text.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  const head = names.map((text, column) => ({ text, isNumber: rows[0]?.[column].isNumber ?? false }));
  return [head, ...rows].map(line).join("\n");
}

/** Empties the output of the cell that runs, at once or as soon as there is something new to show. */
export function clearOutput(wait = false): void {
  checkFlag("clearOutput", "wait", wait);
  currentFrontend()?.clearOutput(wait);
}
