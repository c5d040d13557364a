import { expect } from "chai";
import {
  devices,
  matmul,
  ones,
  optim,
  random,
  valueAndGrad,
  withDevice,
  zeros,
  type Device,
  type Tensor,
} from "../../../lib";
import { canonicalize } from "../../../lib/graph/canonical";
import { software } from "../../support/targets";
import type { Node } from "../../../lib/graph/node";

const steps = 8;
/** After which a loop does the same in each step. */
const settled = 5;

/** What the device is asked to compute while `work` runs: the keys of the graphs. */
async function graphsOf(device: Device, work: () => Promise<unknown>): Promise<string[]> {
  const keys: string[] = [];
  const realize = device.realize.bind(device);
  device.realize = (nodes: readonly Node[]) => {
    const pending = nodes.filter((node) => !node.storage);
    if (pending.length > 0) keys.push(canonicalize(pending, software.traits).key);
    realize(nodes);
  };
  try {
    await work();
  } finally {
    Reflect.deleteProperty(device, "realize");
  }
  return keys;
}

const optimizers = {
  "sgd with momentum": () => optim.sgd({ learningRate: 0.01, momentum: 0.9 }),
  "sgd with a schedule": () => optim.sgd({ learningRate: optim.cosine(0.1, { steps: 100 }) }),
  adagrad: () => optim.adagrad({ learningRate: 0.01 }),
  rmsprop: () => optim.rmsprop({ learningRate: 0.01 }),
  adam: () => optim.adam({ learningRate: 0.01 }),
};

const loops: Readonly<Record<string, () => () => Promise<unknown>>> = {
  ...Object.fromEntries(
    Object.entries(optimizers).map(([name, create]) => [`training by ${name}`, () => training(create())]),
  ),
  "a value that moves by another": () => {
    let x = ones([4]);
    const by = ones([4]).mul(0.1);
    return () => {
      x = x.mul(1.01).add(by);
      return x.sum().item();
    };
  },
  "windows into what was prepared and not read": () => {
    const data = random.normal(random.key(5), [64, 12]).div(255);
    let row = 0;
    return () =>
      data
        .slice([(row += 5), 0], [row + 3, 12])
        .sum()
        .item();
  },
};

function training(optimizer: ReturnType<typeof optim.sgd>): () => Promise<unknown> {
  const draw = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape);
  const [x, y] = [draw(1, [32, 8]), draw(2, [32, 4])];
  let params = { hidden: draw(3, [8, 16]), bias: zeros([16]), out: draw(4, [16, 4]) };
  let state = optimizer.init(params);
  const lossOf = (p: typeof params): Tensor =>
    matmul(matmul(x, p.hidden).add(p.bias).tanh(), p.out).sub(y).square().mean();
  return () => {
    const [loss, gradient] = valueAndGrad(lossOf)(params);
    const update = optimizer.update(gradient, state, params);
    state = update.state;
    params = optim.applyUpdates(params, update.updates);
    return loss.item();
  };
}

describe("a plain loop that reads a number in each step", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  for (const [name, begin] of Object.entries(loops)) {
    it(`runs the same programs in each step, though it never reads its state: ${name}`, () =>
      withDevice(gpu, async () => {
        const step = begin();
        const perStep: string[] = [];
        for (let i = 0; i < steps; i++) {
          perStep.push((await graphsOf(gpu, step)).join("\n"));
        }
        expect(new Set(perStep.slice(settled)).size).to.equal(1);
      }));
  }
});
