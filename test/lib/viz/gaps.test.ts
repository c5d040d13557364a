import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { displayKey } from "../../../lib/util/frontend";
import {
  contour,
  density,
  gallery,
  heatmap,
  histogram,
  line,
  liveLine,
  panels,
  slider,
  spectrum,
  surface,
  vectorField,
  type Figure,
} from "../../../lib/viz";
import { figuresScriptHtml } from "../../../lib/util/figuresScript";
import { pictureOf } from "../../../lib/viz/picture/picture";
import { pageHtml } from "../../../lib/viz/page";
import { inspectPage, openBrowser } from "../../support/pages";

/** A figure of any list of numbers, and which of the numbers it has no place for. */
interface Kind {
  readonly draw: (values: readonly number[]) => Figure;
  readonly log?: boolean;
  /** What is left out for each value that is: a point, a cell. */
  readonly noun: string;
}

const rows = (values: readonly number[]): number[][] => [[...values], [...values]];
const square = { x: [0, 1], y: [0, 1] };
/** The landscape that has the values along x, in a window as wide as they are many. */
const along =
  (values: readonly number[]): ((x: number) => number) =>
  (x) =>
    values[Math.round(x)] ?? 0;
const window = (values: readonly number[]): { x: number[]; y: number[] } => ({
  x: values.map((_, i) => i),
  y: [0, 1, 2],
});

const kinds: Readonly<Record<string, Kind>> = {
  line: { draw: (v) => line({ loss: v }), noun: "point" },
  "line, logarithmic": { draw: (v) => line({ loss: v }, { logY: true }), log: true, noun: "point" },
  "line's x": { draw: (v) => line({ loss: { x: v, y: v.map(() => 1) } }), noun: "point" },
  "line's x, logarithmic": {
    draw: (v) => line({ loss: { x: v, y: v.map(() => 1) } }, { logX: true }),
    log: true,
    noun: "point",
  },
  liveLine: {
    draw: (v) => {
      const curve = liveLine();
      for (const loss of v) curve.push({ loss });
      return curve.figure();
    },
    noun: "point",
  },
  "liveLine, logarithmic": {
    draw: (v) => {
      const curve = liveLine({ logY: true });
      for (const loss of v) curve.push({ loss });
      return curve.figure();
    },
    log: true,
    noun: "point",
  },
  histogram: { draw: (v) => histogram(v), noun: "value" },
  "histogram, logarithmic": { draw: (v) => histogram(v, { logY: true }), noun: "value" },
  spectrum: { draw: (v) => spectrum(v, { scale: "linear" }), noun: "eigenvalue" },
  "spectrum, logarithmic": {
    draw: (v) => spectrum(v.map(Math.abs), { scale: "log" }),
    log: true,
    noun: "eigenvalue",
  },
  "density's grid": { draw: (v) => density({ grid: v, density: v.map(() => 1) }), noun: "point" },
  "density's marks": {
    draw: (v) => density({ grid: [0, 1], density: [1, 1] }, { marks: v }),
    noun: "mark",
  },
  heatmap: { draw: (v) => heatmap(rows(v)), noun: "cell" },
  "heatmap, diverging": { draw: (v) => heatmap(rows(v), { diverging: true }), noun: "cell" },
  contour: { draw: (v) => contour(rows(v)), noun: "value" },
  "contour's path": { draw: (v) => contour((x, y) => x + y, { ...square, points: 5, paths: { gd: v.map((x) => [x, 0.5]) } }), noun: "point" }, // prettier-ignore
  "contour's marks": { draw: (v) => contour((x, y) => x + y, { ...square, points: 5, marks: { at: v.map((x) => [x, 0.5]) } }), noun: "point" }, // prettier-ignore
  surface: { draw: (v) => surface(rows(v)), noun: "value" },
  gallery: { draw: (v) => gallery(v.length === 0 ? [] : [rows(v)]), noun: "pixel" },
  "gallery in colour": {
    draw: (v) => gallery(v.length === 0 ? [] : [[rows(v), rows(v), rows(v)]]),
    noun: "pixel",
  },
};

