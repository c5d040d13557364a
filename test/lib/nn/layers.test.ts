import { expect } from "chai";
import { ArgumentError, grad, nn, random, tensor, zeros, type Tensor } from "../../../lib";
import { close, numbers, onCpu } from "./support";

const key = () => random.key(3);

/** The output of a fresh module for zeros of `shape`. */
function outputOf(module: nn.Module, shape: readonly number[]): Tensor {
  return module.apply(module.init(key(), shape), zeros(shape)).y;
}

describe("layers", () => {
  onCpu("map shapes as they should", () => {
    const cases: [nn.Module, number[], number[]][] = [
      [nn.dense(5), [2, 3], [2, 5]],
      [nn.dense(5), [2, 4, 3], [2, 4, 5]],
      [nn.conv2d(8, 3, { padding: "same" }), [2, 3, 6, 7], [2, 8, 6, 7]],
      [nn.conv2d(8, [3, 1], { stride: 2, groups: 2 }), [2, 4, 7, 7], [2, 8, 3, 4]],
      [nn.maxPool2d(2), [2, 3, 6, 8], [2, 3, 3, 4]],
      [nn.avgPool2d({ kernel: 3, stride: 1 }), [2, 3, 6, 8], [2, 3, 4, 6]],
      [nn.globalAvgPool(), [2, 3, 6, 8], [2, 3]],
      [nn.adaptiveAvgPool2d(3), [2, 3, 7, 8], [2, 3, 3, 3]],
      [nn.flatten(), [2, 3, 4], [2, 12]],
      [nn.embedding(7, 4), [2, 3], [2, 3, 4]],
      [nn.layerNorm(), [2, 3], [2, 3]],
    ];
    for (const [module, input, output] of cases) {
      expect(outputOf(module, input).shape, module.kind).to.deep.equal(output);
    }
  });

  onCpu("dense and conv2d multiply by their weights and add their bias", async () => {
    const dense = nn.dense(2);
    const { y } = dense.apply(
      {
        params: {
          w: tensor([
            [1, 2],
            [3, 4],
          ]),
          b: tensor([10, 20]),
        },
        state: {},
      },
      tensor([[1, 1]]),
    );
    close(await numbers(y), [14, 26]);
    const conv = nn.conv2d(1, 2);
    const w = tensor([
      [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    ]);
    const image = tensor([
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ]);
    close(await numbers(conv.apply({ params: { w, b: tensor([5]) }, state: {} }, image).y), [10]);
  });

  onCpu("adaptiveAvgPool2d takes torch's windows", async () => {
    const x = tensor([[[[1, 2, 3, 4, 5]]]]);
    const pool = nn.adaptiveAvgPool2d(2);
    close(await numbers(pool.apply({ params: {}, state: {} }, x).y), [2, 4, 2, 4]);
  });

  for (const [name, make, message] of [
    [
      "dense",
      () => nn.dense(2).apply(nn.dense(2).init(key(), [1, 4]), zeros([3, 5])),
      "[..., 4] for w of shape [4, 2], got [3, 5]",
    ],
    [
      "conv2d",
      () => nn.conv2d(2, 3).apply(nn.conv2d(2, 3).init(key(), [1, 4, 8, 8]), zeros([1, 3, 8, 8])),
      "[n, 4, h, w] for w of shape [2, 4, 3, 3], got [1, 3, 8, 8]",
    ],
    [
      "conv2d",
      () => outputOf(nn.conv2d(2, 3), [3, 4]),
      "must be [samples, channels, height, width], got [3, 4]",
    ],
    [
      "batchNorm",
      () => nn.batchNorm().apply(nn.batchNorm().init(key(), [1, 4]), zeros([2, 5])),
      "mean must have shape [5] for x of shape [2, 5], got [4]",
    ],
    ["batchNorm", () => outputOf(nn.batchNorm(), [3]), "[samples, channels, height, width], got [3]"],
    [
      "layerNorm",
      () => nn.layerNorm().apply(nn.layerNorm().init(key(), [1, 4]), zeros([2, 5])),
      "the last axes of x [2, 5], got [4] and [4]",
    ],
    [
      "globalAvgPool",
      () => outputOf(nn.globalAvgPool(), [2, 3]),
      "must be [samples, channels, height, width], got [2, 3]",
    ],
    [
      "maxPool2d",
      () => outputOf(nn.maxPool2d(2), [2, 3]),
      "x must have shape [samples, channels, height, width], got [2, 3]",
    ],
    [
      "dropout",
      () => nn.dropout(0.5).apply({ params: {}, state: {} }, zeros([2]), { train: true }),
      "needs a key in training",
    ],
    ["dropout", () => nn.dropout(1), "rate must lie in [0, 1), got 1"],
    ["dense", () => nn.dense(0), "units must be a whole number of at least 1"],
    ["dense", () => nn.dense(3, { biases: false } as never), 'did you mean "bias"'],
    [
      "residual",
      () => nn.residual(nn.dense(3)).init(key(), [1, 4]),
      "the body gives [1, 3], the shortcut [1, 4]",
    ],
    [
      "sequential",
      () => nn.sequential(nn.relu as unknown as nn.Layer).apply({ params: [{}], state: [{}] }, zeros([1])),
      "write nn.relu(), with its parentheses",
    ],
    ["sequential", () => nn.sequential(), "needs at least one layer"],
    ["sequential", () => nn.sequential(3 as never), "must be a module or a function"],
  ] as const) {
    onCpu(`${name} refuses what does not fit: ${message}`, () => {
      expect(make).to.throw(ArgumentError, message);
    });
  }

  onCpu("say where in a network a shape does not fit", () => {
    const model = nn.sequential({ stem: nn.sequential(nn.relu(), nn.dense(2)), head: nn.dense(3) });
    const variables = model.init(key(), [1, 4]);
    expect(() => model.apply(variables, zeros([1, 5]))).to.throw(
      ArgumentError,
      "layer stem.1: dense: x must have",
    );
  });
});

describe("every layer", () => {
  /** For each layer: an input that fits it, one that does not, and what the refusal says of both. */
  const misfits: Record<string, [nn.Module, number[], number[], string]> = {
    dense: [nn.dense(2), [3, 4], [3, 5], "x must have shape [..., 4] for w of shape [4, 2], got [3, 5]"],
    conv2d: [
      nn.conv2d(2, 3),
      [1, 4, 8, 8],
      [1, 3, 8, 8],
      "x must have shape [n, 4, h, w] for w of shape [2, 4, 3, 3], got [1, 3, 8, 8]",
    ],
    batchNorm: [nn.batchNorm(), [2, 4], [2, 5], "must have shape [5] for x of shape [2, 5], got [4]"],
    layerNorm: [nn.layerNorm(), [2, 4], [2, 5], "the last axes of x [2, 5], got [4] and [4]"],
    maxPool2d: [
      nn.maxPool2d(2),
      [1, 1, 4, 4],
      [4, 4],
      "x must have shape [samples, channels, height, width], got [4, 4]",
    ],
    avgPool2d: [
      nn.avgPool2d(2),
      [1, 1, 4, 4],
      [4, 4],
      "x must have shape [samples, channels, height, width], got [4, 4]",
    ],
    globalAvgPool: [
      nn.globalAvgPool(),
      [1, 1, 4, 4],
      [4, 4],
      "x must be [samples, channels, height, width], got [4, 4]",
    ],
    adaptiveAvgPool2d: [
      nn.adaptiveAvgPool2d(2),
      [1, 1, 4, 4],
      [4, 4],
      "x must be [samples, channels, height, width], got [4, 4]",
    ],
    flatten: [nn.flatten(), [2, 3], [], "x must have a batch axis, got []"],
    softmax: [nn.softmax(), [2, 3], [], "axis -1 is out of range for a tensor of 0 dimensions"],
  };
  /** Layers that take each number for itself, and those whose result adds an axis. */
  const takeAll: Record<string, nn.Module> = {
    relu: nn.relu(),
    leakyRelu: nn.leakyRelu(),
    elu: nn.elu(),
    gelu: nn.gelu(),
    silu: nn.silu(),
    softplus: nn.softplus(),
    tanh: nn.tanh(),
    sigmoid: nn.sigmoid(),
    dropout: nn.dropout(),
    embedding: nn.embedding(5, 7),
  };

  it("is in these tables", () => {
    const others = [
      "residual",
      "sequential",
      "mixedPrecision",
      "fit",
      "objective",
      "countParameters",
      "summary",
    ];
    const rest = ["load", "save", "lastTraining"];
    const functions = Object.entries(nn).filter(
      ([name, value]) => typeof value === "function" && /^[a-z]/.test(name),
    );
    const layers = functions.map(([name]) => name).filter((name) => ![...others, ...rest].includes(name));
    expect([...Object.keys(misfits), ...Object.keys(takeAll)]).to.have.members(layers);
  });

  for (const [name, [layer, fits, wrong, message]] of Object.entries(misfits)) {
    onCpu(`${name} names the shape it got and the one it wants: ${message}`, () => {
      const variables = layer.init(key(), fits);
      expect(() => layer.apply(variables, zeros(fits))).not.to.throw();
      for (const train of [false, true]) {
        expect(() => layer.apply(variables, zeros(wrong), { train })).to.throw(ArgumentError, message);
      }
    });
  }

  for (const [name, layer] of Object.entries(takeAll)) {
    onCpu(`${name} takes any shape`, () => {
      for (const shape of [[], [3], [2, 0, 4]]) {
        const { shape: got } = outputOf(layer, shape);
        expect(got).to.deep.equal(name === "embedding" ? [...shape, 7] : shape);
      }
    });
  }

  onCpu("conv2d refuses groups that do not divide the channels", () => {
    expect(() => nn.conv2d(4, 3, { groups: 2 }).init(key(), [1, 3, 8, 8])).to.throw(
      ArgumentError,
      "conv2d: 2 groups do not divide 3 input channels and 4 channels",
    );
  });
});

describe("sequential and residual", () => {
  onCpu("apply layers in order, functions among them", async () => {
    const model = nn.sequential([(x: Tensor) => x.mul(2), nn.residual((x: Tensor) => x.add(1))]);
    const { y } = model.apply(model.init(key(), [1, 2]), tensor([[1, 5]]));
    close(await numbers(y), [5, 21]);
  });

  onCpu("keep the state of each layer and hand every layer a key of its own", async () => {
    const model = nn.sequential({ a: nn.dropout(0.5), norm: nn.batchNorm(), b: nn.dropout(0.5) });
    const variables = model.init(key(), [64, 8]);
    const x = tensor(new Float32Array(512).fill(1), { shape: [64, 8] });
    const { y, state } = model.apply(variables, x, { train: true, key: key() });
    expect(await state.norm.mean.sum().item()).to.be.greaterThan(0);
    const masks: number[][] = [];
    const tap = ({ path, output }: nn.Application) => {
      if (path !== "norm") masks.push([...output.shape]);
      return undefined;
    };
    model.apply(variables, x, { tap });
    expect(masks).to.deep.equal([
      [64, 8],
      [64, 8],
    ]);
    const again = model.apply(variables, x, { train: true, key: key() }).y;
    expect(await numbers(again)).to.deep.equal(await numbers(y));
  });

  onCpu("let a tap see every layer and put a tensor in an output's place", async () => {
    const model = nn.sequential({ a: nn.sequential((x: Tensor) => x.add(1)), b: (x: Tensor) => x.mul(10) });
    const paths: string[] = [];
    const tap = ({ path, output }: nn.Application) => {
      paths.push(path);
      return path === "a.0" ? output.mul(0) : undefined;
    };
    const { y } = model.apply(model.init(key(), [1]), tensor([7]), { tap });
    expect(paths).to.deep.equal(["a.0", "a", "b"]);
    close(await numbers(y), [0]);
  });

  onCpu("infer the shapes between layers without computing", () => {
    const model = nn.sequential(nn.conv2d(4, 3), nn.relu(), nn.flatten(), nn.dense(2));
    expect(model.init(key(), [1, 6, 6]).params[3].w.shape).to.deep.equal([64, 2]);
    expect(model.init(key(), [32, 1, 6, 6]).params[3].w.shape).to.deep.equal([64, 2]);
  });
});

describe("batch norm", () => {
  const x = () =>
    tensor([
      [1, 10],
      [2, 20],
      [3, 60],
    ]);

  onCpu(
    "uses the batch in training, moves its averages as torch does, and uses these afterwards",
    async () => {
      const norm = nn.batchNorm({ momentum: 0.5 });
      const variables = norm.init(key(), [3, 2]);
      const { y, state } = norm.apply(variables, x(), { train: true });
      close(await numbers(y.mean(0)), [0, 0], 1e-12);
      close(await numbers(y.variance(0)), [1, 1], 1e-4);
      close(await numbers(state.mean), [1, 15]);
      close(await numbers(state.variance), [0.5 + 0.5 * 1, 0.5 + 0.5 * 700]);
      const after = norm.apply({ ...variables, state }, x());
      expect(after.state).to.equal(state);
      close(await numbers(after.y.slice([0], [1])), [0, (10 - 15) / Math.sqrt(350.5 + 1e-5)], 1e-5);
    },
  );

  onCpu("has derivatives through the batch's statistics", async () => {
    const norm = nn.batchNorm();
    const variables = norm.init(key(), [3, 2]);
    const total = (t: Tensor) => norm.apply(variables, t, { train: true }).y.sum();
    close(await numbers(grad(total)(x())), [0, 0, 0, 0, 0, 0], 1e-10);
  });
});

describe("dropout", () => {
  onCpu("keeps the mean, draws by the key, and does nothing after training", async () => {
    const x = tensor(new Float32Array(20_000).fill(1));
    const drop = nn.dropout(0.2);
    const variables = { params: {}, state: {} };
    const { y } = drop.apply(variables, x, { train: true, key: random.key(1) });
    const values = await numbers(y);
    expect(values.filter((v) => v === 0).length / values.length).to.be.closeTo(0.2, 0.02);
    expect(new Set(values)).to.deep.equal(new Set([0, 1.25]));
    expect(drop.apply(variables, x).y).to.equal(x);
    const other = await numbers(drop.apply(variables, x, { train: true, key: random.key(2) }).y);
    expect(other).not.to.deep.equal(values);
  });
});
