import { expect } from "chai";
import {
  displayKey,
  installFrontend,
  type DisplayOptions,
  type MimeBundle,
} from "../../../lib/util/frontend";
import { compose, line, liveLine, progress } from "../../../lib/viz";

interface Shown extends DisplayOptions {
  readonly data: MimeBundle;
}

/** Runs `action` before a front end that records what it is shown. */
function recordDisplays(action: () => void): Shown[] {
  const shown: Shown[] = [];
  installFrontend({
    display: (data, options) => void shown.push({ data, ...options }),
    clearOutput: () => undefined,
    await: () => undefined,
    input: () => Promise.reject(new Error("nobody is there")),
  });
  try {
    action();
  } finally {
    installFrontend(undefined);
  }
  return shown;
}

const texts = (shown: readonly Shown[]) => shown.map(({ data }) => data["text/plain"] as string);

describe("a figure's mime bundle", () => {
  it("has Plotly's JSON, HTML and a text", () => {
    const bundle = line({ loss: [2, 1] })[displayKey]();
    expect(bundle["application/vnd.plotly.v1+json"]).to.have.all.keys("data", "layout");
    expect(bundle["text/html"]).to.contain('class="saddle-figure"');
    expect(bundle["text/plain"]).to.contain("loss: 2 points");
  });

  it("lets no text of the user end the script or become markup", () => {
    const html = line({ "</script><b>": [1] }, { title: "<!-- a" })[displayKey]()["text/html"] as string;
    const [fragment] = html.split("</script>");
    expect(fragment).not.to.contain("<b>").and.not.to.contain("<!--");
  });

  it("leaves plotly.js to the kernel where there is one, and brings it where there is none", () => {
    let html = "";
    const shown = recordDisplays(() => {
      html = line([1, 2])[displayKey]()["text/html"] as string;
    });
    expect(shown).to.deep.equal([]);
    expect(html.length).to.be.below(10_000);
    expect(line([1, 2])[displayKey]()["text/html"]).to.have.length.above(1_000_000);
  });
});

describe("viz.compose", () => {
  it("makes one output of figures and HTML, in order", () => {
    const bundle = compose([line([1]), "<p>between</p>", line([2])], "two lines");
    expect(bundle["text/html"]).to.match(/saddle-figure[^]*<p>between<\/p>[^]*saddle-figure/);
    expect(bundle["text/plain"]).to.equal("two lines");
  });
});

describe("viz.progress", () => {
  it("shows itself once and then updates in place, the last state always", () => {
    const shown = recordDisplays(() => {
      for (const step of progress(1000, { label: "training" })) expect(step).to.be.below(1000);
    });
    expect(new Set(shown.map(({ displayId }) => displayId))).to.have.length(1);
    expect(shown.map(({ update }) => update)).to.deep.equal(shown.map((_, index) => index > 0));
    expect(texts(shown)[0]).to.contain("training").and.to.contain("0/1000");
    expect(texts(shown).at(-1)).to.contain("100% · 1000/1000");
  });

  it("updates at most ten times a second", async () => {
    let updates = 0;
    installFrontend({
      display: () => updates++,
      clearOutput: () => undefined,
      await: () => undefined,
      input: () => Promise.resolve(""),
    });
    try {
      const bar = progress(50);
      for (let step = 0; step < 50; step++) {
        bar.advance();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      bar.end();
    } finally {
      installFrontend(undefined);
    }
    expect(updates).to.be.within(3, 8);
  });

  it("stays where a loop was left, with what was said last", () => {
    const shown = recordDisplays(() => {
      const bar = progress(10);
      for (const step of bar) {
        bar.say(`loss ${10 - step}`);
        if (step === 3) break;
      }
    });
    expect(texts(shown).at(-1)).to.contain("3/10").and.to.contain("loss 7");
  });

  it("refuses a total that is not a whole number", () => {
    expect(() => progress(2.5)).to.throw("total must be a whole number of at least 0, got 2.5");
  });
});

describe("viz.liveLine", () => {
  it("grows in one display", () => {
    const shown = recordDisplays(() => {
      const curve = liveLine({ title: "Training" });
      for (let step = 0; step < 100; step++) curve.push({ loss: 1 / (step + 1) });
      curve.end();
    }).filter(({ displayId }) => displayId?.startsWith("saddle-live"));
    expect(shown.map(({ update }) => update)).to.deep.equal([false, true]);
    expect(texts(shown).at(-1)).to.contain("loss: 100 points, first 1, last 0.01");
  });

  it("bears a loss that is not finite", () => {
    const curve = liveLine();
    curve.push({ loss: 1 });
    curve.push({ loss: Infinity });
    curve.push({ loss: 2 }, NaN);
    curve.push({ loss: 3 });
    const figure = curve.figure();
    expect(figure.notes).to.deep.equal(["loss: 2 of 4 points left out: 1 ∞, 1 NaN in x"]);
    expect(figure.data[0]).to.deep.include({ x: [0, 1, null, 3], y: [1, null, null, 3] });
  });

  it("never throws for a number, and shows itself before it has any", () => {
    const shown = recordDisplays(() => {
      const curve = liveLine({ logX: true, logY: true });
      curve[displayKey]();
      for (const value of [0, -1, NaN, Infinity, -Infinity, 1e300, 5e-324, 1]) {
        curve.push({ loss: value });
        curve[displayKey]();
      }
    });
    expect(shown).not.to.have.length(0);
    expect(liveLine().figure().summary).to.equal("Line figure\nno points");
  });

  it("thins what no screen can show, keeps extremes and the last point, and all numbers beside", () => {
    const curve = liveLine();
    for (let step = 0; step < 50_000; step++) curve.push({ loss: step === 31_234 ? 1e6 : step % 7 });
    const { data, numbers, summary } = curve.figure();
    const x = data[0].x as number[];
    expect(x).to.have.length.below(6000);
    expect(x.at(-1)).to.equal(49_999);
    expect(data[0].y).to.include(1e6);
    expect(numbers["loss"].y).to.have.length(50_000);
    expect(summary).to.contain("loss: 50000 points");
  });

  it("refuses values that are not numbers", () => {
    expect(() => liveLine().push({ loss: "1" as never })).to.throw('push: loss must be a number, got "1"');
  });
});
