import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { inspectPage, openBrowser } from "../../support/pages";
import { emptyFolder, program } from "../support/client";

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

describe("saddle site", function () {
  this.timeout(300_000);

  const folder = emptyFolder();
  const out = join(folder, "site");
  let status: number | null;
  let said: string;

  before(() => {
    write(
      "one",
      "# Canyons\n\nNarrow ones are slow.",
      'import { viz } from "saddle";\nviz.line([2, 1], { title: "Loss" })',
    );
    write("two", "# Saddles\n\nFlat ones too, with $\\kappa$.", "throw new Error('as it should')");
    const paths = ["one", "two"].map((name) => join(folder, `${name}.ipynb`));
    const result = spawnSync(process.execPath, [program, "site", ...paths, "--out", out], {
      encoding: "utf8",
    });
    status = result.status;
    said = result.stdout + result.stderr;
  });
  after(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string, source: string): void {
    const outputs = [
      { output_type: "display_data", data: { "image/png": png, "text/plain": name }, metadata: {} },
    ];
    const cells = [
      { cell_type: "markdown", source: text, metadata: {} },
      { cell_type: "code", source, metadata: {}, outputs },
    ];
    writeFileSync(
      join(folder, `${name}.ipynb`),
      JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 4 }),
    );
  }

  const pages = () =>
    readdirSync(out, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
  const read = (page: string) => readFileSync(join(out, page), "utf8");

  it("says how long each notebook took, goes on behind one that fails, and has status 1 for it", () => {
    expect(said)
      .to.match(/^one {2}1 cells {2}[\d.]+ s$/m)
      .and.match(/two\.ipynb: code cell 1 failed/);
    expect(said.trim().split("\n")).to.include(join(out, "index.html"));
    expect(status).to.equal(1);
  });

  it("has an index with the title, description and picture of each notebook", () => {
    const index = read("index.html");
    for (const part of [
      "Canyons",
      "Narrow ones are slow.",
      "Saddles",
      '<img alt="two" src="thumbnails/two.png"',
    ])
      expect(index).to.contain(part);
    expect(readFileSync(join(out, "thumbnails", "one.png")).toString("base64")).to.equal(png);
  });

  it("has a page for each magic, with what its example shows", () => {
    expect(pages().filter((page) => page.startsWith("magics"))).to.have.length(14);
    expect(read("magics/hessian.html"))
      .to.contain("--matrix-free")
      .and.contain("saddle-figure")
      .and.contain("κ");
    expect(read("magics/parallel.html")).to.contain("[1]");
  });

  it("refers to files of its own alone, all of which there are", () => {
    for (const page of pages()) {
      const links = [...read(page).matchAll(/ (?:href|src)="([^"#]+)/g)].map(([, link]) => link);
      const others = links.filter((link) => !link.startsWith("data:"));
      expect(others.filter((link) => !existsSync(join(out, dirname(page), link)))).to.deep.equal([]);
    }
  });

  describe("in a browser, from files", () => {
    let browser: Browser;
    before(async function () {
      const opened = await openBrowser();
      if (opened === undefined) return this.skip();
      browser = opened;
    });
    after(() => browser?.close());

    for (const width of [1280, 400]) {
      it(`draws every figure of every page within a window of ${width} pixels`, async () => {
        for (const page of pages()) {
          const seen = await inspectPage(browser, join(out, page), width);
          expect(seen, page).to.deep.include({ drawn: seen.figures, unlabelled: 0, errors: [] });
          expect(seen.overflow, page).to.be.at.most(0);
        }
      });
    }

    it("finds sections of notebooks and magics, whatever page one is on", async () => {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(join(out, "magics", "who.html")).href);
      const find = async (query: string) => {
        await page.fill("#search", query);
        return page.locator("#found a").first().getAttribute("href");
      };
      expect(await find("canyon")).to.equal("../notebooks/one.html#canyons");
      expect(await find("hessain")).to.match(/^\.\.\/magics\/hessian\.html/);
      await page.fill("#search", "zzzzz");
      expect(await page.textContent("#found")).to.equal("Nothing about “zzzzz”");
    });
  });
});
