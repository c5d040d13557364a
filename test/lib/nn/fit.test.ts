import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ArgumentError, data, nn, optim, random, tensor, type Tensor } from "../../../lib";
import { numbers, onCpu } from "./support";

/** Two classes of points in the plane, apart by a circle. */
function rings(count: number, seed: number) {
  const features = random.uniform(random.key(seed), [count, 2], { minval: -1, maxval: 1 });
  const labels = features.square().sum(1).greater(0.5).astype("int32");
  return { features, labels };
}

const model = () =>
  nn.sequential({
    hidden: nn.dense(16),
    tanh: nn.tanh(),
    drop: nn.dropout(0.1),
    norm: nn.batchNorm(),
    out: nn.dense(2),
  });
const loader = (seed = 1) => data.loader(rings(96, 0), { batchSize: 32, shuffle: random.key(seed) });
const validation = () => data.loader(rings(64, 9), { batchSize: 64 });
const quiet = { progress: false } as const;
const folder = () => mkdtempSync(join(tmpdir(), "saddle-fit-"));

async function failure(work: PromiseLike<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  return new Error("it did not fail");
}

describe("nn.fit", () => {
  onCpu("learns, and records every step and epoch", async () => {
    const fitted = await nn.fit(model(), optim.adam({ learningRate: 0.02 }), loader(), {
      ...quiet,
      epochs: 20,
      validation: validation(),
    });
    const { losses, gradNorms, epochs } = fitted.history;
    expect([losses.length, gradNorms.length, epochs.length]).to.deep.equal([60, 60, 20]);
    const last = epochs[19];
    expect(last.validation!.metrics["accuracy"]).to.be.greaterThan(0.85);
    expect(last.loss).to.be.lessThan(0.7 * epochs[0].loss);
    expect(fitted.ending).to.equal("done");
    expect(fitted.best.loss).to.equal(Math.min(...epochs.map((e) => e.validation!.loss)));
    expect(String(fitted)).to.match(
      /^20 epochs, 60 steps \(done\)\nlast epoch: loss .* accuracy .*validation/,
    );
    expect(fitted.figure().data.map((trace) => trace["name"])).to.deep.equal(["step", "epoch", "validation"]);
  });

  onCpu("goes on from a checkpoint with the losses it would have had without stopping", async () => {
    const path = join(folder(), "training.safetensors");
    const options = { ...quiet, validation: validation() };
    const optimizer = () => optim.adamw({ learningRate: optim.cosine(0.02, { steps: 12 }) });
    const whole = await nn.fit(model(), optimizer(), loader(), { ...options, epochs: 4 });

    const stopAt = (step: number): nn.Callback => ({ onStep: (at) => at.step === step && training.stop() });
    let training = nn.fit(model(), optimizer(), loader(), {
      ...options,
      epochs: 4,
      checkpoint: path,
      callbacks: [stopAt(5)],
    });
    expect((await training).ending).to.equal("interrupted");
    training = nn.fit(model(), optimizer(), loader(), {
      ...options,
      epochs: 4,
      checkpoint: path,
      callbacks: [stopAt(6)],
    });
    await training;
    const resumed = await nn.fit(model(), optimizer(), loader(), { ...options, epochs: 4, checkpoint: path });
    expect(resumed.history.losses).to.deep.equal(whole.history.losses);
    const means = (f: nn.Fitted) =>
      f.history.epochs.map(({ loss, metrics, validation: v }) => [loss, metrics, v]);
    expect(means(resumed)).to.deep.equal(means(whole));
    expect(await numbers(resumed.best.variables.params.out.w)).to.deep.equal(
      await numbers(whole.best.variables.params.out.w),
    );

    const again = await nn.fit(model(), optimizer(), loader(), { ...options, epochs: 4, checkpoint: path });
    expect(again.history.losses).to.deep.equal(whole.history.losses);
    const other = nn.fit(nn.sequential({ out: nn.dense(2) }), optimizer(), loader(), {
      ...quiet,
      epochs: 1,
      checkpoint: path,
    });
    expect((await failure(other)).message).to.include("has the structure");
  });

  onCpu("stops early when the validation loss no longer falls, and holds the best", async () => {
    const fitted = await nn.fit(model(), optim.sgd({ learningRate: 0 }), loader(), {
      ...quiet,
      epochs: 9,
      validation: validation(),
      patience: 2,
      variables: model().init(random.key(4), [1, 2]),
    });
    const { epochs } = fitted.history;
    expect(fitted.ending).to.equal("early");
    expect(epochs.length).to.equal(fitted.best.epoch + 2);
  });

  onCpu("keeps the best so far when it is interrupted, and can be asked on the way", async () => {
    const listeners = process.listenerCount("SIGINT");
    const seen: number[] = [];
    const training = nn.fit(model(), optim.sgd(), loader(), {
      ...quiet,
      epochs: 50,
      callbacks: [
        {
          onStep: ({ step }) => {
            seen.push(training.history.losses.length);
            if (step === 4) process.emit("SIGINT");
          },
        },
      ],
    });
    const fitted = await training;
    expect(fitted.ending).to.equal("interrupted");
    expect(seen).to.deep.equal([1, 2, 3, 4]);
    expect(fitted.best.epoch).to.equal(1);
    expect(nn.lastTraining()!.best!.loss).to.equal(fitted.best.loss);
    expect(process.listenerCount("SIGINT")).to.equal(listeners);
  });

  onCpu("asks callbacks, which may be async, and stops when one says so", async () => {
    const epochs: number[] = [];
    const fitted = await nn.fit(model(), optim.sgd(), loader(), {
      ...quiet,
      epochs: 5,
      callbacks: [
        {
          onEpoch: async ({ epoch, variables, history }) => {
            expect(history.epochs).to.have.length(epoch);
            expect(await variables.params.out.w.sum().item()).to.be.a("number");
            epochs.push(epoch);
            return epoch === 2 ? "stop" : undefined;
          },
        },
      ],
    });
    expect([epochs, fitted.ending]).to.deep.equal([[1, 2], "stopped"]);
  });

  onCpu("names the step and the layer where numbers stop being finite", async () => {
    const explode = nn.sequential({
      first: nn.dense(4),
      cube: (x: Tensor) => x.square().square().exp(),
      out: nn.dense(2),
    });
    const error = await failure(
      nn.fit(explode, optim.sgd({ learningRate: 1e3 }), loader(), { ...quiet, epochs: 3 }),
    );
    if (!(error instanceof nn.DivergenceError)) throw error;
    const { step, layer, message } = error;
    expect(step).to.be.greaterThan(1);
    expect(layer).to.equal("cube");
    expect(message).to.match(
      /not finite at step \d+ \(epoch 1\): the output of layer cube \(cube\) is the first/,
    );

    const root = nn.sequential({
      zero: nn.dense(2, { init: nn.init.zeros }),
      root: (x: Tensor) => x.mul(0).sqrt(),
    });
    const backward = await failure(nn.fit(root, optim.sgd(), loader(), { ...quiet, epochs: 1 }));
    expect(backward.message).to.include(
      "at step 1 (epoch 1): the gradient of zero.b is the first on the way back",
    );

    const features = tensor([
      [NaN, 1],
      [1, 2],
    ]);
    const broken = data.loader({ features, labels: tensor([0, 1], { dtype: "int32" }) }, { batchSize: 2 });
    const given = await failure(nn.fit(model(), optim.sgd(), broken, { ...quiet, epochs: 1 }));
    expect(given.message).to.include("the inputs of the batch");
  });

  onCpu("takes other targets with their loss, and batches of pairs", async () => {
    const x = random.normal(random.key(0), [64, 3]);
    const y = x.matmul([[1], [-2], [0.5]]);
    const pairs = data.loader([x, y], { batchSize: 16 });
    const options = { ...quiet, epochs: 30, loss: (p: Tensor, t: Tensor) => nn.loss.mse(p, t) };
    const { params, history } = await nn.fit(nn.dense(1), optim.sgd({ learningRate: 0.1 }), pairs, options);
    expect(history.epochs.at(-1)!.loss).to.be.lessThan(1e-6);
    (await numbers(params.w)).forEach((w, i) => expect(w).to.be.closeTo([1, -2, 0.5][i], 1e-3));
    const error = await failure(nn.fit(nn.dense(1), optim.sgd(), pairs, { ...quiet, epochs: 1 }));
    expect(error.message).to.include("targets of dtype float64 need a loss");
  });

  for (const [name, run, message] of [
    [
      "no epochs",
      () => nn.fit(model(), optim.sgd(), loader(), { epochs: 0 }),
      "epochs must be a whole number of at least 1",
    ],
    [
      "patience without validation",
      () => nn.fit(model(), optim.sgd(), loader(), { epochs: 1, patience: 1 }),
      "patience needs validation",
    ],
    [
      "an unknown option",
      () => nn.fit(model(), optim.sgd(), loader(), { epochs: 1, metric: 1 } as never),
      'did you mean "metrics"',
    ],
    [
      "a model that is none",
      () => nn.fit(nn.relu as never, optim.sgd(), loader(), { epochs: 1 }),
      "model must be a module",
    ],
    [
      "an optimiser that is not made",
      () => nn.fit(model(), optim.sgd as never, loader(), { epochs: 1 }),
      "such as optim.adam()",
    ],
    [
      "data that are no batches",
      () => nn.fit(model(), optim.sgd(), [] as never, { epochs: 1 }),
      "see data.loader",
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      expect(run).to.throw(ArgumentError, message);
    });
  }

  onCpu("refuses batches without inputs and targets", async () => {
    const error = await failure(
      nn.fit(model(), optim.sgd(), data.loader({ pictures: tensor([1]) }, { batchSize: 1 }), {
        ...quiet,
        epochs: 1,
      }),
    );
    expect(error.message).to.include("a batch must be [inputs, targets]");
  });
});

describe("nn.objective", () => {
  onCpu("is the mean loss as a function of the parameters, in one and in two parts", async () => {
    const net = model();
    const { params, state } = net.init(random.key(1), [1, 2]);
    const f = nn.objective(net, state);
    const batch = rings(8, 3);
    const whole = await f(params, batch).item();
    expect(await f.loss(f.outputs(params, batch), batch).item()).to.equal(whole);
    const { y } = net.apply({ params, state }, batch.features);
    expect(whole).to.be.closeTo(await nn.loss.crossEntropy(y, batch.labels).item(), 1e-12);
  });
});

describe("nn.save and nn.load", () => {
  onCpu("leave no file behind that is not whole", async () => {
    const place = folder();
    const error = await failure(nn.save(join(place, "nowhere", "a.safetensors"), { a: tensor([1]) }));
    expect(error.message).to.include("ENOENT");
    expect(existsSync(join(place, "nowhere"))).to.equal(false);
  });
});
