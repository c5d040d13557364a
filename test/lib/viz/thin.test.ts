import { expect } from "chai";
import fc from "fast-check";
import { decode } from "fast-png";
import {
  contour,
  density,
  gallery,
  heatmap,
  histogram,
  line,
  liveLine,
  spectrum,
  surface,
  vectorField,
  type Figure,
} from "../../../lib/viz";
import { thinnedGrid, thinnedLine } from "../../../lib/viz/thin";

const list = (count: number, value: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => value(i)); // prettier-ignore
const matrix = (height: number, width: number, value: (i: number, j: number) => number): number[][] =>
  Array.from({ length: height }, (_, i) => list(width, (j) => value(i, j)));
const wave = (i: number): number => Math.sin(i / 1000) + 1e-3 * Math.cos(17 * i);
const bowl = (x: number, y: number): number => x * x + 5 * y * y;
const square = { x: [-1, 1], y: [-1, 1] };

const large: Readonly<Record<string, () => Figure>> = {
  "a line of a million points": () => line(list(1e6, wave)),
  "a line of a million points, logarithmic": () => line(list(1e6, (i) => Math.exp(wave(i))), { logX: true, logY: true }), // prettier-ignore
  "a million gaps": () => line(list(1e6, (i) => (i % 2 === 0 ? NaN : i))),
  "twenty long lines": () => line(Object.fromEntries(list(20, (i) => i).map((k) => [`c${k}`, list(5e4, (i) => wave(i) + k)]))), // prettier-ignore
  "a line that turns back": () => line({ spiral: { x: list(5e5, (i) => i * Math.cos(i / 99)), y: list(5e5, (i) => i * Math.sin(i / 99)) } }), // prettier-ignore
  "a live line of a million points": () => {
    const curve = liveLine();
    for (let i = 0; i < 1e6; i++) curve.push({ loss: wave(i) });
    return curve.figure();
  },
  "a heatmap of a million cells": () => heatmap(matrix(1000, 1000, (i, j) => wave(i * j))),
  "a wide heatmap": () => heatmap(matrix(3, 4e5, (i, j) => wave(i + j))),
  "a contour of a million values": () => contour(matrix(1000, 1000, (i, j) => wave(i * j))),
  "a contour of a function at many points": () => contour(bowl, { ...square, points: 600 }),
  "a contour with a long path": () => contour(bowl, { ...square, animate: true, paths: { gd: matrix(2e5, 2, (i, axis) => Math.cos(i + axis)) } }), // prettier-ignore
  "a contour with many marks": () => contour(bowl, { ...square, marks: { found: matrix(2e5, 2, (i, axis) => Math.cos(i + axis)) } }), // prettier-ignore
  "a surface of a million values": () => surface(matrix(1000, 1000, (i, j) => wave(i * j))),
  "a histogram of many bins": () => histogram(list(1e6, wave), { bins: 1e5 }),
  "a spectrum of many eigenvalues": () => spectrum(list(1e5, wave)),
  "a long density": () => density({ grid: list(1e5, (i) => i), density: list(1e5, (i) => 2 + wave(i)), standardError: list(1e5, () => 0.1) }), // prettier-ignore
  "a field of many arrows": () => vectorField((x, y) => [Math.sin(9 * x), y], { ...square, points: 300 }),
  "a gallery of many pictures": () => gallery(list(1000, (i) => i).map((k) => matrix(28, 28, (i, j) => wave(i * j + k)))), // prettier-ignore
  "large pictures": () => gallery([[0, 1, 2].map((c) => matrix(1500, 1200, (i, j) => (i + j + 100 * c) / 3000))]), // prettier-ignore
};

describe("a figure of more than a screen can show", () => {
  for (const [name, draw] of Object.entries(large)) {
    it(`is less than a megabyte of page, and says what it left out: ${name}`, () => {
      const figure = draw();
      expect(JSON.stringify(figure).length).to.be.below(1e6);
      expect(figure.summary).to.match(/all (pixels )?in figure\.numbers|instead of 300|gallery/i);
    });
  }

  it("keeps all numbers beside the drawing", () => {
    const y = list(30_000, wave);
    expect(line({ loss: y }).numbers["loss"].y).to.deep.equal(y);
    expect(heatmap(matrix(400, 400, (i, j) => i * j)).numbers.matrix[399][399]).to.equal(399 * 399);
    expect(contour(bowl, { ...square, points: 401 }).numbers.z).to.have.length(401);
    expect(surface(bowl, { ...square, points: 401 }).numbers.x[200]).to.be.closeTo(0, 1e-12);
    expect(histogram(y).numbers.values).to.deep.equal(y);
    expect(spectrum([3, 1, 2]).numbers.eigenvalues).to.deep.equal([1, 2, 3]);
    expect(density({ grid: [0, 1], density: [1, 2] }, { marks: [1] }).numbers).to.deep.include({
      marks: [1],
    });
    expect(gallery([[[0.5]]]).numbers.images).to.deep.equal([[[[0.5]]]]);
  });

  it("draws all of what is short", () => {
    expect(line(list(20_000, wave)).data[0].y).to.have.length(20_000);
    expect(line(list(20_000, wave)).notes).to.deep.equal([]);
    expect(heatmap(matrix(280, 280, (i, j) => i + j)).data[0].z).to.have.length(280);
  });

  it("has many grey pictures as one, dark where there is much, as few have it", () => {
    const shade = (k: number): number => [0, 5, 10][k % 3];
    const figure = gallery(list(200, (k) => k).map((k) => matrix(28, 28, () => shade(k))), { columns: 20 }); // prettier-ignore
    const source = (figure.data[0].source as string).replace(/^data:image\/png;base64,/, "");
    const { data, width } = decode(Buffer.from(source, "base64"));
    const at = (picture: number): number[] => [...data.slice(4 * 32 * picture, 4 * 32 * picture + 4)];
    expect(width).to.equal(19 * 32 + 28);
    expect([at(0), at(1), at(2)]).to.deep.equal([
      [255, 255, 255, 255],
      [128, 128, 128, 255],
      [0, 0, 0, 255],
    ]);
  });

  it("shows a single spike of a million points, and of a million cells", () => {
    const spike = (i: number): number => (i === 654_321 ? -9 : wave(i));
    const figure = line(list(1e6, spike));
    expect(figure.data[0].y).to.include(-9);
    expect((figure.data[0].x as number[])[(figure.data[0].y as number[]).indexOf(-9)]).to.equal(654_321);
    const z = heatmap(matrix(1000, 1000, (i, j) => spike(1000 * i + j))).data[0].z as number[][];
    expect(z.flat()).to.include(-9);
  });
});

