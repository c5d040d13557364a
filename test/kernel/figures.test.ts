import { expect } from "chai";
import { statSync } from "node:fs";
import { figuresFile } from "../../lib/util/figuresScript";
import { KernelClient } from "./support/client";
import { SavedNotebook } from "./support/savedNotebook";

/** Of one copy of plotly.js. */
const copyBytes = statSync(figuresFile).size;
const line = (title: string) => `viz.line([1, 2, 3], { title: "${title}" })`;
const setUp = 'import { viz } from "saddle";';

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
