// Fills dist/assets: what the library reads at run time, and figures.js, the script that draws figures in
// a page, plotly.js within it, minified and compressed.
import { buildSync } from "esbuild";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const { darkTemplate } = require("../dist/lib/viz/theme.js");

function minifiedPlotly() {
  const { version } = JSON.parse(readFileSync(require.resolve("plotly.js-dist/package.json"), "utf8"));
  const { outputFiles } = buildSync({
    entryPoints: [require.resolve("plotly.js-dist/plotly.js")],
    write: false,
    minify: true,
    legalComments: "none",
    banner: { js: `/*! plotly.js ${version}, (c) Plotly, Inc., MIT licence */` },
    logLevel: "warning",
  });
  return outputFiles[0].contents;
}

mkdirSync("dist/assets", { recursive: true });
cpSync("assets", "dist/assets", { recursive: true });
const runtime = readFileSync("assets/viz/runtime.js", "utf8").trimEnd();
const packedPlotly = gzipSync(minifiedPlotly(), { level: 9 }).toString("base64");
// Neither has a character that would end a script element.
writeFileSync(
  "dist/assets/figures.js",
  `(${runtime})(${JSON.stringify(packedPlotly)}, ${JSON.stringify(darkTemplate)});\n`,
);
