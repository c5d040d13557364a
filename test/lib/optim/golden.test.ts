import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { grad, jit, optim, withDevice, cpu, tensor, type Tensor } from "../../../lib";

interface Run {
  readonly optimizer: string;
  readonly options: Record<string, unknown>;
  readonly path: readonly (readonly [number, number])[];
}

/** torch.optim's paths on Rosenbrock's function, from PyTorch in float64. */
const file = join(__dirname, "..", "..", "..", "..", "test", "golden", "optimizers.json");
const golden = JSON.parse(readFileSync(file, "utf8")) as { x0: number[]; runs: Run[] };

const names: Record<string, string> = { lr: "learningRate", weight_decay: "weightDecay" };
const makers = optim as unknown as Record<string, (options: object) => optim.Optimizer>;

function fromTorch({ optimizer, options }: Run): optim.Optimizer {
  return makers[optimizer](Object.fromEntries(Object.entries(options).map(([k, v]) => [names[k] ?? k, v])));
}

function rosenbrock(p: Tensor): Tensor {
  const [x, y] = [p.slice([0], [1]).sum(), p.slice([1], [2]).sum()];
  return x.neg().add(1).square().add(y.sub(x.square()).square().mul(100));
}

async function follow(optimizer: optim.Optimizer, x0: number[], steps: number): Promise<number[][]> {
  const gradient = grad(rosenbrock);
  const step = jit((x: Tensor, state: ReturnType<typeof optimizer.init>) => {
    const done = optimizer.update(gradient(x), state, x);
    return [optim.applyUpdates(x, done.updates), done.state] as const;
  });
  let x = tensor(x0);
  let state = optimizer.init(x);
  const path: number[][] = [];
  for (let i = 0; i < steps; i++) {
    [x, state] = step(x, state);
    path.push(Array.from(await x.data()));
  }
  return path;
}

describe("optimisers follow torch.optim", () => {
  for (const run of golden.runs) {
    it(`${run.optimizer} ${JSON.stringify(run.options)}`, async () => {
      const path = await withDevice(cpu, () => follow(fromTorch(run), golden.x0, run.path.length));
      path.flat().forEach((value, i) => {
        const wanted = run.path.flat()[i];
        expect(Math.abs(value - wanted), `coordinate ${i}`).to.be.below(1e-9 * Math.max(1, Math.abs(wanted)));
      });
    });
  }

  it("adam on the GPU, in float32", async () => {
    const run = golden.runs.find((r) => r.optimizer === "adam")!;
    const path = await follow(fromTorch(run), golden.x0, run.path.length);
    path.flat().forEach((value, i) => expect(value).to.be.closeTo(run.path.flat()[i], 2e-4));
  });
});
