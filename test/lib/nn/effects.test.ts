import { expect } from "chai";
import { data, grad, jit, nn, optim, random, tensor, where, type Tensor } from "../../../lib";
import { onCpu } from "./support";

/** Distance from the minimum of ½ Σ λᵢxᵢ² after `steps` steps from ones, with noise of that deviation in the gradient. */
async function descend(
  optimizer: optim.Optimizer,
  eigenvalues: readonly number[],
  steps: number,
  { noise = 0, average = undefined as optim.Average | undefined } = {},
): Promise<number> {
  const lambda = tensor(eigenvalues);
  type At = readonly [
    Tensor,
    ReturnType<typeof optimizer.init>,
    optim.AverageState | Record<string, never>,
    Tensor,
  ];
  const step = jit((x: At[0], state: At[1], seen: At[2], key: Tensor): At => {
    const [now, next] = random.split(key);
    const g = x.mul(lambda).add(random.normal(now, x.shape).mul(noise));
    const done = optimizer.update(g, state, x);
    const moved = optim.applyUpdates(x, done.updates);
    return [
      moved,
      done.state,
      average ? average.update(moved, seen as optim.AverageState).state : seen,
      next,
    ];
  }) as (...at: At) => At;
  const x0 = tensor(eigenvalues.map(() => 1));
  let at: At = [x0, optimizer.init(x0), average?.init(x0) ?? {}, random.key(1)];
  for (let i = 0; i < steps; i++) at = step(...at);
  const end = average ? ((at[2] as optim.AverageState).value as Tensor) : at[0];
  return end.norm().item();
}

/** Rows of the small digits, as a dataset. */
function digits(from: number, to: number) {
  const { images, labels } = data.digits();
  return { images: images.slice([from], [to]), labels: labels.slice([from], [to]) };
}

/** Losses of a trained model, as it is after training, on what it was trained on and on other digits. */
async function train(
  model: nn.Module,
  optimizer: optim.Optimizer,
  seen: ReturnType<typeof digits>,
  options: { epochs: number; batchSize?: number; seed?: number },
): Promise<{ loss: number; validation: number; accuracy: number }> {
  const { epochs, batchSize = 64, seed = 0 } = options;
  const other = digits(1000, 1256);
  const loader = data.loader(seen, { batchSize, shuffle: random.key(seed) });
  const { params, state } = await nn.fit(model, optimizer, loader, {
    epochs,
    key: random.key(seed),
    progress: false,
  });
  const loss = nn.objective(model, state);
  return {
    loss: await loss(params, seen).item(),
    validation: await loss(params, other).item(),
    accuracy: await nn.metrics.accuracy(model.apply({ params, state }, other.images).y, other.labels).item(),
  };
}

