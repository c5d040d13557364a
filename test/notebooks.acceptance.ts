import { expect } from "chai";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { claims } from "./support/claims";
import { repository, runNotebook, textOf } from "./support/headless";
import { inspectPage, openBrowser } from "./support/pages";

describe("every notebook", () => {
  const notebooks = readdirSync(join(repository, "notebooks")).filter((file) => file.endsWith(".ipynb"));
  let folder: string;
  let browser: Browser | undefined;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "saddle-notebooks-"));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  for (const notebook of notebooks) {
    it(`${notebook} runs, gives what it says, and its page draws`, async function () {
      const { status, stderr, cells } = runNotebook(join(repository, "notebooks", notebook), folder);
      expect(status, stderr).to.equal(0);
      claims[notebook.replace(".ipynb", "")]?.(cells.map(textOf).join("\n"));
      if (browser === undefined) this.skip();
      for (const width of [1280, 400]) {
        const seen = await inspectPage(browser, join(folder, notebook.replace("ipynb", "html")), width);
        expect(seen).to.deep.include({ drawn: seen.figures, unlabelled: 0, errors: [] });
        expect(seen.overflow, `at ${width} pixels`).to.be.at.most(0);
      }
    });
  }
});
