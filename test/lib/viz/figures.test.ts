import { expect } from "chai";
import { decode } from "fast-png";
import {
  contour,
  density,
  gallery,
  heatmap,
  histogram,
  line,
  panels,
  spectrum,
  surface,
  vectorField,
} from "../../../lib/viz";

const bowl = (x: number, y: number) => x * x + 5 * y * y;
const square = { x: [-1, 1], y: [-1, 1] };

describe("viz.line", () => {
  it("draws one trace a named curve, typed arrays included", () => {
    const figure = line({ train: [3, 2, 1], test: Float32Array.of(3, 2.5) });
    expect(figure.data.map(({ name, x, y }) => ({ name, x, y }))).to.deep.equal([
      { name: "train", x: [0, 1, 2], y: [3, 2, 1] },
      { name: "test", x: [0, 1], y: [3, 2.5] },
    ]);
  });

  it("says the numbers that matter, with six significant digits", () => {
    expect(line({ loss: [2.302585093, 12345678, 0.5] }, { title: "Training" }).summary).to.equal(
      "Training\nloss: 3 points, first 2.30259, last 0.5, min 0.5, max 12345700",
    );
  });

  it("titles its axes and makes them logarithmic", () => {
    const { layout } = line([1, 10], { xLabel: "step", yLabel: "loss", logY: true });
    expect(layout.xaxis).to.deep.include({ title: { text: "step" } });
    expect(layout.yaxis).to.deep.include({ title: { text: "loss" }, type: "log" });
  });

  it("labels a logarithmic axis by powers of ten, and between them where there are few", () => {
    const ticksOf = (y: number[]) => line(y, { logY: true }).layout.yaxis;
    expect(ticksOf([1e-9, 1])).to.deep.include({ dtick: 2 });
    expect(ticksOf([0.1, 10])).to.deep.include({ dtick: 1 });
    expect(ticksOf([0.1, 0.6])).to.deep.include({
      tickvals: [0.1, 0.2, 0.5, 1, 2, 5],
      ticktext: ["0.1", "0.2", "0.5", "1", "2", "5"],
    });
    expect(ticksOf([3, 4])).not.to.have.any.keys("dtick", "tickvals");
  });

  it("leaves a gap where an axis has no place for a value, and says how many and why", () => {
    const figure = line({ loss: [1, NaN, 3, Infinity, 0, -2, NaN] }, { logY: true });
    expect(figure.data[0].y).to.deep.equal([1, null, 3, null, null, null, null]);
    expect(figure.notes).to.deep.equal([
      "loss: 5 of 7 points left out: 2 NaN, 1 ∞, 1 zero on a logarithmic axis, 1 negative on a logarithmic axis",
    ]);
    expect(figure.summary.split("\n").at(-1)).to.equal(figure.notes[0]);
    const [note] = figure.toJSON().layout.annotations as { text: string }[];
    expect(note.text).to.equal(figure.notes[0]);
    expect(line([-1, 0, 2]).notes).to.deep.equal([]);
    expect(line({ gd: { x: [0, 1, NaN], y: [1, 2, 3] } }, { logX: true }).notes).to.deep.equal([
      "gd: 2 of 3 points left out: 1 zero on a logarithmic axis in x, 1 NaN in x",
    ]);
  });

  it("shows what varies little about a large value", () => {
    const { x, y } = line({ x: [1e6 + 1, 1e6 + 2, 1e6 + 3], y: [1e9 + 1, 1e9 + 2, 1e9 + 3] }).data[0];
    expect(x).to.deep.equal([1e6 + 1, 1e6 + 2, 1e6 + 3]);
    expect(y).to.deep.equal([1e9 + 1, 1e9 + 2, 1e9 + 3]);
  });

  it("names the argument it refuses, what it got and what it wanted", () => {
    expect(() => line({ loss: "12" as never })).to.throw('loss must be a list of numbers, got "12"');
    expect(() => line({ loss: { x: [1], y: [1, 2] } })).to.throw("loss has 2 values but 1 places in x");
    expect(() => line([1, null as never])).to.throw("value[1] must be a number, got null");
    expect(() => line([1], { titel: "a" } as never)).to.throw(
      'unknown option "titel"; did you mean "title"?',
    );
  });

  it("tells how to draw a tensor", () => {
    const tensor = { array: () => Promise.resolve([1]) };
    expect(() => line(tensor as never)).to.throw("pass await value.array()");
  });
});

