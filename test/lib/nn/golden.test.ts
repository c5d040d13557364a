import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { cpu, hvp, nn, tensor, valueAndGrad, withDevice, type Tensor } from "../../../lib";

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}
type Named = Record<string, Stored>;
interface Golden {
  readonly mlp: Named & { readonly loss: number };
  readonly cnn: {
    readonly X: Stored;
    readonly labels: Stored;
    readonly loss: number;
    readonly params: Named;
    readonly grads: Named;
    readonly v: Named;
    readonly hvp: Named;
  };
}

/** Losses, gradients and Hessian-vector products of two small nets, from PyTorch in float64. */
const file = join(__dirname, "..", "..", "..", "..", "test", "golden", "nets.json");
const golden = JSON.parse(readFileSync(file, "utf8")) as unknown as Golden;

const load = ({ shape, data }: Stored) => tensor(data, { shape });
const labelsOf = ({ data }: Stored) => tensor(data, { dtype: "int32" });

async function check(got: Tensor, { data }: Stored, tolerance: number): Promise<void> {
  const values = await got.data();
  const scale = Math.max(1, ...data.map(Math.abs));
  data.forEach((wanted, i) =>
    expect(Math.abs(values[i] - wanted) / scale, `element ${i}`).to.be.below(tolerance),
  );
}

const network = nn.sequential({
  conv: nn.conv2d(3, 3, { padding: 1, bias: false }),
  norm: nn.batchNorm(),
  relu: nn.relu(),
  pool: nn.maxPool2d(2),
  flatten: nn.flatten(),
  dense: nn.dense(4),
});
type Params = Parameters<typeof network.apply>[0]["params"];

function paramsOf({ K, gamma, beta, D, db }: Named): Params {
  return {
    conv: { w: load(K) },
    norm: { gamma: load(gamma), beta: load(beta) },
    relu: {},
    pool: {},
    flatten: {},
    dense: { w: load(D), b: load(db) },
  };
}

async function checkParams(got: Params, { K, gamma, beta, D, db }: Named, tolerance: number): Promise<void> {
  await check(got.conv.w, K, tolerance);
  await check(got.norm.gamma, gamma, tolerance);
  await check(got.norm.beta, beta, tolerance);
  await check(got.dense.w, D, tolerance);
  await check(got.dense.b, db, tolerance);
}

async function checkCnn(tolerance: number): Promise<void> {
  const { cnn } = golden;
  const [x, labels] = [load(cnn.X), labelsOf(cnn.labels)];
  const shape = [cnn.params.K.shape[0]];
  const zero = tensor(new Float32Array(shape[0]), { shape });
  const state = {
    conv: {},
    norm: { mean: zero, variance: zero },
    relu: {},
    pool: {},
    flatten: {},
    dense: {},
  };
  const loss = (params: Params) =>
    nn.loss.crossEntropy(network.apply({ params, state }, x, { train: true }).y, labels);
  const params = paramsOf(cnn.params);
  const [value, grads] = valueAndGrad(loss)(params);
  expect(await value.item()).to.be.closeTo(cnn.loss, tolerance * cnn.loss);
  await checkParams(grads, cnn.grads, tolerance);
  await checkParams(hvp(loss, params, paramsOf(cnn.v)), cnn.hvp, tolerance);
}

async function checkMlp(tolerance: number): Promise<void> {
  const { mlp } = golden;
  const model = nn.sequential([nn.dense(6), nn.tanh(), nn.dense(3)]);
  const [x, labels] = [load(mlp.X), labelsOf(mlp.labels)];
  const params = [{ w: load(mlp.W1), b: load(mlp.b1) }, {}, { w: load(mlp.W2), b: load(mlp.b2) }] as const;
  const loss = (p: typeof params) =>
    nn.loss.crossEntropy(model.apply({ params: p, state: [{}, {}, {}] }, x).y, labels);
  const flat = (p: typeof params) => [p[0].w, p[0].b, p[2].w, p[2].b];
  const [value, grads] = valueAndGrad(loss)(params);
  expect(await value.item()).to.be.closeTo(mlp.loss, tolerance * mlp.loss);
  let start = 0;
  const slices = flat(params).map((t) => ({ shape: [...t.shape], start, end: (start += t.size) }));
  const cut = (name: string, i: number): Stored => {
    const { shape, start: from, end } = slices[i];
    return { shape, data: mlp[name].data.slice(from, end) };
  };
  const [v1, v2, v3, v4] = slices.map((_, i) => load(cut("v", i)));
  const product = hvp(loss, params, [{ w: v1, b: v2 }, {}, { w: v3, b: v4 }] as const);
  for (const [i, g] of flat(grads).entries()) await check(g, cut("grad", i), tolerance);
  for (const [i, h] of flat(product).entries()) await check(h, cut("hvp", i), tolerance);
}

describe("networks agree with PyTorch in loss, gradient and Hessian-vector product", () => {
  it("a perceptron on the cpu", () => withDevice(cpu, () => checkMlp(1e-8)));
  it("a perceptron on the GPU", () => checkMlp(2e-4));
  it("a convolutional net with batch norm on the cpu", () => withDevice(cpu, () => checkCnn(1e-8)));
  it("a convolutional net with batch norm on the GPU", () => checkCnn(2e-4)).timeout(60_000);
});
