import { expect } from "chai";
import fc from "fast-check";
import {
  arange,
  ArgumentError,
  cpu,
  devices,
  grad,
  jit,
  optim,
  tensor,
  withDevice,
  type Tensor,
} from "../../../lib";

const onCpu = (name: string, body: () => Promise<void> | void) => it(name, () => withDevice(cpu, body));
const numbers = async (t: Tensor) => Array.from(await t.data());
const close = (got: readonly number[], wanted: readonly number[], tolerance = 1e-12) => {
  expect(got).to.have.length(wanted.length);
  got.forEach((value, i) => expect(value).to.be.closeTo(wanted[i], tolerance));
};

/** The values of x after each of `steps` on f = x²/2 from 1. */
async function descend(optimizer: optim.Optimizer, steps: number): Promise<number[]> {
  let x = tensor(1);
  let state = optimizer.init(x);
  const path: number[] = [];
  for (let i = 0; i < steps; i++) {
    const done = optimizer.update(x, state, x);
    x = optim.applyUpdates(x, done.updates);
    state = done.state;
    path.push(await x.item());
  }
  return path;
}

describe("optim", () => {
  onCpu("takes the textbook's steps on x²/2", async () => {
    close(await descend(optim.adam({ learningRate: 0.1 }), 3), [0.900000001, 0.80041223, 0.701586275], 1e-9);
    close(await descend(optim.sgd({ learningRate: 0.1, momentum: 0.9 }), 3), [0.9, 0.72, 0.486]);
    const nesterov = optim.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true });
    close(await descend(nesterov, 2), [0.81, 0.5751]);
  });

  onCpu("moves trees of parameters and keeps their structure", async () => {
    const params = { layers: [{ w: tensor([[1, 2]]), b: tensor([3]) }], scale: tensor(4) };
    const optimizer = optim.adamw();
    const { updates, state } = optimizer.update(params, optimizer.init(params), params);
    const next = optim.applyUpdates(params, updates);
    expect(next.layers[0].w.shape).to.deep.equal([1, 2]);
    expect(await state.step.item()).to.equal(1);
    expect(await next.scale.item()).to.be.below(4);
  });

  onCpu("keeps params and grads apart that do not match, naming the place", () => {
    const optimizer = optim.sgd();
    const params = { w: tensor([1, 2]) };
    const state = optimizer.init(params);
    expect(() => optimizer.update({ w: tensor([1, 2, 3]) }, state, params)).to.throw(
      ArgumentError,
      "sgd.update: grads must have shape [2] at w, got [3]",
    );
  });

  for (const [name, make, message] of [
    ["an unknown option", () => optim.adam({ beta: 1 } as never), 'did you mean "betas"'],
    ["a negative rate", () => optim.sgd({ learningRate: -1 }), "learningRate must be a finite number"],
    ["Nesterov without momentum", () => optim.sgd({ nesterov: true }), "nesterov needs momentum"],
    ["betas out of range", () => optim.adam({ betas: [0.9, 1] }), "betas[1] must lie in [0, 1), got 1"],
    ["an empty chain", () => optim.chain(), "needs at least one"],
    ["a norm of zero", () => optim.clipByGlobalNorm(0), "maxNorm must be a finite number above 0"],
    ["a schedule without length", () => optim.cosine(1, {} as never), "steps must be a whole number"],
    ["no batches to accumulate", () => optim.accumulate(optim.sgd(), 0), "every must be a whole number"],
  ] as const) {
    it(`refuses ${name}`, () => {
      expect(make).to.throw(ArgumentError, message);
    });
  }

  onCpu("chains transformations of the gradient with an optimiser", async () => {
    const x = tensor([3, 4]);
    const both = optim.chain(optim.clipByGlobalNorm(1), optim.sgd({ learningRate: 1 }));
    const { updates } = both.update(x, both.init(x), x);
    close(await numbers(updates), [-0.6, -0.8]);
    const short = x.mul(0.1);
    close(await numbers(both.update(short, both.init(x), x).updates), [-0.3, -0.4]);
    const decayed = optim.chain(optim.addWeightDecay(0.5), optim.clipByValue(2), optim.scale(-1));
    close(await numbers(decayed.update(x, decayed.init(x), x).updates), [-2, -2]);
  });

  onCpu("clips the norm over all tensors together, whatever they are", async () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(values, values, async (a, b) => {
        const tree = { a: tensor(a), b: [tensor(b)] };
        const clip = optim.clipByGlobalNorm(2);
        const clipped = clip.update(tree, clip.init(tree), tree).updates;
        expect(await optim.globalNorm(clipped).item()).to.be.at.most(2 + 1e-9);
      }),
      { numRuns: 25 },
    );
  });

  onCpu("accumulates gradients into one step by their mean", async () => {
    const x = tensor(1);
    const optimizer = optim.accumulate(optim.sgd({ learningRate: 1 }), 2);
    let state = optimizer.init(x);
    const moves: number[] = [];
    for (const g of [1, 3, 10, 20]) {
      const done = optimizer.update(tensor(g), state, x);
      state = done.state;
      moves.push(await done.updates.item());
    }
    close(moves, [-0, -2, -0, -15]);
  });

  onCpu("partitions parameters by their path", async () => {
    const params = { stem: { w: tensor([1, 1]), b: tensor([1]) }, head: { w: tensor([1]), b: tensor([1]) } };
    const optimizer = optim.partition(
      {
        slow: optim.sgd({ learningRate: 0.1 }),
        frozen: optim.scale(0),
        fast: optim.sgd({ learningRate: 1 }),
      },
      (path) => (path.startsWith("stem") ? "frozen" : path.endsWith("b") ? "fast" : "slow"),
    );
    const { updates } = optimizer.update(params, optimizer.init(params), params);
    close(await numbers(updates.stem.w), [0, 0]);
    close(await numbers(updates.head.w), [-0.1]);
    close(await numbers(updates.head.b), [-1]);
    const typo = optim.partition({ slow: optim.sgd() }, () => "slov");
    expect(() => typo.init(params)).to.throw(ArgumentError, 'did you mean "slow"');
  });

  onCpu("averages parameters", async () => {
    const [ema, polyak] = [optim.ema({ decay: 0.5 }), optim.polyak()];
    let [e, p] = [ema.init(tensor(0)), polyak.init(tensor(0))];
    let [averageE, averageP] = [tensor(0), tensor(0)];
    for (const value of [1, 2, 6]) {
      ({ average: averageE, state: e } = ema.update(tensor(value), e));
      ({ average: averageP, state: p } = polyak.update(tensor(value), p));
    }
    expect(await averageE.item()).to.be.closeTo((0.25 * 1 + 0.5 * 2 + 6) / 1.75, 1e-12);
    expect(await averageP.item()).to.be.closeTo(3, 1e-12);
  });

  for (const [device, run] of [
    ["cpu", (body: () => Promise<void>) => withDevice(cpu, body)],
    ["GPU", (body: () => Promise<void>) => body()],
  ] as const) {
    it(`scales the loss, leaves out steps that overflow, and grows again, on the ${device}`, () =>
      run(async () => {
        const x = tensor([1, 1]);
        const optimizer = optim.lossScaling(optim.sgd({ learningRate: 1 }), {
          initial: 8,
          growthInterval: 2,
        });
        let state = optimizer.init(x);
        const seen: number[][] = [];
        for (const g of [
          [8, 16],
          [Infinity, 1],
          [NaN, 1],
          [2, 2],
          [2, 2],
        ]) {
          const done = optimizer.update(tensor(g), state, x);
          state = done.state;
          seen.push([...(await numbers(done.updates)), await state.scale.item()]);
        }
        close(seen[0], [-1, -2, 8]);
        close(seen[1].slice(2), [4]);
        close(seen[2].map(Math.abs), [0, 0, 2]);
        close(seen[3], [-1, -1, 2]);
        close(seen[4], [-1, -1, 4]);
      }));
  }

  onCpu("compiles to one program that gives what the steps give one by one", async () => {
    const optimizer = optim.chain(
      optim.clipByGlobalNorm(1),
      optim.adamw({ learningRate: optim.linearWarmup(optim.cosine(0.1, { steps: 10 }), { steps: 3 }) }),
    );
    const loss = (p: { w: Tensor }) => p.w.square().sum();
    const step = (p: { w: Tensor }, state: ReturnType<typeof optimizer.init>) => {
      const done = optimizer.update(grad(loss)(p), state, p);
      return [optim.applyUpdates(p, done.updates), done.state] as const;
    };
    const run = async (f: typeof step) => {
      let [p, state] = [{ w: tensor([3, -4]) }, optimizer.init({ w: tensor([3, -4]) })];
      for (let i = 0; i < 5; i++) [p, state] = f(p, state);
      return numbers(p.w);
    };
    close(await run(jit(step)), await run(step));
  });
});