/** Figures of functions: all have the numbers somewhere. */
const ofFunctions: Readonly<Record<string, (values: readonly number[]) => Figure>> = {
  "contour of a function": (v) => contour(along(v), window(v)),
  "surface of a function": (v) => surface(along(v), window(v)),
  "contour, logarithmic": (v) => contour(rows(v), { logZ: true }),
  "surface, logarithmic": (v) => surface(rows(v), { logZ: true }),
  "contour that grows": (v) => contour((x, y) => x + y, { ...square, points: 5, animate: true, paths: { gd: v.map((x) => [x, x]) } }), // prettier-ignore
  "contour off the plane": (v) => contour((x, y) => x + y, { ...square, points: 5, paths: { gd: v.map((x) => [x, x, x]) } }), // prettier-ignore
  vectorField: (v) => vectorField((x, y) => [v[Math.round(x)] ?? 0, v[Math.round(y)] ?? 0], { x: [0, 2], y: [0, 2], points: 3 }), // prettier-ignore
  density: (v) => density({ grid: v.map((_, i) => i), density: v, standardError: v }),
  panels: (v) => panels([line(v), heatmap(rows(v)), histogram(v)]),
};

const data: Readonly<Record<string, readonly number[]>> = {
  "NaN among others": [1, NaN, 3, 2],
  "infinities among others": [1, Infinity, 3, -Infinity, 2],
  zeros: [1, 0, 0.1, 0, 3],
  "negative numbers": [-1, 2, -3, 4],
  "nothing finite": [NaN, Infinity, -Infinity],
  "one point": [3],
  "one NaN": [NaN],
  nothing: [],
  constant: [2, 2, 2, 2],
  "all zero": [0, 0, 0],
  huge: [1e300, -1e300, 1, 5e299],
  "the greatest numbers": [Number.MAX_VALUE, -Number.MAX_VALUE, 1],
  tiny: [1e-300, 3e-300, -1e-300],
  "the least numbers": [Number.MIN_VALUE, -Number.MIN_VALUE, 0],
  "nearly constant": [1e9 + 1, 1e9 + 2, 1e9 + 3],
};

/** Independently of the figures: which numbers an axis has no place for. */
function isLeftOut(value: number, log: boolean): boolean {
  const isWithin = Math.abs(value) <= 1e300;
  return !isWithin || (log && !(value >= 1e-300));
}

/** All numbers in a figure's JSON. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersIn);
}

function expectSound(figure: Figure): void {
  const json = figure.toJSON();
  expect(numbersIn(json).every(Number.isFinite), "all numbers finite").to.equal(true);
  const text = figure[displayKey]()["text/plain"] as string;
  for (const note of figure.notes) expect(text).to.contain(note);
  const annotations = (json.layout.annotations ?? []) as { text: string }[];
  if (figure.notes.length > 0) expect(annotations.at(-1)!.text).to.contain(figure.notes[0]);
  const picture = pictureOf(json)?.replace(/<text.*?<\/text>|base64,[^"]*/g, "");
  if (json.data.length === 0) expect(picture).to.equal(undefined);
  else
    expect(picture)
      .to.match(/^<svg /)
      .and.not.to.match(/NaN|Infinity|undefined|\de[+-]\d/);
}

