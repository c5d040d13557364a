import fc from "fast-check";
import {
  arange,
  concatenate,
  cpu,
  devices,
  grad,
  stack,
  tensor,
  where,
  withDevice,
  type Device,
  type Tensor,
} from "../../../lib";
import { sizeOf } from "../../../lib/util/shapes";
import { expectClose, numbers } from "../../support/close";
import { shuffled, type Pick } from "../../support/randomGraphs";

type Step = (x: Tensor, pick: Pick) => Tensor;

/** Elements beyond which nothing that grows is applied. */
const large = 400;

const axisOf = (x: Tensor, pick: Pick): number => pick(x.ndim);
/** Each keeps numbers of moderate size, and is smooth but in a few places. */
const steps: Readonly<Record<string, Step>> = {
  transpose: (x, pick) => x.transpose(shuffled(x.ndim, pick)),
  slice: (x, pick) => {
    const starts = x.shape.map((n) => pick(n));
    const ends = x.shape.map((n, d) => starts[d] + 1 + pick(n - starts[d]));
    return x.slice(
      starts,
      ends,
      x.shape.map(() => 1 + pick(2)),
    );
  },
  backwards: (x, pick) => {
    const starts = x.shape.map((n) => pick(n));
    return x.slice(
      starts,
      x.shape.map((n) => -n - 1),
      x.shape.map(() => -1 - pick(2)),
    );
  },
  flip: (x, pick) => x.flip(axisOf(x, pick)),
  pad: (x, pick) =>
    x.pad(
      x.shape.map(() => [pick(3), pick(2)]),
      0.5,
    ),
  flatten: (x) => x.reshape([-1]),
  split: (x, pick) => {
    const factor = [2, 3, 5].filter((f) => x.size % f === 0)[pick(2)] ?? 1;
    return x.reshape([factor, x.size / factor]);
  },
  "new axis": (x, pick) => x.expandDims(pick(x.ndim + 1)),
  sum: (x, pick) => x.sum(axisOf(x, pick), { keepdims: true }).mul(0.3),
  max: (x, pick) => x.max(axisOf(x, pick), { keepdims: pick(2) === 1 }).reshape([-1]),
  logsumexp: (x, pick) => x.logsumexp(axisOf(x, pick), { keepdims: true }),
  softmax: (x, pick) => x.softmax(axisOf(x, pick)).mul(3),
  cumsum: (x, pick) => x.cumsum(axisOf(x, pick)).mul(0.3),
  sort: (x, pick) => x.sort(axisOf(x, pick)),
  concatenate: (x, pick) => {
    const axis = axisOf(x, pick);
    return concatenate([x, x.mul(2), x.flip(axis)], axis);
  },
  stack: (x, pick) => stack([x, x.cos()], pick(x.ndim + 1)),
  repeat: (x, pick) => x.repeat(2, axisOf(x, pick)),
  broadcast: (x) =>
    x.add(
      arange(x.shape[x.ndim - 1])
        .astype("float32")
        .mul(0.37),
    ),
  take: (x, pick) => {
    const axis = axisOf(x, pick);
    const places = [pick(x.shape[axis]), pick(x.shape[axis])];
    return x.take(tensor(places, { dtype: "int32" }), axis);
  },
  tanh: (x) => x.tanh().exp(),
  where: (x) => where(x.greater(0.2), x.sin(), x.square().mul(0.1)),
  gram: (x) => (x.ndim < 2 ? x : x.matmul(x.swapaxes(-1, -2)).mul(0.2)),
};

const names = Object.keys(steps);
const growing = new Set(["pad", "concatenate", "stack", "repeat", "gram", "new axis"]);

const programs = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  choices: fc.array(fc.tuple(fc.constantFrom(...names), fc.nat()), { minLength: 2, maxLength: 7 }),
});

function run(x: Tensor, choices: readonly (readonly [string, number])[]): Tensor {
  return choices.reduce((y, [name, seed]) => {
    if (growing.has(name) && (y.size > large || y.ndim > 5)) return y;
    let state = seed;
    return steps[name](y, (n) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    });
  }, x);
}

describe("any program of views, reductions and functions", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  it("has the value and the gradient on a GPU that it has in float64", () =>
    fc.assert(
      fc.asyncProperty(programs, async ({ shape, choices }) => {
        const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 1.5 * Math.sin(12.9898 * i));
        const on = (device: Device): [Tensor, Tensor] =>
          withDevice(device, () => {
            const x = tensor(values, { shape });
            return [run(x, choices), grad((v: Tensor) => run(v, choices).sin().sum())(x)];
          });
        const [value, gradient] = on(gpu);
        const [exactValue, exactGradient] = on(cpu);
        await expectClose(value, await numbers(exactValue), 2e-3);
        await expectClose(gradient, await numbers(exactGradient), 2e-3);
      }),
      { numRuns: 40, seed: 20261125 },
    ));
});
