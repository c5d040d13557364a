import { valueAndGrad } from "../transform/grad";
import type { Tensor } from "../tensor/tensor";
import { checkOptions, describe, refuse } from "../util/errors";

export interface ParameterServerOptions {
  readonly workers: number;
  /** How many updates the server makes. */
  readonly steps: number;
  readonly learningRate: number;
  /**
   * `synchronous`: an update is the mean of one gradient of each worker, and waits for the slowest. `asynchronous`: it
   * is the gradient of whichever worker is done, at the parameters that this worker had when it began.
   */
  readonly mode: "synchronous" | "asynchronous";
  /** How long a worker takes for its n-th gradient; 1 unless given. */
  readonly duration?: (worker: number, n: number) => number;
}

export interface ParameterServerRun {
  /** The parameters at the start and after each update. */
  readonly path: readonly Tensor[];
  /** The losses that the gradients were taken with: of each update, the mean. */
  readonly losses: readonly number[];
  /** When each update was made, in the unit of `duration`. */
  readonly times: readonly number[];
  /** Whose gradient each update was; none for all. */
  readonly workers: readonly (number | undefined)[];
  /** How many updates were made between a gradient's parameters and its own update. */
  readonly staleness: readonly number[];
}

/**
 * Gradient descent with a parameter server and its workers, simulated event by event: what staleness does to the path
 * is exactly what it would do, only time is made up (Dean et al. 2012, "Large scale distributed deep networks"; Chen et
 * al. 2016, "Revisiting distributed synchronous SGD").
 *
 * @param f the loss at `x` of the worker's own batch, by the number of the worker and of the gradient
 * @param x0 where to begin
 */
export async function parameterServer(
  f: (x: Tensor, worker: number, n: number) => Tensor,
  x0: Tensor,
  options: ParameterServerOptions,
): Promise<ParameterServerRun> {
  const checked = checkParameterServer(f, options);
  return checked.mode === "synchronous" ? synchronous(f, x0, checked) : asynchronous(f, x0, checked);
}

type Checked = Required<ParameterServerOptions>;
type Loss = (x: Tensor, worker: number, n: number) => Tensor;

const where = "parameterServer";

function checkParameterServer(f: unknown, options: ParameterServerOptions): Checked {
  if (typeof f !== "function") refuse(where, `f must be a function, got ${describe(f)}`);
  checkOptions(where, options, ["workers", "steps", "learningRate", "mode", "duration"]);
  const { workers, steps, learningRate, mode, duration = () => 1 } = options;
  for (const [name, count] of Object.entries({ workers, steps })) {
    if (!Number.isInteger(count) || count < 1) {
      refuse(where, `${name} must be a whole number from 1, got ${describe(count)}`);
    }
  }
  if (!Number.isFinite(learningRate))
    refuse(where, `learningRate must be a number, got ${describe(learningRate)}`);
  if (!["synchronous", "asynchronous"].includes(mode)) {
    refuse(where, `mode must be "synchronous" or "asynchronous", got ${describe(mode)}`);
  }
  return { workers, steps, learningRate, mode, duration };
}

async function synchronous(f: Loss, x0: Tensor, options: Checked): Promise<ParameterServerRun> {
  const { workers, steps, learningRate, duration } = options;
  const path = [x0];
  const losses: number[] = [];
  const times: number[] = [];
  for (let n = 0; n < steps; n++) {
    const x = path[n];
    const each = Array.from({ length: workers }, (_, worker) => lossAndGradient(f, x, worker, n));
    const sum = each.map(({ gradient }) => gradient).reduce((a, b) => a.add(b));
    path.push(x.sub(sum.mul(learningRate / workers)));
    const values = await Promise.all(each.map(({ loss }) => loss.item()));
    losses.push(values.reduce((a, b) => a + b) / workers);
    const slowest = Math.max(...values.map((_, worker) => duration(worker, n)));
    times.push((times.at(-1) ?? 0) + slowest);
  }
  return { path, losses, times, workers: times.map(() => undefined), staleness: times.map(() => 0) };
}

async function asynchronous(f: Loss, x0: Tensor, options: Checked): Promise<ParameterServerRun> {
  const { workers, steps, learningRate, duration } = options;
  const path = [x0];
  const run = {
    losses: [] as number[],
    times: [] as number[],
    workers: [] as number[],
    staleness: [] as number[],
  };
  // Of each worker: when it is done, with which gradient of its own, and after how many updates it began that.
  const busy = Array.from({ length: workers }, (_, worker) => ({
    done: duration(worker, 0),
    n: 0,
    began: 0,
  }));
  for (let update = 0; update < steps; update++) {
    const worker = busy.reduce((first, { done }, other) => (done < busy[first].done ? other : first), 0);
    const { done, n, began } = busy[worker];
    const { loss, gradient } = lossAndGradient(f, path[began], worker, n);
    path.push(path[update].sub(gradient.mul(learningRate)));
    run.losses.push(await loss.item());
    run.times.push(done);
    run.workers.push(worker);
    run.staleness.push(update - began);
    busy[worker] = { done: done + duration(worker, n + 1), n: n + 1, began: update + 1 };
  }
  return { path, ...run };
}

function lossAndGradient(f: Loss, x: Tensor, worker: number, n: number): { loss: Tensor; gradient: Tensor } {
  const [loss, gradient] = valueAndGrad((at: Tensor) => f(at, worker, n))(x);
  return { loss, gradient };
}
