import { expect } from "chai";
import { ArgumentError, grad, nn, optim, random, tensor, type Tensor } from "../../../lib";
import { onCpu } from "./support";

/** Ten layers of tanh whose weights have a gain. */
function deep(gain: number) {
  const init: nn.Initializer = (key, shape) => nn.init.lecunNormal(key, shape, { gain });
  const layers = Array.from({ length: 10 }, () => [nn.dense(32, { init }), nn.tanh()]).flat();
  return nn.sequential([...layers, nn.dense(3)] as nn.Layer[]);
}

const batch = () => ({
  features: random.normal(random.key(7), [64, 32]),
  labels: random.randint(random.key(8), [64], { maxval: 3 }),
});

async function spread(gain: number): Promise<number> {
  const model = deep(gain);
  const variables = model.init(random.key(0), [1, 32]);
  const { numbers } = await nn.inspect.activations(model, variables, batch().features);
  const tanh = numbers.layers.filter((l) => l.kind === "tanh");
  return tanh[9].std / tanh[0].std;
}

describe("nn.inspect", () => {
  onCpu(
    "shows activations that vanish where weights are small and saturate where they are large",
    async () => {
      expect(await spread(0.3)).to.be.lessThan(1e-3);
      expect(await spread(1)).to.be.greaterThan(0.2);
      const model = deep(20);
      const report = await nn.inspect.activations(
        model,
        model.init(random.key(0), [1, 32]),
        batch().features,
      );
      expect(report.numbers.layers[19].std).to.be.greaterThan(0.9);
      expect(String(report)).to.match(/layer +kind +output +mean +std +zeros +peak\n0 +dense +\[64, 32\]/);
    },
  );

  onCpu("counts the zeros of a relu, and its peak", async () => {
    const model = nn.sequential(nn.relu());
    const x = tensor([[-1, 2, 0, -3]]);
    const { numbers } = await nn.inspect.activations(model, model.init(random.key(0), [1, 4]), x);
    expect(numbers.layers).to.deep.equal([
      { path: "0", kind: "relu", shape: [1, 4], mean: 0.5, std: Math.sqrt(0.75), zeros: 0.75, peak: 2 },
    ]);
  });

  onCpu("has gradients in outputs and parameters that are those of grad", async () => {
    const model = nn.sequential({ a: nn.dense(5), tanh: nn.tanh(), b: nn.dense(3) });
    const variables = model.init(random.key(1), [1, 32]);
    const { numbers } = await nn.inspect.gradients(model, variables, batch());
    const f = nn.objective(model, variables.state);
    const g = grad((p: typeof variables.params) => f(p, batch()))(variables.params);
    const norm = await optim.globalNorm(g.a).item();
    expect(numbers.layers.map((l) => l.path)).to.deep.equal(["a", "tanh", "b"]);
    expect(numbers.layers[0].parameterNorm).to.be.closeTo(norm, 1e-12);
    expect(numbers.layers[1].parameterNorm).to.equal(undefined);
    const { features, labels } = batch();
    const logits = model.apply(variables, features).y;
    const last = grad((y: Tensor) => nn.loss.crossEntropy(y, labels))(logits);
    expect(numbers.layers[2].outputNorm).to.be.closeTo(await last.norm().item(), 1e-12);
  });

  onCpu("shows gradients that vanish on the way back", async () => {
    const model = deep(0.3);
    const report = await nn.inspect.gradients(model, model.init(random.key(0), [1, 32]), batch());
    const { layers } = report.numbers;
    expect(layers[0].outputNorm / layers[20].outputNorm).to.be.lessThan(1e-3);
    expect(report.figures).to.have.length(1);
  });

  onCpu("relates updates to parameters", async () => {
    const params = { w: tensor([3, 4]), b: [tensor([2])] };
    const updates = { w: tensor([0.03, 0.04]), b: [tensor([-1])] };
    const { numbers } = await nn.inspect.updateRatios(params, updates);
    expect(numbers.parameters.map(({ path, ratio }) => [path, Number(ratio.toFixed(9))])).to.deep.equal([
      ["w", 0.01],
      ["b.0", 0.5],
    ]);
  });

  onCpu("draws filters in colour where they see three channels, in grey otherwise", async () => {
    const colour = await nn.inspect.filters(random.normal(random.key(0), [8, 3, 5, 5]));
    expect(colour.data[0]["type"]).to.equal("image");
    expect(colour.summary).to.include("8 pictures of 5 × 5");
    const grey = await nn.inspect.filters(random.normal(random.key(0), [8, 4, 3, 3]), {
      limit: 10,
      title: "Layer 2",
    });
    expect(grey.summary).to.equal("Layer 2\n10 pictures of 3 × 3");
  });

  onCpu("refuses what it cannot look at", async () => {
    const fail = async (work: Promise<unknown>) => work.catch((e: unknown) => e as Error);
    expect(await fail(nn.inspect.filters(tensor([1])))).to.be.instanceOf(ArgumentError);
    expect(await fail(nn.inspect.updateRatios({}, {}))).to.be.instanceOf(ArgumentError);
    expect(
      String(
        await fail(nn.inspect.gradients(nn.dense(3), nn.dense(3).init(random.key(0), [1, 32]), batch())),
      ),
    ).to.include("model must be made of layers");
  });
});