describe("viz.histogram", () => {
  it("counts every value once, both ends included", () => {
    const [{ x, y }] = histogram([0, 1, 2, 3, 4], { bins: 2 }).data;
    expect({ x, y }).to.deep.equal({ x: [1, 3], y: [2, 3] });
  });

  it("bears values that are all the same, and refuses no bins", () => {
    const { data, summary, layout } = histogram([7, 7, 7], { bins: 3 });
    expect(data[0]).to.deep.include({ x: [7], y: [3] });
    const [from, to] = (layout.xaxis as { range: [number, number] }).range;
    expect((from + to) / 2).to.be.closeTo(7, 1e-9);
    expect(summary).to.contain("3 values, all 7");
    expect(() => histogram([1], { bins: 0 })).to.throw("bins must be a whole number of at least 1, got 0");
  });

  it("says mean and deviation", () => {
    expect(histogram([1, 3], { bins: 2 }).summary).to.contain("mean 2, std 1, min 1, max 3");
  });
});

describe("viz.heatmap", () => {
  it("puts zero in the middle of the colours where there are both signs", () => {
    expect(heatmap([[-1, 0.5]]).data[0]).to.include({ zmin: -1, zmax: 1 });
    expect(heatmap([[0, 0.5]]).data[0]).not.to.have.property("zmin");
  });

  it("has row 0 at the top", () => {
    expect(heatmap([[1], [2]]).layout.yaxis).to.include({ autorange: "reversed" });
  });

  it("refuses ragged rows and names that do not fit", () => {
    expect(() => heatmap([[1, 2], [3]])).to.throw("matrix[1] has 1 numbers, matrix[0] has 2");
    expect(() => heatmap([[1, 2]], { columns: ["a"] })).to.throw(
      "columns has 1 names, the matrix has 2 columns",
    );
  });
});

describe("viz.contour", () => {
  it("evaluates a function over its ranges, the lowest y first", () => {
    const { x, y, z } = contour(bowl, { ...square, points: 3 }).data[0];
    expect({ x, y }).to.deep.equal({ x: [-1, 0, 1], y: [-1, 0, 1] });
    expect(z).to.deep.equal([
      [6, 5, 6],
      [1, 0, 1],
      [6, 5, 6],
    ]);
  });

  it("lays paths over the landscape and says where they lead", () => {
    const figure = contour(bowl, { ...square, paths: { newton: [[1, 1], [0, 0]] } }); // prettier-ignore
    expect(figure.data[1]).to.deep.include({ name: "newton", x: [1, 0], y: [1, 0] });
    expect(figure.summary).to.contain("newton: 2 points, (1, 1) → (0, 0)");
  });

  it("lets paths grow by a slider that opens on their ends", () => {
    const paths = { gd: [[1, 1], [0.5, 0.5], [0, 0]] }; // prettier-ignore
    const { layout, data } = contour(bowl, { ...square, paths, animate: true });
    const [slider] = layout.sliders as {
      active: number;
      steps: { label: string; args: [{ x: number[][] }, object, number[]] }[];
    }[];
    expect(slider.steps.map(({ label }) => label)).to.deep.equal(["0", "1", "2"]);
    expect(slider.active).to.equal(2);
    expect(slider.steps[1].args).to.deep.equal([{ x: [[1, 0.5]], y: [[1, 0.5]] }, {}, [1]]);
    expect(data[1].x).to.have.length(3);
  });

  it("fades points that lie off the plane, and says how far they do", () => {
    const figure = contour(bowl, { ...square, paths: { gd: [[1, 1, 0], [0, 0, 2]] } }); // prettier-ignore
    expect(figure.data[1].marker).to.deep.include({ opacity: [1, 0.25] });
    expect(figure.summary).to.contain("gd: 2 points, (1, 1) → (0, 0), at most 2 off the plane");
  });

  it("shows the logarithm, with a floor under zeros", () => {
    const [{ z }] = contour([[0, 0.01], [1, 100]], { logZ: true }).data; // prettier-ignore
    expect(z).to.deep.equal([
      [-2, -2],
      [0, 2],
    ]);
  });

  it("refuses functions without ranges, values that are no numbers and points that are not [x, y]", () => {
    expect(() => contour(bowl)).to.throw("x is missing: a function needs its range [from, to]");
    expect(() => contour(bowl, { x: [1, -1], y: [0, 1] })).to.throw("x must be [from, to] with from < to");
    expect(() => contour(() => "1" as never, square)).to.throw('at (-1, -1) it gave "1"');
    expect(() => contour(bowl, { ...square, paths: { p: [[1]] } })).to.throw(
      "paths.p must be a list of points",
    );
    expect(() => contour([[1, 2, 3]], { x: [1, 2, 3, 4] })).to.throw(
      "x has 4 places, the landscape has 3 columns",
    );
  });
});

