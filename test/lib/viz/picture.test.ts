import { expect } from "chai";
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { figuresScriptHtml } from "../../../lib/util/figuresScript";
import { contour, Figure, heatmap, line, surface } from "../../../lib/viz";
import { pictureOf, type Drawing } from "../../../lib/viz/picture/picture";
import { repository } from "../../support/headless";
import { openBrowser } from "../../support/pages";

const golden = join(repository, "test", "golden", "figures");
const bowl = (x: number, y: number) => x * x + 5 * y * y;
const square = { x: [-2, 2], y: [-2, 2] };

describe("a figure's static picture", function () {
  let browser: Browser | undefined;
  let page: Page;

  before(async function () {
    browser = await openBrowser();
    if (browser === undefined) return this.skip();
    page = await browser.newPage();
    await page.setContent(figuresScriptHtml());
  });
  after(() => browser?.close());

  /** As Plotly draws it, a PNG file. */
  async function drawn({ data, layout }: Drawing): Promise<Buffer> {
    const size = { format: "png", width: 900, height: layout.height };
    const given = [{ data, layout }, size].map((part) => JSON.stringify(part)).join();
    const url = await page.evaluate<string>(
      `window.SaddleFigures.plotly().then((plotly) => plotly.toImage(${given}))`,
    );
    return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
  }

  for (const file of readdirSync(golden)) {
    it(`looks like what Plotly draws of ${file}`, async () => {
      const figure = JSON.parse(readFileSync(join(golden, file), "utf8")) as Drawing;
      const [ours, theirs] = [Buffer.from(pictureOf(figure)!), await drawn(figure)];
      expect(correlation(await coarse(ours), await coarse(theirs))).to.be.above(0.4);
    });
  }

  it("is small", () => {
    const noise = Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 1000) + ((i * 7919) % 13) / 13);
    const figures = [line(noise), contour(bowl, square), surface(bowl, square), heatmap([[1, 2], [3, 4]])]; // prettier-ignore
    for (const figure of figures) expect(pictureOf(figure.toJSON())!.length).to.be.below(80_000);
  });

  it("has the texts of the figure, and none of them as markup", () => {
    const picture = pictureOf(
      line({ "a<b": [1, 2], "c & d": [2, 3] }, { title: "<b>x</b> &lt; 1<br>two" }).toJSON(),
    )!;
    for (const text of ["a&lt;b", "c &amp; d", ">x &lt; 1<", ">two<"]) expect(picture).to.contain(text);
  });

  it("is there for what anybody calls a figure, or is not, and never fails", () => {
    const anyTrace = fc.record(
      {
        type: fc.constantFrom("scatter", "bar", "heatmap", "contour", "image", "surface", "scatter3d", "pie"),
        ...{ x: fc.jsonValue(), y: fc.jsonValue(), z: fc.jsonValue(), mode: fc.string() },
        ...{ marker: fc.jsonValue(), line: fc.jsonValue(), name: fc.jsonValue(), xaxis: fc.jsonValue() },
      },
      { requiredKeys: [] },
    );
    const anyLayout = fc.record(
      {
        title: fc.jsonValue(),
        height: fc.integer({ min: 1, max: 900 }),
        xaxis: fc.jsonValue(),
        grid: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(anyTrace, { maxLength: 3 }), anyLayout, (data, layout) => {
        const picture = pictureOf(new Figure(data, layout).toJSON());
        if (picture !== undefined) expect(picture).to.match(/^<svg .*<\/svg>$/s);
      }),
      { numRuns: 500 },
    );
  });

  it("is not there of kinds that are not drawn here", () => {
    expect(pictureOf({ data: [{ type: "pie" }], layout: {} })).to.equal(undefined);
    expect(pictureOf({ data: [{ y: [1] }, { type: "pie" }], layout: {} })).to.equal(undefined);
    expect(pictureOf({ data: [], layout: {} })).to.equal(undefined);
  });
});

/** A picture's brightness in few pixels, so that only what is large counts. */
async function coarse(picture: Buffer): Promise<number[]> {
  const small = sharp(picture).flatten({ background: "#ffffff" }).greyscale().resize(36, 18, { fit: "fill" });
  return [...(await small.raw().toBuffer())];
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const deviations = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [da, db] = [deviations(a), deviations(b)];
  const product = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * y[i], 0);
  return product(da, db) / Math.sqrt(product(da, da) * product(db, db));
}
