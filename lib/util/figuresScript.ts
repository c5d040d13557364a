import { readFileSync } from "node:fs";
import { join } from "node:path";
import { refuse } from "./errors";

/** The class of the element in which a figure is drawn: what has it in its HTML has a figure. */
export const figureClass = "saddle-figure";

/** The script, plotly.js within it, that draws the figures of a page; two megabytes. A kernelspec has it as a file. */
export const figuresFile = join(__dirname, "..", "..", "assets", "figures.js");

let script: string | undefined;

/** That script as an element, for a page that is to draw its figures wherever it lies. */
export function figuresScriptHtml(): string {
  script ??= read();
  return `<script class="saddle-runtime">${script}</script>`;
}

function read(): string {
  try {
    return readFileSync(figuresFile, "utf8").trimEnd();
  } catch {
    return refuse("figure", `${figuresFile} is missing; it is made by the build (make build)`);
  }
}
