import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { type HeadlessRun, repository, runNotebook, textOf } from "./support/headless";
import { inspectPage, openBrowser } from "./support/pages";

describe("the notebook on critical points", function () {
  this.timeout(300_000);

  const name = "02-critical-points";
  let folder: string;
  let run: HeadlessRun;
  let text: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "saddle-notebook-"));
    run = runNotebook(join(repository, "notebooks", `${name}.ipynb`), folder);
    text = run.cells.map(textOf).join("\n");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("runs without an error", () => {
    expect(run.status, run.stderr).to.equal(0);
  });

  it("does not decide where the second derivative is zero", () => {
    expect(text)
      .to.match(/x\^2 at 0: minimum/)
      .and.to.match(/x\^3 at 0: degenerate/);
    expect(text).to.match(/x\^4 at 0: degenerate/);
  });

  it("finds Himmelblau's nine critical points with their curvatures", () => {
    expect(text).to.include("4 minima, 4 saddles, 1 maximum");
    const numbersOf = (kind: string) =>
      [...text.matchAll(new RegExp(`^${kind} +(-?[\\d.].*)$`, "gm"))].map(([, row]) =>
        row.trim().split(/ +/).map(Number),
      );
    const expectNear = (row: readonly number[], wanted: readonly number[]) => {
      wanted.forEach((value, i) => expect(row[i]).to.be.closeTo(value, 1e-3));
    };
    const minimum = numbersOf("minimum").find(([x]) => x === 3)!;
    expectNear(minimum, [3, 2, 0, 25.7157, 82.2843]);
    expectNear(numbersOf("maximum")[0], [-0.270845, -0.923039, 181.617, -45.6052, -16.066]);
    const saddle = numbersOf("saddle").find(([x]) => x > 0 && x < 1)!;
    expectNear(saddle, [0.0866775, 2.88425, 67.7192, -31.7066, 75.5076]);
  });

  it("needs some 72 steps more for each factor 1000 by which it starts nearer to the ridge", () => {
    const steps = [...text.matchAll(/half way to the minimum after (\d+) steps/g)].map(([, n]) => Number(n));
    expect(steps).to.have.length(3);
    for (const more of [steps[1] - steps[0], steps[2] - steps[1]]) expect(more).to.be.within(71, 74);
  });

  it("finds a zero and w₁² + w₂² where two weights in a row are at a minimum", () => {
    expect(text).to.include("(0, 0): saddle, λ = -1.0000, 1.0000");
    expect(text).to.include("(1, 1): degenerate, λ = 0.0000, 2.0000");
    expect(text).to.include("(2, 0.5): degenerate, λ = 0.0000, 4.2500");
  });

  it("sees negative curvature of a network wane in training", () => {
    const least = [...text.matchAll(/negative, the least (\S+)/g)].map(([, value]) => Number(value));
    expect(least).to.have.length(3);
    expect(least[0]).to.be.below(-0.5);
    expect(least[2]).to.be.above(-0.02).and.below(0);
  });

  describe("as a page", () => {
    let browser: Browser | undefined;
    before(async function () {
      browser = await openBrowser();
      if (browser === undefined) this.skip();
    });
    after(() => browser?.close());

    for (const width of [1280, 400]) {
      it(`draws every figure, labelled, within a window of ${width} pixels`, async () => {
        const seen = await inspectPage(browser!, join(folder, `${name}.html`), width);
        expect(seen.figures).to.be.at.least(6);
        expect(seen).to.deep.include({ drawn: seen.figures, unlabelled: 0, errors: [] });
        expect(seen.overflow).to.be.at.most(0);
      });
    }
  });
});