describe("a figure of ordinary data", () => {
  for (const [name, { draw, log = false, noun }] of Object.entries(kinds)) {
    for (const [what, values] of Object.entries(data)) {
      it(`is drawn: ${name} of ${what}`, () => {
        const figure = draw(values);
        expectSound(figure);
        const given = name.startsWith("spectrum, log") ? values.map(Math.abs) : values;
        const left = given.filter((value) => isLeftOut(value, log)).length;
        const note = figure.notes.find((each) => each.includes("left out"));
        if (values.length === 0) expect(figure.notes.join()).to.contain(`no ${noun}s`);
        else if (left === 0) expect(note).to.equal(undefined);
        else {
          const [, count, total] = /(\d+) of (\d+) \w+ left out: .+/.exec(note ?? "no note")!;
          expect(Number(count) / Number(total)).to.be.closeTo(left / values.length, 1e-12);
          expect(note).to.contain(` ${noun}`);
        }
      });
    }
  }

  for (const [name, draw] of Object.entries(ofFunctions)) {
    for (const [what, values] of Object.entries(data)) {
      if (values.length < 3 && name.includes("function")) continue; // no range to spread a function over
      it(`is drawn: ${name} of ${what}`, () => {
        const figure = draw(values);
        expectSound(figure);
        if (!values.every(Number.isFinite) && name !== "panels") {
          expect(figure.summary).to.contain("left out");
        }
      });
    }
  }

  it("is drawn at each stop of a slider, with the notes of that stop", async () => {
    const figure = await slider([0, 1], (i) => line([1, i === 0 ? NaN : 2, 3]));
    expect(figure.summary).to.contain("1 of 3 points left out: 1 NaN");
    const [control] = figure.toJSON().layout.sliders as { steps: { args: [object, object] }[] }[];
    expect(JSON.stringify(control.steps[0].args)).to.contain("1 of 3 points left out");
    expect(JSON.stringify(control.steps[1].args)).not.to.contain("left out");
  });

  it("says in a panel what the panel leaves out", () => {
    const { layout, summary } = panels([line([1, NaN], { title: "left" }), line([1], { title: "right" })]);
    const [left, right] = layout.annotations as { text: string }[];
    expect(left.text).to.contain("left<br>").and.to.contain("1 of 2 points left out: 1 NaN");
    expect(right.text).to.equal("right");
    expect(summary).to.contain("1 of 2 points left out");
  });

  it("has three notes above it, and the others in its text", () => {
    const curves = Object.fromEntries(["a", "b", "c", "d<e", "f"].map((name) => [name, [NaN]]));
    const figure = line(curves);
    const { layout } = figure.toJSON();
    const [note] = layout.annotations as { text: string }[];
    expect(note.text.split("<br>")).to.have.length(4);
    expect(note.text).to.contain("and 2 more");
    expect(figure.summary).to.contain("d<e: 1 of 1 point left out");
    expect(layout.height).to.be.above(figure.layout.height as number);
  });

  it("refuses what is no data, naming it", () => {
    expect(() => line([1, "2"] as never)).to.throw('value[1] must be a number, got "2"');
    expect(() => line({ loss: [[1]] } as never)).to.throw("loss[0] must be a number, got [1]");
    expect(() => histogram(3 as never)).to.throw("values must be a list of numbers, got 3");
    expect(() => heatmap([1, 2] as never)).to.throw("matrix[0] must be a list of numbers, got 1");
    expect(() => spectrum([null] as never)).to.throw("eigenvalues[0] must be a number, got null");
    expect(() => gallery(3 as never)).to.throw("images must be a list of pictures, got 3");
    expect(() => contour((x) => x, { x: [0, NaN], y: [0, 1] })).to.throw("x[1] is NaN, a finite number");
    expect(() => vectorField(() => [1, "2"] as never, square)).to.throw('it gave [1, "2"]');
  });

  it("draws in a browser, with no error, what is hardest to draw", async function () {
    const browser = await openBrowser();
    if (browser === undefined) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "saddle-gaps-"));
    try {
      const hardest = ["the greatest numbers", "the least numbers", "all zero", "nothing"].map(
        (what) => data[what],
      );
      const drawn = hardest.flatMap((values) => [
        ...Object.entries(kinds).map(([name, { draw }]) => [name, draw(values)] as const),
        ...Object.entries(ofFunctions).flatMap(([name, draw]) =>
          values.length < 3 && name.includes("function") ? [] : [[name, draw(values)] as const],
        ),
      ]);
      // Of surfaces a page bears few, each of which is a context of WebGL.
      const flat = drawn.filter(([name]) => !name.startsWith("surface")).map(([, figure]) => figure.html());
      writeFileSync(join(folder, "flat.html"), pageHtml("flat", flat.join("\n") + figuresScriptHtml()));
      const seen = await inspectPage(browser, join(folder, "flat.html"), 800);
      expect(seen.errors).to.deep.equal([]);
      expect(seen.drawn).to.equal(flat.length);
      const holes = surface([[1, NaN, 3], [4, 5, 6], [7, 8, Infinity]]).html(); // prettier-ignore
      writeFileSync(join(folder, "surface.html"), pageHtml("surface", holes + figuresScriptHtml()));
      const surfaces = await inspectPage(browser, join(folder, "surface.html"), 800);
      expect(surfaces.errors).to.deep.equal([]);
      expect(surfaces.drawn).to.equal(1);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  });
});
