import taskLists from "@hackmd/markdown-it-task-lists";
import markdownKatex from "@vscode/markdown-it-katex";
import highlighter from "highlight.js";
import MarkdownIt from "markdown-it";
import footnotes from "markdown-it-footnote";
import { escapeHtml } from "../../lib/util/html";
import { textOf } from "./notebook";
import type { Cell } from "./notebook";

type Attachments = NonNullable<Cell["attachments"]>;
type Token = ReturnType<MarkdownIt["parse"]>[number];

interface Environment {
  /** Sets the footnotes of one text apart from those of the others on its page. */
  readonly docId?: string;
  readonly attachments?: Attachments;
}

// MathML needs no fonts and no style sheet, so that the page is whole by itself.
export const math = { output: "mathml", throwOnError: false } as const;

const markdown = new MarkdownIt({ html: true, linkify: true, typographer: true, highlight: highlightCode });
markdown.use(markdownKatex, math);
markdown.use(taskLists);
markdown.use(footnotes);
// GitHub has none, and x^[2] is more likely a power.
markdown.disable("footnote_inline");
markdown.core.ruler.push("attachments", ({ tokens, env }) => {
  const { attachments } = env as Environment;
  if (attachments !== undefined) for (const token of tokens) attach(token, attachments);
});

// Headings can be linked to.
markdown.renderer.rules["heading_open"] = (tokens, index, options, _env, renderer) => {
  tokens[index].attrSet("id", anchorOf(tokens[index + 1].content));
  return renderer.renderToken(tokens, index, options);
};

/** Markdown as GitHub has it, with formulas. `id` sets it apart from other texts on the page. */
export function markdownHtml(text: string, id?: string, attachments?: Attachments): string {
  return markdown.render(text, { docId: id, attachments } satisfies Environment);
}

/** One line of Markdown, without a paragraph around it. */
export function inlineHtml(text: string): string {
  return markdown.renderInline(text);
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

export function highlightCode(code: string, language: string): string {
  if (highlighter.getLanguage(language) === undefined) return escapeHtml(code);
  return highlighter.highlight(code, { language }).value;
}

/** Puts the attachments that a text refers to in the place of their names. */
function attach(token: Token, attachments: Attachments): void {
  for (const name of ["src", "href"]) {
    const url = token.attrGet(name);
    if (url !== null) token.attrSet(name, resolved(url, attachments));
  }
  if (token.type.startsWith("html_")) {
    token.content = token.content.replace(
      /\b(src|href)=(["'])(attachment:.*?)\2/g,
      (_, name: string, quote: string, url: string) =>
        `${name}=${quote}${resolved(url, attachments)}${quote}`,
    );
  }
  for (const child of token.children ?? []) attach(child, attachments);
}

function resolved(url: string, attachments: Attachments): string {
  const name = /^attachment:(.*)$/.exec(url)?.[1];
  if (name === undefined) return url;
  const known = [name, decoded(name)].find((candidate) => Object.hasOwn(attachments, candidate));
  const [type, data] = known === undefined ? [] : (Object.entries(attachments[known])[0] ?? []);
  return type === undefined ? url : dataUrl(type, textOf(data as string));
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Bytes are in base64; a text such as an SVG document may be itself. */
function dataUrl(type: string, data: string): string {
  const isBase64 = /^[\w+/\s]*=*\s*$/.test(data);
  const base64 = isBase64 ? data.replace(/\s/g, "") : Buffer.from(data).toString("base64");
  return `data:${type};base64,${base64}`;
}