describe("textbook effects", () => {
  const canyon = [1, 100];

  onCpu(
    "gradient descent goes through a canyon at the rate (κ − 1) / (κ + 1): 691 steps to 1e-6 for κ = 100",
    async () => {
      const best = optim.sgd({ learningRate: 2 / 101 });
      expect((await descend(best, canyon, 691)) / Math.SQRT2).to.be.lessThan(1e-6);
      expect((await descend(best, canyon, 690)) / Math.SQRT2).to.be.greaterThan(1e-6);
    },
  );

  onCpu("momentum goes through it at the rate (√κ − 1) / (√κ + 1)", async () => {
    const heavyBall = optim.sgd({ learningRate: 4 / 121, momentum: 81 / 121 });
    const plain = await descend(optim.sgd({ learningRate: 2 / 101 }), canyon, 100);
    const [at100, at150] = [await descend(heavyBall, canyon, 100), await descend(heavyBall, canyon, 150)];
    expect(at100).to.be.lessThan(1e-4 * plain);
    expect((at150 / at100) ** (1 / 50)).to.be.closeTo(9 / 11, 0.02);
  });

  onCpu("Adam does not mind coordinates of different scales, gradient descent does", async () => {
    const scales = [1e-3, 1e3];
    const adam = await descend(optim.adam({ learningRate: 0.05 }), scales, 300);
    const plain = await descend(optim.sgd({ learningRate: 1e-3 }), scales, 300);
    expect(adam).to.be.lessThan(0.1 * plain);
  });

  onCpu(
    "a rate that decays goes nearer to the minimum in noise than one that stays; so does an average",
    async () => {
      const noisy = { noise: 1 };
      const stays = await descend(optim.sgd({ learningRate: 0.2 }), [1, 1, 1, 1], 400, noisy);
      const decays = optim.sgd({ learningRate: optim.linearDecay(0.2, { steps: 400 }) });
      expect(await descend(decays, [1, 1, 1, 1], 400, noisy)).to.be.lessThan(0.5 * stays);
      const averaged = { ...noisy, average: optim.polyak() };
      expect(await descend(optim.sgd({ learningRate: 0.2 }), [1, 1, 1, 1], 400, averaged)).to.be.lessThan(
        0.5 * stays,
      );
    },
  );

  onCpu("clipping the gradient keeps a step at a cliff from throwing the parameters away", async () => {
    const cliff = (x: Tensor) => x.mul(8).exp().sum();
    const jump = async (optimizer: optim.Optimizer) => {
      const x = tensor([2]);
      const done = optimizer.update(grad(cliff)(x), optimizer.init(x), x);
      return Math.abs(await done.updates.sum().item());
    };
    const sgd = optim.sgd({ learningRate: 0.1 });
    expect(await jump(sgd)).to.be.greaterThan(1e6);
    expect(await jump(optim.chain(optim.clipByGlobalNorm(1), sgd))).to.be.closeTo(0.1, 1e-9);
  });

  onCpu("batch norm trains a deep network whose first weights are far too small", async () => {
    const small: nn.Initializer = (key, shape) => nn.init.heNormal(key, shape, { gain: 0.2 });
    const block = (normalized: boolean) => [
      nn.dense(32, { init: small }),
      ...(normalized ? [nn.batchNorm()] : []),
      nn.relu(),
    ];
    const net = (normalized: boolean) => {
      const body: nn.Layer[] = Array.from({ length: 5 }, () => block(normalized)).flat();
      return nn.sequential([nn.flatten(), ...body, nn.dense(10)]);
    };
    const run = (normalized: boolean) =>
      train(net(normalized), optim.sgd({ learningRate: 0.1 }), digits(0, 128), { epochs: 15, batchSize: 32 });
    const [plain, normalized] = [await run(false), await run(true)];
    expect(plain.loss).to.be.greaterThan(2.2); // about log 10: it has learnt nothing
    expect(normalized.loss).to.be.lessThan(1);
    expect(normalized.accuracy).to.be.greaterThan(0.5);
  }).timeout(30_000);

  onCpu("dropout keeps a network from learning wrong labels by heart", async () => {
    /** What the validation loss exceeds the training loss by, a quarter of the labels being drawn by lot. */
    const gap = async (rate: number, seed: number) => {
      const net = nn.sequential(nn.flatten(), nn.dense(64), nn.relu(), nn.dropout(rate), nn.dense(10));
      const key = random.key(50 + seed);
      const lots = random.randint(random.foldIn(key, 1), [64], { maxval: 10 });
      const { images, labels } = digits(0, 64);
      const seen = { images, labels: where(random.bernoulli(key, [64], { p: 0.25 }), lots, labels) };
      const { loss, validation } = await train(net, optim.adam({ learningRate: 0.01 }), seen, {
        epochs: 80,
        seed,
      });
      return validation - loss;
    };
    const gaps = async (rate: number) => (await gap(rate, 1)) + (await gap(rate, 2));
    expect(await gaps(0.5)).to.be.lessThan(0.8 * (await gaps(0)));
  }).timeout(30_000);

  onCpu("weight decay makes weights smaller", async () => {
    const size = async (optimizer: optim.Optimizer) => {
      const net = nn.sequential(nn.flatten(), nn.dense(10));
      const loader = data.loader(digits(0, 64), { batchSize: 64 });
      const { params } = await nn.fit(net, optimizer, loader, { epochs: 30, progress: false });
      return optim.globalNorm(params).item();
    };
    const plain = await size(optim.adam({ learningRate: 0.01 }));
    expect(await size(optim.adamw({ learningRate: 0.01, weightDecay: 1 }))).to.be.lessThan(0.9 * plain);
  });
});
