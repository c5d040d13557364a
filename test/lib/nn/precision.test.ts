import { expect } from "chai";
import { ArgumentError, data, devices, nn, optim, random, zeros, type Tensor } from "../../../lib";
import { onCpu } from "./support";

const model = () =>
  nn.sequential({ hidden: nn.dense(16), tanh: nn.tanh(), norm: nn.batchNorm(), out: nn.dense(2) });
const options = { epochs: 10, progress: false } as const;

/** Two classes of points in the plane, apart by a circle. */
function loader() {
  const features = random.uniform(random.key(0), [96, 2], { minval: -1, maxval: 1 });
  const labels = features.square().sum(1).greater(0.5).astype("int32");
  return data.loader({ features, labels }, { batchSize: 32 });
}

describe("training in float16", () => {
  describe("on the GPU", () => {
    before(async function () {
      const [device] = await devices();
      // Not every adapter has shader-f16; without it the refusal below is all there is.
      if (!device.floatTypes.includes("float16")) this.skip();
    });

    it("computes layers in float16, and keeps parameters, state and outputs in float32", () => {
      const mixed = nn.mixedPrecision(model());
      const variables = mixed.init(random.key(0), [4, 2]);
      const dtypes: Record<string, string> = {};
      const tap = ({ path, output }: nn.Application) => void (dtypes[path] = output.dtype);
      const { y, state } = mixed.apply(variables, random.normal(random.key(1), [4, 2]), { train: true, tap });
      expect(dtypes).to.deep.equal({ hidden: "float16", tanh: "float16", norm: "float16", out: "float16" });
      const kept = [y, state.norm.variance, variables.params.hidden.w];
      expect(kept.map((t: Tensor) => t.dtype)).to.deep.equal(["float32", "float32", "float32"]);
    });

    it("learns as in float32, to the accuracy of halves", async () => {
      const fit = (precision: "float16" | "float32") =>
        nn.fit(model(), optim.adam({ learningRate: 0.02 }), loader(), { ...options, precision });
      const [half, single] = [await fit("float16"), await fit("float32")];
      expect(half.params.hidden.w.dtype).to.equal("float32");
      expect(single.history.losses.at(-1)).to.be.below(0.8 * single.history.losses[0]);
      const far = half.history.losses.map((loss, step) => Math.abs(loss - single.history.losses[step]));
      expect(Math.max(...far)).to.be.within(1e-7, 0.02);
      expect(half.history.gradNorms[0]).to.be.closeTo(single.history.gradNorms[0], 0.02);
    });

    it("leaves out steps whose gradients overflow, until the loss is scaled by less", async () => {
      const steep = (y: Tensor, t: Tensor) => nn.loss.crossEntropy(y, t).mul(1e4);
      const { history } = await nn.fit(model(), optim.adam({ learningRate: 0.02 }), loader(), {
        ...options,
        loss: steep,
        precision: "float16",
      });
      const first = history.gradNorms.findIndex((norm) => norm > 0);
      expect(first).to.be.within(1, 25);
      expect(history.losses.at(-1)).to.be.below(history.losses[0]);
    });
  });

  onCpu("is refused where there is no float16", async () => {
    const mixed = nn.mixedPrecision(model());
    expect(() => mixed.apply(mixed.init(random.key(0), [4, 2]), zeros([4, 2]))).to.throw(
      ArgumentError,
      "mixedPrecision: cpu has no float16 (WebGPU's shader-f16); its floats are float64",
    );
    const refused = await nn
      .fit(model(), optim.adam(), loader(), { ...options, precision: "float16" })
      .then(() => "none", String);
    expect(refused).to.contain("fit: cpu has no float16");
    expect(() =>
      nn.fit(model(), optim.adam(), loader(), { ...options, precision: "half" as never }),
    ).to.throw(ArgumentError, 'precision must be "float32" or "float16", got "half"');
  });
});
