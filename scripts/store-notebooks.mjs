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
const { pageHtml } = require("../dist/lib/viz/page.js");
const { figuresScriptHtml } = require("../dist/lib/util/figuresScript.js");

const plotlyType = "application/vnd.plotly.v1+json";
const pictureWidth = 900; // CSS pixels
const pixelRatio = 1.5;
const colours = 128; // a figure's lines and their soft edges need no more

async function openDrawingPage(browser) {
  const page = await browser.newPage();
  await page.setContent(pageHtml("Pictures", figuresScriptHtml()));
  return page;
}

/** A picture file. */
async function picture(page, { data, layout }) {
  const url = await page.evaluate(
    async ({ data, layout, width, scale }) => {
      const plotly = await window.SaddleFigures.plotly();
      return plotly.toImage({ data, layout }, { format: "png", width, height: layout.height, scale });
    },
    { data, layout, width: pictureWidth, scale: pixelRatio },
  );
  return compact(Buffer.from(url.slice(url.indexOf(",") + 1), "base64"));
}

/** A PNG with fewer colours, or, where that is much smaller, a JPEG: of photographs. */
async function compact(png) {
  const [drawing, photograph] = await Promise.all([
    sharp(png).png({ palette: true, colours, effort: 10 }).toBuffer(),
    sharp(png).flatten({ background: "#ffffff" }).jpeg({ quality: 85, mozjpeg: true }).toBuffer(),
  ]);
  const [type, bytes] =
    photograph.length < drawing.length / 2 ? ["image/jpeg", photograph] : ["image/png", drawing];
  return { type, base64: bytes.toString("base64") };
}

const urlOf = ({ type, base64 }) => `data:${type};base64,${base64}`;

const figureInHtml =
  /<div class="saddle-figure"[^>]* aria-label="([^"]*)"[^]*?<script>\(\(figure\) => .*?\}\)\((\{"id":.*)\)<\/script>/g;

const pngInHtml = /data:image\/png;base64,([\w+/=]+)/g;

/** HTML with its figures as pictures; empty where it is of use to scripts only. */
async function stillHtml(page, html) {
  const compacted = await replaced(html, pngInHtml, async ([, png]) =>
    urlOf(await compact(Buffer.from(png, "base64"))),
  );
  const still = await replaced(compacted, figureInHtml, async ([, label, figure]) => {
    return `<img alt="${label}" src="${urlOf(await picture(page, JSON.parse(figure)))}">`;
  });
  return still.includes("<script") ? "" : still.trim();
}

/** `text` with what matches replaced by what is promised for it. */
async function replaced(text, pattern, replace) {
  const parts = [];
  for (const match of text.matchAll(pattern)) parts.push(await replace(match));
  return text.replace(pattern, () => parts.shift());
}

/** The output as it is stored, or nothing if it is for scripts only. */
async function stored(page, output) {
  const { data } = output;
  if (data === undefined) return [output];
  const { [plotlyType]: figure, "text/html": html, ...others } = data;
  if (figure !== undefined) {
    const { type, base64 } = await picture(page, figure);
    return [{ ...output, data: { [type]: base64, ...others } }];
  }
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