describe("schedules", () => {
  onCpu("go where they should", async () => {
    const curve = async (schedule: optim.Schedule, count: number) => numbers(schedule(arange(count)));
    close(await curve(optim.stepDecay(1, { every: 2 }), 5), [1, 1, 0.1, 0.1, 0.01]);
    close(await curve(optim.piecewiseConstant([1, 3], [3, 2, 1]), 5), [3, 2, 2, 1, 1]);
    close(await curve(optim.exponentialDecay(2, { decay: 0.25, every: 2 }), 3), [2, 1, 0.5]);
    close(await curve(optim.cosine(2, { steps: 4, final: 0 }), 6), [
      2,
      1 + Math.SQRT1_2,
      1,
      1 - Math.SQRT1_2,
      0,
      0,
    ]);
    close(await curve(optim.linearDecay(1, { steps: 4, final: 0.2 }), 6), [1, 0.8, 0.6, 0.4, 0.2, 0.2]);
    close(await curve(optim.linearWarmup(4, { steps: 4 }), 6), [1, 2, 3, 4, 4, 4]);
    close(await curve(optim.constant(0.3), 2), [0.3, 0.3]);
  });

  it("keep the digits of small rates beside large ones, in float32 too, and the steps where a rate ends", async () => {
    const steps = 300;
    const share = (t: number): number => Math.min(t, steps) / steps;
    const wanted: readonly (readonly [optim.Schedule, (t: number) => number])[] = [
      [optim.piecewiseConstant([2, 50], [1, 1e-9, 3e4]), (t) => (t < 2 ? 1 : t < 50 ? 1e-9 : 3e4)],
      [optim.linearDecay(1, { steps, final: 1e-7 }), (t) => (1 - share(t)) * 1 + share(t) * 1e-7],
      [optim.linearDecay(1e-9, { steps, final: 1 }), (t) => (1 - share(t)) * 1e-9 + share(t)],
      [
        optim.cosine(1, { steps, final: 1e-9 }),
        (t) => Math.sin((Math.PI / 2) * (1 - share(t))) ** 2 + 1e-9 * Math.sin((Math.PI / 2) * share(t)) ** 2,
      ],
      [optim.stepDecay(0.7, { every: 3, factor: 0.9 }), (t) => 0.7 * 0.9 ** Math.floor(t / 3)],
      [optim.exponentialDecay(2, { decay: 0.83, every: 1 }), (t) => 2 * 0.83 ** t],
      [optim.linearWarmup(optim.linearDecay(1, { steps, final: 1e-7 }), { steps: 7 }), (t) =>
        Math.min(1, (t + 1) / 7) * ((1 - share(Math.max(0, t - 7))) + share(Math.max(0, t - 7)) * 1e-7)],
      [optim.constant(1e-9), () => 1e-9],
    ]; // prettier-ignore
    for (const device of await devices()) {
      for (const [k, [schedule, rate]] of wanted.entries()) {
        const curve = await withDevice(device, () => schedule(arange(310))).data();
        // Decays multiply as many roundings as they have steps.
        const tolerance = device.floatType === "float64" ? 1e-13 : 1e-5;
        curve.forEach((found, t) => {
          if (rate(t) < 1e-37) return;
          expect(found / rate(t), `schedule ${k} at step ${t} on ${device.name}`).to.be.closeTo(1, tolerance);
        });
      }
    }
  });

  onCpu("drive an optimiser from step 0", async () => {
    const optimizer = optim.sgd({ learningRate: optim.stepDecay(1, { every: 2 }) });
    const x = tensor(1);
    let state = optimizer.init(x);
    const moves: number[] = [];
    for (let i = 0; i < 4; i++) {
      const done = optimizer.update(x, state, x);
      state = done.state;
      moves.push(await done.updates.item());
    }
    close(moves, [-1, -1, -0.1, -0.1]);
  });
});
