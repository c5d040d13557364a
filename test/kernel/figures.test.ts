import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { figuresFile } from "../../lib/util/figuresScript";
import { openBrowser } from "../support/pages";
import { emptyFolder, KernelClient } from "./support/client";
import { SavedNotebook } from "./support/savedNotebook";

/** Of one copy of plotly.js. */
const copyBytes = statSync(figuresFile).size;
const line = (title: string) => `viz.line([1, 2, 3], { title: "${title}" })`;
const setUp = 'import { tensor, viz } from "saddle";';

describe("figures in a notebook", () => {
  let kernel: KernelClient;
  let notebook: SavedNotebook;

  beforeEach(async () => {
    kernel = await KernelClient.start();
    notebook = new SavedNotebook(kernel);
    await notebook.run("set-up", setUp);
  });
  afterEach(() => kernel.close());

  /** What is published while something is done, in bytes. */
  const bytesOf = async (action: () => Promise<unknown>) => {
    const before = kernel.publishedBytes;
    await action();
    return kernel.publishedBytes - before;
  };

  it("receive plotly.js once, however many there are", async () => {
    const bytes = await bytesOf(async () => {
      for (let i = 0; i < 60; i++) await notebook.run(`figure ${i}`, line(`number ${i}`));
    });
    expect(bytes).to.be.within(copyBytes, copyBytes + 60 * 25_000);
    expect(notebook.copies).to.equal(1);
    expect(notebook.figures).to.equal(60);
    expect(notebook.bytes).to.be.below(copyBytes + 60 * 25_000);
  }).timeout(60_000);

  it("are updated by their data alone", async () => {
    await notebook.run("figure", `const shown = display(${line("first")})`);
    const bytes = await bytesOf(() =>
      notebook.run("updates", `for (let i = 0; i < 100; i++) shown.update(${line("update ${i}")})`),
    );
    expect(bytes).to.be.below(100 * 25_000);
    expect(notebook.copies).to.equal(1);
    expect(notebook.figures).to.equal(1);
    expect(notebook.outputsOf("figure")).to.have.length(2);
    expect(notebook.outputsOf("updates")).to.deep.equal([]);
  });

  it("do not receive it for reports without a figure", async () => {
    const bytes = await bytesOf(async () => {
      await notebook.run("devices", "%devices");
      await notebook.run("profile", '%%profile\nimport { tensor } from "saddle"; await tensor([1]).array()');
    });
    expect(bytes).to.be.below(100_000);
    expect(notebook.copies).to.equal(0);
  }).timeout(60_000);

  it("have a copy again when its cell has run again, and are sent none for other cells", async () => {
    for (const cell of ["a", "b"]) await notebook.run(cell, line(cell));
    const others = await bytesOf(async () => {
      for (let i = 0; i < 10; i++) await notebook.run("b", line(`again ${i}`));
    });
    expect(others).to.be.below(10 * 25_000);
    await notebook.run("a", "'no figure any more'");
    expect(notebook.copies).to.equal(0);
    await notebook.run("b", line("the next figure"));
    await notebook.settled(1);
  }).timeout(60_000);

  it("of a cell that runs again and again have one copy, sent seldom", async () => {
    const bytes = await bytesOf(async () => {
      for (let i = 0; i < 20; i++) await notebook.run("a", line(`take ${i}`));
      await notebook.settled(1);
    });
    expect(bytes).to.be.below(3 * copyBytes);
  }).timeout(60_000);

  it("have a copy again where a cell has cleared its output", async () => {
    const animation = `for (let i = 0; i < 30; i++) { clearOutput(true); display(${line("frame ${i}")}); }`;
    const bytes = await bytesOf(async () => {
      await notebook.run("animation", animation);
      await notebook.settled(1);
    });
    expect(bytes).to.be.below(3 * copyBytes);
    expect(notebook.figures).to.equal(1);
  }).timeout(60_000);

  it("have a copy again when its cell has been deleted, where the front end tells", async () => {
    for (const cell of ["a", "b"]) await notebook.run(cell, line(cell));
    notebook.delete("a");
    expect(notebook.copies).to.equal(0);
    await notebook.run("b", line("b again"));
    await notebook.settled(1);
  }).timeout(60_000);

  it("have the copy that is owed when the kernel ends", async () => {
    for (let i = 0; i < 2; i++) await notebook.run("a", line("a"));
    expect(notebook.copies).to.equal(0);
    await kernel.request("control", "shutdown_request", { restart: false });
    await notebook.settled(1);
  }).timeout(60_000);
});

describe("a page that nbconvert makes of a saved notebook", function () {
  this.timeout(120_000);
  let kernel: KernelClient;
  let notebook: SavedNotebook;
  let browser: Browser | undefined;
  const folder = emptyFolder();

  before(async function () {
    browser = await openBrowser();
    if (browser === undefined) return this.skip();
    kernel = await KernelClient.start();
    notebook = new SavedNotebook(kernel);
    await notebook.run("set-up", setUp);
    for (const cell of ["a", "b", "c"]) await notebook.run(cell, line(cell));
    await notebook.run("report", "%hessian ((x) => x.mul(x).sum()) @ tensor([1, 2, 3])");
  });
  after(async () => {
    await browser?.close();
    await kernel?.close();
    rmSync(folder, { recursive: true });
  });

  /** How many figures the page has, and how many of them are drawn by Plotly, or are pictures that can be seen. */
  async function seen(isScripted = true): Promise<{ all: number; drawn: number; pictures: number }> {
    const file = join(folder, "saved.ipynb");
    notebook.save(file);
    execFileSync("/usr/bin/python3", ["-W", "ignore", "-m", "nbconvert", "--to", "html", file], {
      stdio: "pipe",
    });
    const page = await browser!.newPage({ javaScriptEnabled: isScripted });
    // What nbconvert's own page loads from elsewhere is not there.
    await page.route(/^https?:/, (route) => route.abort());
    await page.goto(pathToFileURL(file.replace(/ipynb$/, "html")).href, { waitUntil: "domcontentloaded" });
    const figures = page.locator(".saddle-figure");
    const all = await figures.count();
    const isDrawn = `document.querySelectorAll(".saddle-figure:has(.main-svg)").length === ${all}`;
    if (isScripted) await page.waitForFunction(isDrawn, undefined, { timeout: 8000 }).catch(() => undefined);
    const drawn = await page.locator(".saddle-figure:has(.main-svg)").count();
    const pictures = await page.locator(".saddle-figure > img").count();
    await page.close();
    return { all, drawn, pictures };
  }

  it("draws every figure, with one copy in the file", async () => {
    expect(notebook.copies).to.equal(1);
    const { all, drawn } = await seen();
    expect(all).to.be.above(3);
    expect(drawn).to.equal(all);
  });

  it("shows every figure as a picture where no script runs", async () => {
    const { all, pictures } = await seen(false);
    expect(pictures).to.equal(all);
  });

  it("draws every figure when cells are moved, or others are cleared or deleted", async () => {
    notebook.reverse();
    notebook.clear("b");
    notebook.delete("c");
    const { all, drawn } = await seen();
    expect(drawn).to.equal(all);
  });

  it("shows pictures when the cell with the copy is cleared, until the next figure is shown there", async () => {
    notebook.clear("a");
    const { all, drawn, pictures } = await seen();
    expect(drawn).to.equal(0);
    expect(pictures).to.equal(all);
    await notebook.run("a", line("anew"));
    await notebook.settled(1);
    const { all: more, drawn: again } = await seen();
    expect(more).to.equal(all + 1);
    expect(again).to.equal(more);
  });
});
