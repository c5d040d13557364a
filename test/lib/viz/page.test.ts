import { expect } from "chai";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { displayKey, installFrontend } from "../../../lib/util/frontend";
import { contour, Figure, line, liveLine, panels, slider, surface } from "../../../lib/viz";
import { figuresFile, figuresScriptHtml } from "../../../lib/util/figuresScript";
import { pageHtml } from "../../../lib/viz/page";

const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
const bowl = (x: number, y: number) => x * x + 5 * y * y;

/** The HTML that a notebook would hold after the figures were shown, updates done in place. */
function notebookOf(show: () => string[]): string {
  const outputs: { id: string; html: string }[] = [];
  installFrontend({
    display(data, { displayId = "", update }) {
      const html = data["text/html"] as string;
      if (update) outputs.filter(({ id }) => id === displayId).forEach((output) => (output.html = html));
      else outputs.push({ id: displayId, html });
    },
    clearOutput: () => undefined,
    await: () => undefined,
    input: () => Promise.resolve(""),
  });
  try {
    const results = show();
    return [...outputs.map(({ html }) => html), ...results].map((html) => `<div>${html}</div>`).join("\n");
  } finally {
    installFrontend(undefined);
  }
}

describe("figures in a page without a network", function () {
  let browser: Browser;
  let page: Page;
  let folder: string;
  const requests: string[] = [];
  let servedPage = "";

  before(async function () {
    if (browserPath === undefined) this.skip();
    browser = await chromium.launch({
      executablePath: browserPath,
      args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking"],
    });
    folder = mkdtempSync(join(tmpdir(), "saddle-page-"));
    page = await browser.newPage();
    page.on("request", (request) => requests.push(request.url()));
  });

  after(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  async function open(html: string): Promise<void> {
    const file = join(folder, "page.html");
    writeFileSync(file, html);
    requests.length = 0;
    await page.goto(pathToFileURL(file).href);
  }

  const drawn = (count: number) =>
    page
      .locator(".saddle-figure:has(.main-svg)")
      .nth(count - 1)
      .waitFor({ timeout: 20_000 });

  it("draw from one HTML file alone", async () => {
    await open(contour(bowl, { x: [-2, 2], y: [-2, 2], title: "A canyon" }).toHTML());
    await drawn(1);
    expect(await page.textContent(".saddle-figure .gtitle")).to.equal("A canyon");
    expect(requests.filter((url) => !/^(file|data|blob):/.test(url))).to.deep.equal([]);
  });

  it("draw in space", async () => {
    await open(surface(bowl, { x: [-2, 2], y: [-2, 2] }).toHTML());
    await page.waitForSelector(".saddle-figure .gl-container canvas", { timeout: 20_000 });
  });

  it("draw all in a page that has plotly.js once, wherever, or several times", async () => {
    const figures = notebookOf(() => [line([1, 2]), line([3, 4]), line([5, 6])].map(htmlOf)).split("\n<div>");
    for (const places of [[0], [1], [3], [0, 2, 3]]) {
      const parts = [...figures.slice(0, 3).map((html, i) => (i > 0 ? `<div>${html}` : html)), ""];
      const html = parts.map((part, i) => (places.includes(i) ? figuresScriptHtml() : "") + part).join("\n");
      await open(pageHtml("Notebook", html));
      await drawn(3);
    }
  });

  it("draw in all places where one output is shown", async () => {
    const html = notebookOf(() => [htmlOf(line([1, 2]))]);
    await open(pageHtml("Two views", html + html + figuresScriptHtml()));
    await drawn(2);
  });

  it("come from the page's Jupyter server, asked once, where the page has no copy", async () => {
    const html = notebookOf(() => [line([1, 2]), line([3, 4])].map(htmlOf));
    const served: string[] = [];
    await page.route("http://jupyter.test/**", async (route) => {
      const { pathname, search } = new URL(route.request().url());
      if (pathname.endsWith("figures.js")) served.push(pathname + search);
      const isPage = pathname === "/page";
      const body = isPage ? servedPage.replace("<!-- outputs -->", html) : readFileSync(figuresFile);
      await route.fulfill({ body, contentType: isPage ? "text/html" : "text/javascript" });
    });
    const lab = `<script id="jupyter-config-data" type="application/json">{"baseUrl":"/user/a/","token":"t"}</script>`;
    for (const [head, body, url] of [
      [lab, "<body>", "/user/a/kernelspecs/saddle/figures.js?token=t"],
      ["", '<body data-base-url="/b/">', "/b/kernelspecs/saddle/figures.js"],
    ]) {
      served.length = 0;
      servedPage = `<!doctype html><head>${head}</head>${body}<!-- outputs --></body>`;
      await page.goto("http://jupyter.test/page");
      await drawn(2);
      expect(served).to.deep.equal([url]);
    }
    await page.unroute("http://jupyter.test/**");
  });

  const titleStyle = () => page.getAttribute(".saddle-figure .gtitle", "style");
  const [dark, light] = ["rgb(242, 242, 242)", "rgb(26, 26, 26)"];

  it("follow a dark page", async () => {
    await open(line([1, 2], { title: "Night" }).toHTML().replace("<body>", '<body style="background:#111">'));
    await drawn(1);
    expect(await titleStyle()).to.contain(dark);
  });

  for (const [how, change] of [
    ["a class of VS Code's", "document.body.className = 'vscode-dark'"],
    ["an attribute of Lab's", "document.body.dataset.jpThemeLight = 'false'"],
    ["a style sheet that comes late", "document.head.append(Object.assign(document.createElement('link'), {rel: 'stylesheet', href: 'data:text/css,body{background:%23111 !important}'}))"], // prettier-ignore
  ]) {
    it(`follow ${how} that makes the page dark after they are drawn`, async () => {
      const style = `<style>body { background: #fff } body.vscode-dark, body[data-jp-theme-light="false"] { background: #111 }</style>`;
      await open(line([1, 2], { title: "Dusk" }).toHTML().replace("</head>", `${style}</head>`));
      await drawn(1);
      expect(await titleStyle()).to.contain(light);
      await page.evaluate(change);
      await page.waitForFunction(
        `document.querySelector(".gtitle").getAttribute("style").includes("${dark}")`,
      );
    });
  }

  it("follow what the system prefers", async () => {
    const style = `<style>@media (prefers-color-scheme: dark) { body { background: #111 } }</style>`;
    await open(line([1, 2], { title: "Dusk" }).toHTML().replace("</head>", `${style}</head>`));
    await drawn(1);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction(`document.querySelector(".gtitle").getAttribute("style").includes("${dark}")`);
    await page.emulateMedia({ colorScheme: null });
  });

  it("follow the width of where they are, and stay zoomed", async () => {
    const figure = line({ first: [1, 2, 3], second: [3, 2, 1] }, { title: "A title that has some words" });
    await open(figure.toHTML());
    await drawn(1);
    const range = () => page.evaluate("document.querySelector('.saddle-figure > div').layout.xaxis.range");
    const place = (await page.locator(".saddle-figure .nsewdrag").boundingBox())!;
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
    await page.mouse.move(x - 100, y - 50);
    await page.mouse.down();
    await page.mouse.move(x + 100, y + 50, { steps: 5 });
    await page.mouse.up();
    await page.waitForTimeout(500);
    const zoomed = await range();
    expect(zoomed).not.to.deep.equal([0, 2]);
    for (const width of [900, 700, 400, 800]) {
      await page.evaluate(`document.querySelector(".saddle-figure").style.width = "${width}px"`);
      await page.waitForFunction(
        `document.querySelector(".saddle-figure .main-svg").clientWidth === ${width}`,
      );
      expect(await range()).to.deep.equal(zoomed);
    }
  });

  it("play by their sliders", async () => {
    const figure = await slider([1, 5], (k) => line([0, k], { title: `κ = ${k}` }), { label: "κ" });
    await open(figure.toHTML());
    await drawn(1);
    const title = page.locator(".saddle-figure .gtitle");
    expect(await title.textContent()).to.equal("κ = 1");
    const rail = (await page.locator(".slider-rail-touch-rect").boundingBox())!;
    await page.mouse.click(rail.x + rail.width - 3, rail.y + rail.height / 2);
    // Plotly draws the title a moment after the slider's own label.
    await title.and(page.getByText("κ = 5", { exact: true })).waitFor({ timeout: 5000 });
  });

  it("fit a telephone: titles in several lines, the legend below, panels below each other", async () => {
    const title = "A title that is longer than a telephone is wide, by far";
    const both = [line({ train: [3, 2], test: [4, 3] }), line({ train: [1, 2], test: [1, 3] })];
    await page.setViewportSize({ width: 400, height: 900 });
    await open(panels(both, { title }).toHTML());
    await drawn(1);
    const places = await page.evaluate<{ title: number[]; legend: number[]; panels: number[][] }>(`(() => {
      const place = (element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return [left, right, top, bottom];
      };
      return {
        title: place(document.querySelector(".gtitle")),
        legend: place(document.querySelector(".legend")),
        panels: [...document.querySelectorAll(".subplot")].map(place),
      };
    })()`);
    const [, titleRight, , titleBottom] = places.title;
    expect(titleRight).to.be.below(400);
    const [upper, lower] = places.panels;
    expect(titleBottom).to.be.below(upper[2]);
    expect(upper[3]).to.be.below(lower[2]);
    expect(lower[3]).to.be.below(places.legend[2]);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it("are pictures where plotly.js is missing, or numbers where there is no picture", async () => {
    const pie = new Figure([{ type: "pie", values: [1, 2] }], {}, "A pie of 2");
    await open(
      pageHtml(
        "No runtime",
        notebookOf(() => [line({ loss: [2, 1] }, { title: "Loss" }), pie].map(htmlOf)),
      ),
    );
    const image = page.locator(".saddle-figure img");
    expect(await image.getAttribute("alt")).to.equal("Loss");
    expect(
      await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth),
    ).to.equal(900);
    expect(await page.locator(".saddle-figure").nth(1).textContent()).to.equal("A pie of 2");
  });

  it("redraw a live figure in its place", async () => {
    await open(pageHtml("Live", notebookOf(showLiveLine) + figuresScriptHtml()));
    await drawn(1);
    expect(await page.locator(".saddle-figure").count()).to.equal(1);
  });
});

const htmlOf = (figure: Figure) => figure[displayKey]()["text/html"] as string;

function showLiveLine(): string[] {
  const curve = liveLine();
  for (let step = 0; step < 10; step++) curve.push({ loss: 1 / (step + 1) });
  curve.end();
  return [];
}
