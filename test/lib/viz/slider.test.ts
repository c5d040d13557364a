import { expect } from "chai";
import { contour, line, slider, type Figure, type PlotlyJson } from "../../../lib/viz";

interface Control {
  readonly active: number;
  readonly currentvalue: { readonly prefix: string };
  readonly steps: readonly {
    readonly label: string;
    readonly args: readonly [PlotlyJson, PlotlyJson, number[]];
  }[];
}

const controlOf = ({ layout }: Figure) => (layout.sliders as [Control])[0];
const decay = (rate: number) => line({ left: [1, 1 - rate], none: [0, 0] }, { title: `rate ${rate}` });

describe("viz.slider", () => {
  it("opens on the initial value, and has a position for each", async () => {
    const figure = await slider([0.1, 0.5, 0.9], decay, { label: "η", initial: 0.5 });
    expect(figure.data[0].y).to.deep.equal([1, 0.5]);
    const { active, steps, currentvalue } = controlOf(figure);
    expect([active, currentvalue.prefix]).to.deep.equal([1, "η = "]);
    expect(steps.map(({ label }) => label)).to.deep.equal(["0.1", "0.5", "0.9"]);
  });

  it("keeps once what is the same at all positions", async () => {
    const { steps } = controlOf(await slider([0.1, 0.9], decay));
    expect(steps.map(({ args }) => args)).to.deep.equal([
      [{ y: [[1, 0.9]] }, { "title.text": "rate 0.1" }, [0]],
      [{ y: [[1, 0.1]] }, { "title.text": "rate 0.9" }, [0]],
    ]);
  });

  it("waits for figures that are promised, one after the other", async () => {
    let running = 0;
    const figure = await slider(["a", "b"], async (name) => {
      expect(++running).to.equal(1);
      await Promise.resolve();
      running--;
      return line({ [name]: [1, 2] });
    });
    expect(controlOf(figure).steps[1].args[0]).to.deep.equal({ name: ["b"] });
  });

  it("says the numbers of each position", async () => {
    expect((await slider([0.1, 0.5], decay, { label: "η" })).summary.split("\n")).to.deep.equal([
      "rate 0.1",
      "η = 0.1",
      "  left: 2 points, first 1, last 0.9, min 0.9, max 1",
      "  none: 2 points, first 0, last 0, min 0, max 0",
      "η = 0.5",
      "  left: 2 points, first 1, last 0.5, min 0.5, max 1",
      "  none: 2 points, first 0, last 0, min 0, max 0",
    ]);
  });

  it("names what it refuses", async () => {
    const refusal = (...args: unknown[]) =>
      (slider as (...args: unknown[]) => Promise<unknown>)(...args).then(
        () => "nothing",
        (error: unknown) => (error as Error).message,
      );
    expect(await refusal([], decay)).to.contain("values must be a list of numbers or strings, got []");
    expect(await refusal([1], "line")).to.contain(
      'draw must be a function from a value to a figure, got "line"',
    );
    expect(await refusal([1], decay, { initial: 2 })).to.contain("initial must be one of the values, got 2");
    expect(await refusal([1], decay, { titel: 2 })).to.contain('unknown option "titel"');
    expect(await refusal([1], () => 3)).to.contain("draw(1) must give a figure, got 3");
    expect(await refusal([1, 2], (n: number) => line(n === 1 ? { a: [1] } : { a: [1], b: [1] }))).to.contain(
      "all figures must have the same traces: draw(2) gave scatter, scatter, the first scatter",
    );
    const paths = { gd: [[1, 1], [0, 0]] }; // prettier-ignore
    const growing = () => contour((x, y) => x * y, { x: [0, 1], y: [0, 1], paths, animate: true });
    expect(await refusal([1], growing)).to.contain("draw(1) gave a figure that has a slider already");
  });
});
