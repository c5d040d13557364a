import { expect } from "chai";
import { ArgumentError, nn, viz } from "../../../lib";

describe("viz.network", () => {
  const model = nn.sequential({
    conv: nn.conv2d(4, 3),
    block: nn.residual(nn.sequential(nn.relu(), nn.conv2d(4, 3, { padding: 1 }))),
    flatten: nn.flatten(),
    out: nn.dense(2),
  });
  const figure = viz.network(nn.summary(model, [1, 6, 6]), { title: "Small" });
  const traceOf = (name: string) => figure.data.find((trace) => trace["name"] === name)!;

  it("draws a box for each layer, in order, as high as its output is large", () => {
    const { layers } = nn.summary(model, [1, 6, 6]).numbers;
    const inLine = layers.filter(({ path }) => !path.includes("shortcut"));
    const boxes = figure.data.filter(({ fill }) => fill === "toself");
    const outlines = boxes.flatMap(({ x }) => (x as (number | null)[]).filter((each) => each === null));
    expect(outlines).to.have.length(inLine.length);
    expect(traceOf("conv2d")["x"]).to.have.length(12);
    expect(Math.max(...(traceOf("conv2d")["y"] as number[]))).to.be.closeTo(Math.log2(1 + 4 * 16) / 2, 1e-12);
    expect(Math.max(...(traceOf("dense")["y"] as number[]))).to.be.closeTo(Math.log2(3) / 2, 1e-12);
    const [hover] = traceOf("dense")["text"] as string[];
    expect(hover).to.equal("out: dense<br>[1, 2]<br>130 parameters<br>256 FLOPs");
  });

  it("draws the shortcut of a residual block round its body", () => {
    const shortcuts = figure.data.filter(({ name }) => name === "shortcut");
    expect(shortcuts).to.have.length(1);
    const [{ x, text }] = shortcuts as unknown as { x: number[]; text: string }[];
    expect(text).to.match(/^block\.shortcut: identity<br>\[1, 4, 4, 4\]/);
    expect([x[0], x.at(-1)]).to.deep.equal([1, 3]);
  });

  it("says in text what it draws", () => {
    expect(figure.summary).to.match(/^Network of \d layers\n {2}conv conv2d \[1, 4, 4, 4\]\n/);
    expect(figure.layout["title"]).to.deep.equal({ text: "Small" });
  });

  it("refuses what is no summary", () => {
    for (const wrong of [model, [], [{ path: "a" }], 3]) {
      expect(() => viz.network(wrong as never)).to.throw(
        ArgumentError,
        "expected nn.summary(model, inputShape)",
      );
    }
  });
});
