import { expect } from "chai";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { displayKey, installFrontend } from "../../../lib/util/frontend";
import { contour, line, liveLine, panels, slider, surface } from "../../../lib/viz";
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

  it("draw all in a notebook that has plotly.js once, whichever cell ran last", async () => {
    const html = notebookOf(() => [line([1, 2]), line([3, 4]), line([5, 6])].map(htmlOf));
    expect(html.match(/DecompressionStream/g)).to.have.length(1);
    await open(pageHtml("Notebook", html));
    await drawn(3);
  });

  it("follow a dark page", async () => {
    await open(line([1, 2], { title: "Night" }).toHTML().replace("<body>", '<body style="background:#111">'));
    await drawn(1);
    expect(await page.getAttribute(".saddle-figure .gtitle", "style")).to.contain("rgb(242, 242, 242)");
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

  it("show their numbers where plotly.js is missing", async () => {
    const html = notebookOf(() => [htmlOf(line({ loss: [2, 1] }))]).replace(
      /<script class="saddle-runtime">[^]*?<\/script>/,
      "",
    );
    await open(pageHtml("No runtime", html));
    expect(await page.textContent(".saddle-figure")).to.contain("loss: 2 points");
  });

  it("redraw a live figure in its place", async () => {
    await open(pageHtml("Live", notebookOf(showLiveLine)));
    await drawn(1);
    expect(await page.locator(".saddle-figure").count()).to.equal(1);
  });
});

const htmlOf = (figure: ReturnType<typeof line>) => figure[displayKey]()["text/html"] as string;

function showLiveLine(): string[] {
  const curve = liveLine();
  for (let step = 0; step < 10; step++) curve.push({ loss: 1 / (step + 1) });
  curve.end();
  return [];
}
