import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HeadlessRun, repository, runNotebook, textOf } from "./support/headless";

describe("the tour notebook", function () {
  this.timeout(300_000);

  let folder: string;
  let run: HeadlessRun;
  let text: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "saddle-tour-"));
    run = runNotebook(join(repository, "notebooks", "00-tour.ipynb"), folder);
    text = run.cells.map(textOf).join("\n");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("runs without an error", () => {
    expect(run.status, run.stderr).to.equal(0);
  });

  it("reads at least nine of ten digits that it was not trained on", () => {
    const accuracies = [...text.matchAll(/test accuracy: ([\d.]+)/g)].map(([, accuracy]) => Number(accuracy));
    expect(accuracies).to.have.length(2);
    expect(Math.min(...accuracies)).to.be.at.least(0.9);
  });

  it("finds the canyon's condition number", () => {
    expect(text).to.match(/κ = max\|λ\| \/ min\|λ\|\s+5\n/);
  });

  it("shows its figures in a page that has plotly.js once", () => {
    expect(run.page.match(/class="saddle-figure"/g)).to.have.length.above(5);
    expect(run.page.match(/DecompressionStream/g)).to.have.length(1);
  });
});
