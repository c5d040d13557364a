import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { refuse } from "../util/errors";
import type { Frontend } from "../util/frontend";
import { escapeHtml } from "../util/html";
import { darkTemplate, type PlotlyJson } from "./theme";

/**
 * How plotly.js, two megabytes even compressed, comes into a notebook once and stays there.
 *
 * A figure's HTML holds its numbers only and waits in `window.SaddleFigures`; the *runtime* (plotly.js
 * and what draws) is a display of its own. Each figure that is shown empties the runtime's earlier
 * display and sends it anew, so that the document always has it exactly once, in the output of the
 * cell run last: neither running a cell again nor clearing another's output loses it, and saved,
 * reloaded and exported pages draw every figure without a network. Where no script runs, a figure's
 * HTML shows its numbers as text. Each display of the runtime has an id of its own, for front ends
 * answer a second display of one id by filling the first again.
 */
const runtimeDisplays = new WeakMap<Frontend, string>();

const assets = join(__dirname, "..", "..", "assets");

export interface DrawnFigure {
  /** Unique in the page. */
  readonly id: string;
  readonly data: readonly PlotlyJson[];
  readonly layout: PlotlyJson;
  readonly summary: string;
  /** Figures of one live name are drawn in each other's place. */
  readonly live?: string;
}

/** The HTML of one figure, drawn as soon as the page has the runtime. */
export function figureHtml({ id, data, layout, summary, live }: DrawnFigure): string {
  const figure = scriptJson({ id, data, layout, live });
  const label = escapeHtml(summary.split("\n")[0]);
  return `<div class="saddle-figure" id="${id}" role="figure" aria-label="${label}"><pre>${escapeHtml(summary)}</pre></div>
<script>(window.SaddleFigures = window.SaddleFigures || []).push(${figure})</script>`;
}

/** The HTML that brings plotly.js to a page and draws the figures in it. */
export function runtimeHtml(): string {
  const runtime = readFileSync(join(assets, "viz", "runtime.js"), "utf8");
  return `<script class="saddle-runtime">(${runtime.trimEnd()})(${scriptJson(packedPlotly())}, ${scriptJson(darkTemplate)})</script>`;
}

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

/** Moves the runtime into the output that is being written. */
export function bringRuntime(frontend: Frontend): void {
  const before = runtimeDisplays.get(frontend);
  if (before !== undefined) {
    frontend.display({ "text/html": "", "text/plain": "" }, { displayId: before, update: true });
  }
  const displayId = `saddle-figure-runtime-${randomUUID()}`;
  runtimeDisplays.set(frontend, displayId);
  frontend.display({ "text/html": runtimeHtml(), "text/plain": "" }, { displayId });
}

let packed: string | undefined;

function packedPlotly(): string {
  packed ??= readPlotly().toString("base64");
  return packed;
}

function readPlotly(): Buffer {
  const file = join(assets, "plotly.js.gz");
  try {
    return readFileSync(file);
  } catch {
    return refuse("figure", `${file} is missing; it is made by the build (make build)`);
  }
}

/** JSON that can stand inside a script element: no "</script>" and no "<!--" in it. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
