import { fork } from "node:child_process";
import { once } from "node:events";
import { blockUntilReady, devices, memory, random, valueAndGrad, withDevice, type Tensor } from "../../lib";

export interface Footprint {
  /** Bytes that one step holds at its most, from an empty start. */
  readonly oneStep: number;
  /** Live bytes after each of the reads in the loop's second half. */
  readonly live: readonly number[];
  /** The most that was live at once. */
  readonly peak: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
}

/**
 * `trainPlainly` on the GPU device in a process of its own, as a user's is: in the heap of a whole test run a collection takes
 * so long that few are made.
 */
export async function trainPlainlyAlone(steps: number): Promise<Footprint> {
  const child = fork(__filename, [String(steps)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [footprint] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`the training ended with status ${code}`))),
  ])) as [Footprint];
  return footprint;
}

/** Trains a small MLP in a plain loop, without jit, dispose or scopes, which reads the loss at every tenth step. */
async function trainPlainly(steps: number): Promise<Footprint> {
  const draw = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape);
  const x = draw(1, [2048, 64]);
  const y = x.slice([0, 0], [2048, 1]).tanh();
  let params = {
    hidden: draw(2, [64, 64]).mul(0.1),
    bias: draw(3, [64]).mul(0),
    out: draw(4, [64, 1]).mul(0.1),
  };
  await blockUntilReady([x, y, params]);
  const lossOf = (p: typeof params): Tensor =>
    x.matmul(p.hidden).add(p.bias).tanh().matmul(p.out).sub(y).square().mean();
  const descend = (): Tensor => {
    const [loss, slope] = valueAndGrad(lossOf)(params);
    const move = (p: Tensor, g: Tensor): Tensor => p.sub(g.mul(0.05));
    params = {
      hidden: move(params.hidden, slope.hidden),
      bias: move(params.bias, slope.bias),
      out: move(params.out, slope.out),
    };
    return loss;
  };
  const before = await memory();
  const firstLoss = await descend().item();
  const oneStep = (await memory()).peak - before.live;
  const live: number[] = [];
  let lastLoss = firstLoss;
  for (let step = 1; step < steps; step++) {
    const loss = descend();
    if (step % 10 !== 0) continue;
    lastLoss = await loss.item();
    if (step > steps / 2) live.push((await memory()).live - before.live);
  }
  return { oneStep, live, peak: (await memory()).peak - before.live, firstLoss, lastLoss };
}

async function main(): Promise<void> {
  const [gpu] = await devices();
  const footprint = await withDevice(gpu, () => trainPlainly(Number(process.argv[2])));
  process.send!(footprint, () => process.exit());
}

if (require.main === module) void main();
