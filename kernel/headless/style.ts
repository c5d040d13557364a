import { readFileSync } from "node:fs";

const layout = `
:root {
  color-scheme: light dark;
  --text: #1d2733; --quiet: #66727f; --page: #ffffff; --panel: #f5f7f9; --line: #dde3e9; --link: #0b63b0;
  --error: #b3261e; --error-panel: #fdf1f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #dfe5ec; --quiet: #93a0ad; --page: #14181d; --panel: #1c2229; --line: #323b45; --link: #79b8ff;
    --error: #ff9d94; --error-panel: #2e1b1b;
  }
}
* { box-sizing: border-box; }
html { background: var(--page); }
body {
  margin: 0; color: var(--text); background-color: var(--page);
  font: 17px/1.6 Charter, "Bitstream Charter", "Source Serif 4", Cambria, Georgia, serif;
  text-rendering: optimizeLegibility;
}
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.5rem 6rem; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2.2em 0 0.6em; font-weight: 650; }
h1 { font-size: 2.1rem; margin-top: 0; } h2 { font-size: 1.5rem; } h3 { font-size: 1.2rem; }
.text { max-width: 44rem; }
a { color: var(--link); }
blockquote { margin: 1em 0; padding-left: 1em; border-left: 3px solid var(--line); color: var(--quiet); }
img, svg { max-width: 100%; height: auto; }
code, pre, .count { font-family: "JetBrains Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.82em; }
:not(pre) > code { padding: 0.1em 0.3em; border-radius: 4px; background: var(--panel); }
pre { margin: 0; line-height: 1.5; overflow-x: auto; }
pre code { font-size: 1em; }
.code { position: relative; margin: 1.4rem 0; }
.count { position: absolute; right: calc(100% + 0.8rem); top: 0.75rem; color: var(--quiet); font-size: 0.72rem; }
.source { padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
.outputs > * { margin: 0.6rem 0 0; padding: 0 1rem; }
.output { overflow-x: auto; }
.stderr { color: var(--quiet); }
.outputs > .error { padding: 0.75rem 1rem; border-radius: 8px; color: var(--error); background: var(--error-panel); }
.raw { margin: 1.4rem 0; overflow-wrap: break-word; }
.raw.plain { white-space: pre-wrap; }
details > summary { margin-top: 0.4rem; width: fit-content; color: var(--quiet); font-size: 0.85rem; cursor: pointer; }
details[open] > summary { margin-bottom: 0.5rem; }
.contains-task-list { padding-left: 1.5rem; list-style: none; }
.task-list-item-checkbox { margin: 0 0.5em 0 -1.4em; }
.footnotes-sep { margin-top: 2rem; border: 0; border-top: 1px solid var(--line); }
.footnotes { color: var(--quiet); font-size: 0.85em; }
.footnote-ref a, .footnote-backref { text-decoration: none; }
.saddle-figure { min-width: 20rem; }
table { border-collapse: collapse; margin: 0.8em 0; font-size: 0.9em; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35em 0.9em; text-align: right; border-bottom: 1px solid var(--line); }
th { border-bottom-width: 2px; font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
.text th, .text td { text-align: left; }
.text table { display: block; overflow-x: auto; }
.katex-block { overflow-x: auto; overflow-y: hidden; }
.text pre { white-space: pre-wrap; }
td code { white-space: nowrap; }
@media print { main { padding: 0; max-width: none; } .code { break-inside: avoid; } }
`;

/** Everything that the page says of its looks: light or dark as the reader likes it. */
export function pageStyle(): string {
  const [light, dark] = ["github", "github-dark"].map((theme) =>
    readFileSync(require.resolve(`highlight.js/styles/${theme}.min.css`), "utf8"),
  );
  return `${light}\n@media (prefers-color-scheme: dark) { ${dark} }\n${layout}`;
}
