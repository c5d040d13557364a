import markdownKatex from "@vscode/markdown-it-katex";
import highlighter from "highlight.js";
import katex from "katex";
import MarkdownIt from "markdown-it";
import { escapeHtml } from "../../lib/util/html";
import { textOf } from "./notebook";
import type { Cell, Notebook, Output } from "./notebook";
import { pageStyle } from "./style";

// MathML needs no fonts and no style sheet, so that the page is whole by itself.
const math = { output: "mathml", throwOnError: false } as const;
const markdown = new MarkdownIt({ html: true, linkify: true, typographer: true, highlight: highlightCode });
markdown.use(markdownKatex, math);

// Headings can be linked to.
markdown.renderer.rules["heading_open"] = (tokens, index, options, _env, renderer) => {
  tokens[index].attrSet("id", anchorOf(tokens[index + 1].content));
  return renderer.renderToken(tokens, index, options);
};

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

/** The cells of a notebook with their outputs. */
export function notebookHtml({ cells }: Notebook): string {
  return cells.map(cellHtml).join("\n");
}

/** The text of a notebook's first heading. */
export function titleOf({ cells }: Notebook): string | undefined {
  const texts = cells.filter((cell) => cell.cell_type === "markdown").map((cell) => textOf(cell.source));
  return texts.map((text) => /^#\s+(.+)$/m.exec(text)?.[1]).find((heading) => heading !== undefined);
}

/** The id of a heading in its page. */
export function anchorOf(heading: string): string {
  return (
    heading
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.join("-") ?? "section"
  );
}

/** One line of Markdown, without a paragraph around it. */
export function inlineHtml(text: string): string {
  return markdown.renderInline(text);
}

function cellHtml(cell: Cell): string {
  const source = textOf(cell.source);
  if (cell.cell_type === "markdown") return `<section class="text">${markdown.render(source)}</section>`;
  if (cell.cell_type === "raw") return "";
  const outputs = (cell.outputs ?? []).map(outputHtml).join("\n");
  return `<section class="code">
<div class="count">${cell.execution_count ?? ""}</div>
<pre class="source"><code>${highlightCode(source, "typescript")}</code></pre>
<div class="outputs">${outputs}</div>
</section>`;
}

function outputHtml(output: Output): string {
  if (output.output_type === "stream")
    return `<pre class="${output.name}">${plain(textOf(output.text))}</pre>`;
  if (output.output_type === "error") return `<pre class="error">${plain(output.traceback.join("\n"))}</pre>`;
  const type = representations.find((candidate) => candidate in output.data);
  if (type === undefined) return "";
  const text = textOf((output.data["text/plain"] as string | undefined) ?? "");
  const html = renderers[type](textOf(output.data[type] as string), text);
  return html === "" ? "" : `<div class="output">${html}</div>`;
}

/** How each type of representation is shown, the best first. */
const renderers: Readonly<Record<string, (data: string, text: string) => string>> = {
  "text/html": (html) => html,
  "image/svg+xml": (svg) => svg,
  "image/png": image("image/png"),
  "image/jpeg": image("image/jpeg"),
  "image/gif": image("image/gif"),
  "image/webp": image("image/webp"),
  "text/markdown": (text) => markdown.render(text),
  "text/latex": (text) =>
    katex.renderToString(text.replace(/^\s*\$+|\$+\s*$/g, ""), { ...math, displayMode: true }),
  "text/plain": (text) => (text === "" ? "" : `<pre>${plain(text)}</pre>`),
};
const representations = Object.keys(renderers);

function highlightCode(code: string, language: string): string {
  if (highlighter.getLanguage(language) === undefined) return escapeHtml(code);
  return highlighter.highlight(code, { language }).value;
}

function plain(text: string): string {
  return escapeHtml(text.replace(/\x1b\[[\d;]*m/g, ""));
}

/** Pictures say in words what their text does in its first line. */
function image(type: string): (data: string, text: string) => string {
  return (data, text) =>
    `<img alt="${escapeHtml(text.split("\n")[0])}" src="data:${type};base64,${data.trim()}">`;
}