/** Of a line that ascends: in each column of a screen `columns` wide, whether something is seen and how high it reaches. */
function silhouette(x: readonly number[], y: readonly (number | undefined)[], from: number, to: number, columns: number): string[] {
  const reach = Array.from({ length: columns }, () => [Infinity, -Infinity]);
  y.forEach((value, i) => {
    if (value === undefined) return;
    const column = Math.min(Math.floor(((x[i] - from) / (to - from)) * columns), columns - 1);
    reach[column] = [Math.min(reach[column][0], value), Math.max(reach[column][1], value)];
  });
  return reach.map(String);
} // prettier-ignore

describe("thinnedLine", () => {
  const steps = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 60, maxLength: 400 });

  it("keeps what each column of the screen spans, whatever the points", () => {
    fc.assert(
      fc.property(steps, fc.integer(), (widths, seed) => {
        let place = 0;
        const x = widths.map((width) => (place += width));
        const y = x.map((_, i) => Math.sin(seed + i * i) * (i % 11 === 0 ? 10 : 1));
        // 500 lines share the page, so that each has 40 points: 5 columns.
        const kept = thinnedLine({ x, y, isGap: () => false }, 500);
        const [from, to] = [x[0], x[x.length - 1]];
        const drawn = silhouette(kept.map((i) => x[i]), kept.map((i) => y[i]), from, to, 5); // prettier-ignore
        expect(drawn).to.deep.equal(silhouette(x, y, from, to, 5));
        expect(kept[0]).to.equal(0);
        expect(kept.at(-1)).to.equal(x.length - 1);
        expect(kept.length).to.be.at.most(40);
        expect(kept).to.deep.equal([...new Set(kept)].sort((a, b) => a - b));
      }),
    );
  });

  it("breaks the line wherever a stretch of it is missing", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 100, maxLength: 300 }), (missing) => {
        // Stretches long enough for a column.
        const gaps = missing.flatMap((gap) => new Array<boolean>(100).fill(gap));
        const x = gaps.map((_, i) => i);
        const kept = thinnedLine({ x, y: x, isGap: (i) => gaps[i] }, 1);
        const runs = (flags: readonly boolean[]): number => flags.filter((gap, i) => !gap && (i === 0 || flags[i - 1])).length; // prettier-ignore
        if (gaps.length > 20_000) expect(kept.length).to.be.below(gaps.length);
        expect(runs(kept.map((i) => gaps[i]))).to.equal(runs(gaps));
      }),
      { numRuns: 20 },
    );
  });

  it("keeps the extremes of a line that turns back, along both axes", () => {
    const angles = list(50_000, (i) => i / 100);
    const [x, y] = [angles.map((a) => a * Math.cos(a)), angles.map((a) => a * Math.sin(a))];
    const kept = thinnedLine({ x, y, isGap: () => false });
    for (const values of [x, y]) {
      const drawn = kept.map((i) => values[i]);
      expect(Math.max(...drawn)).to.equal(Math.max(...values));
      expect(Math.min(...drawn)).to.equal(Math.min(...values));
    }
  });
});

describe("thinnedGrid", () => {
  it("covers every cell once, and keeps the greatest and the least", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.integer(), (h, w, seed) => {
        const z = matrix(h, w, (i, j) => Math.sin(seed + 37 * i + 11 * j * j));
        const { z: small, rows, columns, isThinned } = thinnedGrid(z, 100);
        expect(isThinned).to.equal(h * w > 100);
        for (const [blocks, count] of [[rows, h], [columns, w]] as const) {
          expect(blocks.flatMap(([from, to]) => list(to - from, (i) => from + i))).to.deep.equal(list(count, (i) => i));
        }
        expect(rows.length * columns.length).to.be.at.most(Math.max(100, isThinned ? 0 : h * w));
        const mean = z.flat().reduce((sum, value) => sum + value, 0) / (h * w);
        const farthest = (values: readonly number[]): number => Math.max(...values.map((v) => Math.abs(v - mean)));
        expect(farthest(small.flat())).to.be.closeTo(farthest(z.flat()), 1e-9);
      }),
    ); // prettier-ignore
  });
});