describe("viz.contour's marks", () => {
  it("are points without a line, told apart by shape as well as by colour", () => {
    const { data, summary } = contour(bowl, { ...square, marks: { minimum: [[0, 0]], saddle: [[1, 1], [-1, 1]] } }); // prettier-ignore
    const marks = data.slice(1);
    expect(marks.map(({ mode, name, x }) => ({ mode, name, x }))).to.deep.equal([
      { mode: "markers", name: "minimum", x: [0] },
      { mode: "markers", name: "saddle", x: [1, -1] },
    ]);
    expect(new Set(marks.map(({ marker }) => (marker as { symbol: string }).symbol))).to.have.property(
      "size",
      2,
    );
    expect(summary).to.include("saddle: (1, 1), (-1, 1)");
  });

  it("are refused where they are no points", () => {
    expect(() => contour(bowl, { ...square, marks: { m: [[1]] } })).to.throw(
      "marks.m must be a list of points",
    );
  });
});

describe("viz.surface", () => {
  it("is titled on all three axes", () => {
    const { scene } = surface(bowl, { ...square, zLabel: "loss" }).layout;
    expect(scene).to.deep.include({ xaxis: { title: { text: "x" } }, zaxis: { title: { text: "loss" } } });
  });

  it("takes no paths", () => {
    expect(() => surface(bowl, { ...square, paths: {} } as never)).to.throw('unknown option "paths"');
  });
});

describe("viz.spectrum", () => {
  it("sorts eigenvalues and colours them by sign", () => {
    const { data } = spectrum([5, -1, 0, 2]);
    expect(data.map(({ name, x, y }) => ({ name, x, y }))).to.deep.equal([
      { name: "negative", x: [0], y: [-1] },
      { name: "zero", x: [1], y: [0] },
      { name: "positive", x: [2, 3], y: [2, 5] },
    ]);
  });

  it("says the extremes, the count of negative and zero ones, and the condition number", () => {
    expect(spectrum([5, 1]).summary).to.contain("2 eigenvalues, λmin = 1, λmax = 5, 0 negative, 0 zero");
    expect(spectrum([5, 1]).summary).to.match(/κ = 5$/);
    expect(spectrum([5, 1, 0]).summary).to.match(/1 zero .* κ = 5 without the zeros$/);
    expect(spectrum([0, 0]).summary).not.to.contain("κ");
  });

  it("goes logarithmic when the eigenvalues span magnitudes", () => {
    expect(spectrum([1e-2, 1e3]).layout.yaxis).to.include({ type: "log" });
    expect(spectrum([1, 5]).layout.yaxis).not.to.have.property("type");
    expect(() => spectrum([1], { scale: "loglog" as never })).to.throw("scale must be one of linear, log");
  });
});

