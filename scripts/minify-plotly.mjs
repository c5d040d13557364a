// Writes dist/assets/plotly.min.js, the one copy of plotly.js that figures bring to a page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { buildSync } from "esbuild";

const require = createRequire(import.meta.url);
const source = require.resolve("plotly.js-dist/plotly.js");
const { version } = JSON.parse(readFileSync(require.resolve("plotly.js-dist/package.json"), "utf8"));

buildSync({
  entryPoints: [source],
  outfile: "dist/assets/plotly.min.js",
  minify: true,
  charset: "ascii",
  legalComments: "none",
  banner: { js: `/*! plotly.js ${version}, (c) Plotly, Inc., MIT licence */` },
  logLevel: "warning",
});
