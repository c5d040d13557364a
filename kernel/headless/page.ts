import katex from "katex";
import { escapeHtml } from "../../lib/util/html";
import { highlightCode, markdownHtml, math } from "./markdown";
import { textOf } from "./notebook";
import type { Cell, Notebook, Output } from "./notebook";
import { pageStyle } from "./style";
import { isRemoved, visibilityOf } from "./visibility";
import type { Visibility } from "./visibility";

/** A notebook with its outputs as one HTML page that needs nothing else. */
export function pageOf(notebook: Notebook, name: string): string {
  const body = `<main>\n${notebookHtml(notebook)}\n</main>`;
  return htmlPage({ title: titleOf(notebook) ?? name, head: `<style>${pageStyle()}</style>`, body });
}

/** The frame of a page; `title` is text, `head` and `body` are HTML. */
export function htmlPage({ title, head, body }: { title: string; head: string; body: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

/** The cells of a notebook with their outputs, but for those that are tagged to be left out. */
export function notebookHtml({ cells }: Notebook): string {
  return cells.map((cell, index) => (isRemoved(cell) ? "" : cellHtml(cell, `cell-${index + 1}`))).join("\n");
}

/** The text of a notebook's first heading. */
export function titleOf({ cells }: Notebook): string | undefined {
  const shown = cells.filter((cell) => cell.cell_type === "markdown" && !isRemoved(cell));
  const texts = shown.map((cell) => textOf(cell.source));
  return texts.map((text) => /^#\s+(.+)$/m.exec(text)?.[1]).find((heading) => heading !== undefined);
}

function cellHtml(cell: Cell, id: string): string {
  if (cell.cell_type === "raw") return rawHtml(cell);
  return cell.cell_type === "code" ? codeHtml(cell) : textHtml(cell, id);
}

function textHtml(cell: Cell, id: string): string {
  const html = markdownHtml(textOf(cell.source), id, cell.attachments);
  const isHidden = visibilityOf(cell).input === "hidden";
  return `<section class="text">${isHidden ? details("Show text", html) : html}</section>`;
}

/** As nbconvert does: what is for pages in HTML, or for all, as it is; what is for other formats is in those alone. */
function rawHtml({ metadata, source }: Cell): string {
  const type = metadata.raw_mimetype ?? metadata.format ?? "";
  if (type !== "" && type !== "text/html") return "";
  return `<section class="${type === "" ? "raw plain" : "raw"}">${textOf(source)}</section>`;
}

function codeHtml(cell: Cell): string {
  const { input, output } = visibilityOf(cell);
  const source = textOf(cell.source);
  const outputs = (cell.outputs ?? []).map(outputHtml).join("\n");
  const code =
    source.trim() === ""
      ? ""
      : `<pre class="source"><code>${highlightCode(source, "typescript")}</code></pre>`;
  const body = folded([
    { visibility: input, summary: "Show code", html: code },
    {
      visibility: output,
      summary: "Show output",
      html: outputs === "" ? "" : `<div class="outputs">${outputs}</div>`,
    },
  ]);
  if (body === "") return "";
  const count = input === "shown" ? `<div class="count">${cell.execution_count ?? ""}</div>\n` : "";
  return `<section class="code">\n${count}${body}\n</section>`;
}

interface Part {
  readonly visibility: Visibility;
  readonly summary: string;
  readonly html: string;
}

/** The parts of a cell that are on the page; if all are hidden, behind one thing to click. */
function folded(parts: readonly Part[]): string {
  const there = parts.filter(({ visibility, html }) => visibility !== "removed" && html !== "");
  const isAllHidden = there.length > 1 && there.every(({ visibility }) => visibility === "hidden");
  if (isAllHidden) return details("Show cell", there.map(({ html }) => html).join("\n"));
  const shown = there.map(({ visibility, summary, html }) =>
    visibility === "hidden" ? details(summary, html) : html,
  );
  return shown.join("\n");
}

function details(summary: string, html: string): string {
  return `<details><summary>${summary}</summary>\n${html}\n</details>`;
}

function outputHtml(output: Output): string {
  if (output.output_type === "stream")
    return `<pre class="${output.name}">${plain(textOf(output.text))}</pre>`;
  if (output.output_type === "error") return `<pre class="error">${plain(output.traceback.join("\n"))}</pre>`;
  const type = representations.find((candidate) => candidate in output.data);
  if (type === undefined) return "";
  const text = textOf((output.data["text/plain"] as string | undefined) ?? "");
  const size = sizeOf((output.metadata as Readonly<Record<string, unknown>>)[type]);
  const html = renderers[type](textOf(output.data[type] as string), text, size);
  return html === "" ? "" : `<div class="output">${html}</div>`;
}

/** How each type of representation is shown, the best first. */
const renderers: Readonly<Record<string, (data: string, text: string, size: string) => string>> = {
  "text/html": (html) => html,
  "image/svg+xml": (svg) => svg,
  "image/png": image("image/png"),
  "image/jpeg": image("image/jpeg"),
  "image/gif": image("image/gif"),
  "image/webp": image("image/webp"),
  "text/markdown": (text) => markdownHtml(text),
  "text/latex": (text) =>
    katex.renderToString(text.replace(/^\s*\$+|\$+\s*$/g, ""), { ...math, displayMode: true }),
  "text/plain": (text) => (text === "" ? "" : `<pre>${plain(text)}</pre>`),
};
const representations = Object.keys(renderers);

function plain(text: string): string {
  return escapeHtml(text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, ""));
}

/** Pictures say in words what their text does in its first line. */
function image(type: string): (data: string, text: string, size: string) => string {
  return (data, text, size) =>
    `<img alt="${escapeHtml(text.split("\n")[0])}"${size} src="data:${type};base64,${data.replace(/\s/g, "")}">`;
}

/** The size that the metadata of a picture gives it, in pixels, as attributes. */
function sizeOf(metadata: unknown): string {
  const given: [string, unknown][] = Object.entries(metadata ?? {});
  return given
    .filter(([name, value]) => ["width", "height"].includes(name) && Number.isFinite(value))
    .map(([name, value]) => ` ${name}="${String(value)}"`)
    .join("");
}