describe("viz.density", () => {
  it("draws a band of two standard errors about the density, on a logarithmic axis with a floor", () => {
    const { data, layout } = density(
      { grid: [0, 1], density: [1, 0], standardError: [0.1, 0.1] },
      { marks: [1] },
    );
    expect(data.map(({ name }) => name)).to.deep.equal([
      "± 2 standard errors",
      "density",
      "eigenvalues found",
    ]);
    expect(data[0].y).to.deep.equal([1.2, 0.2, 0.00001, 0.8]);
    expect(data[1].y).to.deep.equal([1, 0.00001]);
    expect(layout.yaxis).to.include({ type: "log" });
  });

  it("refuses densities that do not fit their grid", () => {
    expect(() => density({ grid: [0, 1], density: [1] })).to.throw("density has 1 values, the grid 2");
  });
});

describe("viz.vectorField", () => {
  it("draws arrows that point along the field, and says how long it is", () => {
    const { data, summary } = vectorField((x, y) => [x, -y], { x: [0, 2], y: [0, 2], points: 3 });
    const heads = data[1] as { x: number[]; y: number[]; marker: { color: number[] } };
    expect(heads.marker.color).to.deep.equal([0, 1, 2, 1, 1.41421, 2.23607, 2, 2.23607, 2.82843]);
    expect([heads.x[0], heads.y[0]]).to.deep.equal([0, 0]);
    expect(heads.x[2]).to.be.within(2.1, 2.5);
    expect(heads.y[6]).to.be.within(1.5, 1.9);
    expect(summary).to.contain("3 × 3 arrows, lengths from 0 to 2.82843");
  });

  it("refuses fields that are not of two numbers", () => {
    const range = { x: [0, 1], y: [0, 1] };
    expect(() => vectorField(() => [1], range)).to.throw("at (0, 0) it gave [1]");
    expect(() => vectorField(() => [1, 1], { ...range, x: [1, 0] })).to.throw(
      "x must be [from, to] with from < to",
    );
  });
});

describe("viz.panels", () => {
  it("gives each figure axes of its own, and a name one entry in the legend", () => {
    const { data, layout } = panels([
      line({ a: [1, 2] }, { title: "one" }),
      line({ a: [3, 4] }, { title: "two" }),
    ]);
    expect(data.map(({ xaxis, showlegend }) => [xaxis, showlegend])).to.deep.equal([["x", true], ["x2", false]]); // prettier-ignore
    expect((layout.annotations as { text: string }[]).map(({ text }) => text)).to.deep.equal(["one", "two"]);
  });

  it("refuses what is no figure", () => {
    expect(() => panels([])).to.throw("figures must be a list of figures");
  });
});

describe("viz.gallery", () => {
  const picture = [[0, 1], [1, 0]]; // prettier-ignore

  it("tiles grey pictures with margins between them", () => {
    const z = gallery([picture, picture], { columns: 2 }).data[0].z as (number | null)[][];
    expect(z).to.deep.equal([
      [0, 1, null, 0, 1],
      [1, 0, null, 1, 0],
    ]);
  });

  it("takes red, green and blue planes", () => {
    const colours = [[[1]], [[0.5]], [[0]]];
    const source = gallery([colours, colours], { columns: 2 }).data[0].source as string;
    const { data, width } = decode(Buffer.from(source.replace(/^data:image\/png;base64,/, ""), "base64"));
    expect(width).to.equal(3);
    expect([...data]).to.deep.equal([255, 128, 0, 255, 0, 0, 0, 0, 255, 128, 0, 255]);
  });

  it("refuses pictures that differ in shape, two channels, and captions that do not fit", () => {
    expect(() => gallery([picture, [[1]]])).to.throw("images[1] is 1 × 1 × 1, images[0] is 1 × 2 × 2");
    expect(() => gallery([[picture, picture]])).to.throw("2 channels, 1 or 3 are wanted");
    expect(() => gallery([picture], { captions: ["a", "b"] })).to.throw(
      "captions has 2 entries, there are 1",
    );
  });
});
