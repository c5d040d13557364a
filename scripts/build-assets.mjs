// Fills dist/assets: what the library reads at run time, and the one copy of plotly.js that figures
// bring to a page, minified and compressed.
import { buildSync } from "esbuild";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);

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
writeFileSync("dist/assets/plotly.js.gz", gzipSync(minifiedPlotly(), { level: 9 }));
