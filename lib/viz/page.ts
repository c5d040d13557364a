import { figureClass } from "../util/figuresScript";
import { escapeHtml } from "../util/html";
import type { PlotlyJson } from "./theme";

/**
 * How a figure comes to be drawn, wherever its output is shown.
 *
 * plotly.js is two megabytes even compressed, so that a figure's HTML holds its numbers only, and above them a static
 * picture. A script in it gives the numbers to `window.SaddleFigures`, where what draws takes them, before or after.
 * What draws (assets/viz/runtime.js, with plotly.js within it) a page gets from one of these, whichever is there first:
 *
 * - the Jupyter server that has served the page, which has it as a file of the kernelspec: Lab, Notebook, old and new,
 *   load it once a page whatever has become of the outputs, and no message carries it;
 * - a copy in the outputs, which the kernel sees to (kernel/dispatch/figuresCopy.ts): pages that were exported;
 * - the page itself, where it was written by us.
 *
 * VS Code draws from the bundle's `application/vnd.plotly.v1+json`. Where no script runs, as in a notebook that is not
 * trusted, or none of these is there, the picture is what is seen.
 */
export interface DrawnFigure {
  /** Unique in the page. */
  readonly id: string;
  readonly data: readonly PlotlyJson[];
  readonly layout: PlotlyJson;
  readonly summary: string;
  /** The figure as a static picture, an SVG document, if there is one. */
  readonly picture?: string;
  /** Figures of one live name are drawn in each other's place. */
  readonly live?: string;
}

/** The HTML of one figure, drawn as soon as the page has what draws. */
export function figureHtml({ id, data, layout, summary, picture, live }: DrawnFigure): string {
  const figure = scriptJson({ id, data, layout, live });
  const label = escapeHtml(summary.split("\n")[0]);
  const still = picture === undefined ? `<pre>${escapeHtml(summary)}</pre>` : pictureHtml(picture, label);
  return `<div class="${figureClass}" id="${id}" role="figure" aria-label="${label}">${still}</div>
<script>(${give})(${figure})</script>`;
}

/** In base64, as no sanitizer lets other pictures through. */
function pictureHtml(svg: string, label: string): string {
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  return `<img alt="${label}" src="${source}" style="max-width: 100%">`;
}

/** Gives a figure to what draws, which is fetched from the Jupyter server of the page if it has one. */
const give = `(figure) => {
  const figures = (window.SaddleFigures = window.SaddleFigures || []);
  figures.push(figure);
  if (!Array.isArray(figures) || figures.asked) return;
  const config = document.getElementById("jupyter-config-data");
  const { baseUrl, token } = config ? JSON.parse(config.textContent) : document.body.dataset;
  if (!baseUrl) return;
  figures.asked = true;
  const script = document.createElement("script");
  script.src = baseUrl + "kernelspecs/saddle/figures.js" + (token ? "?token=" + token : "");
  document.head.append(script);
}`.replace(/\n\s*/g, " ");

/** A whole HTML page of `body`. */
export function pageHtml(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
${body}
</body>
</html>
`;
}

/** JSON that can stand inside a script element: no "</script>" and no "<!--" in it. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
