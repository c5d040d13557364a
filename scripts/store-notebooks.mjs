// store-notebooks.mjs NOTEBOOK...: runs notebooks headless and stores them with their outputs, each
// figure as a static picture: for viewers that run no script, and for git's sake.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { chromium } from "playwright-core";
import sharp from "sharp";

const require = createRequire(import.meta.url);
const { pageHtml, runtimeHtml } = require("../dist/lib/viz/page.js");

const plotlyType = "application/vnd.plotly.v1+json";
const pictureWidth = 900; // CSS pixels
const pixelRatio = 1.5;
const colours = 128; // a figure's lines and their soft edges need no more

async function openDrawingPage(browser) {
  const page = await browser.newPage();
  await page.setContent(pageHtml("Pictures", `<script>window.SaddleFigures = []</script>${runtimeHtml()}`));
  await page.waitForFunction(() => window.Plotly !== undefined);
  return page;
}

/** The figure as PNG, base64. */
async function picture(page, { data, layout }) {
  const url = await page.evaluate(
    ({ data, layout, width, scale }) =>
      window.Plotly.toImage({ data, layout }, { format: "png", width, height: layout.height, scale }),
    { data, layout, width: pictureWidth, scale: pixelRatio },
  );
  const png = Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
  const small = await sharp(png).png({ palette: true, colours, effort: 10 }).toBuffer();
  return small.toString("base64");
}

const figureInHtml =
  /<div class="saddle-figure"[^>]* aria-label="([^"]*)"[^]*?<script>[^]*?\.push\((.*)\)<\/script>/g;

/** HTML with its figures as pictures; empty where it is of use to scripts only. */
async function stillHtml(page, html) {
  const pictures = [];
  for (const [, , figure] of html.matchAll(figureInHtml))
    pictures.push(await picture(page, JSON.parse(figure)));
  const still = html.replace(
    figureInHtml,
    (_, label) => `<img alt="${label}" src="data:image/png;base64,${pictures.shift()}">`,
  );
  return still.includes("<script") ? "" : still.trim();
}

/** The output as it is stored, or nothing if it is for scripts only. */
async function stored(page, output) {
  const { data } = output;
  if (data === undefined) return [output];
  const { [plotlyType]: figure, "text/html": html, ...others } = data;
  if (figure !== undefined)
    return [{ ...output, data: { "image/png": await picture(page, figure), ...others } }];
  if (html === undefined) return [output];
  const still = await stillHtml(page, [html].flat().join(""));
  return still === "" ? [] : [{ ...output, data: { "text/html": still, ...others } }];
}

async function store(page, notebook, folder) {
  execFileSync("node", ["dist/kernel/main.js", "run", notebook, "--out", folder], { stdio: "inherit" });
  const executed = JSON.parse(readFileSync(join(folder, basename(notebook)), "utf8"));
  for (const cell of executed.cells) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = (await Promise.all(cell.outputs.map((output) => stored(page, output)))).flat();
  }
  writeFileSync(notebook, `${JSON.stringify(executed, null, 1)}\n`);
}

const browser = await chromium.launch({
  executablePath: ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync),
  args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking"],
});
const folder = mkdtempSync(join(tmpdir(), "saddle-pictures-"));
try {
  const page = await openDrawingPage(browser);
  for (const notebook of process.argv.slice(2)) await store(page, notebook, folder);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
