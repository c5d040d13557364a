import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as sd from "../../lib";
import type { Device, Tensor } from "../../lib";

interface Values {
  readonly shape: readonly number[];
  readonly data: NestedNumbers;
}
type NestedNumbers = number | readonly NestedNumbers[];

interface Case {
  readonly op: string;
  readonly args: Readonly<Record<string, never>>;
  readonly inputs: readonly Values[];
  readonly out: Values;
  readonly cotangent: Values;
  readonly grads: readonly Values[];
  readonly tangents?: readonly Values[];
  /** The derivative of the pullback along the tangents. */
  readonly second?: readonly Values[];
}

/** Values and first and second derivatives of ops by JAX in float64, printed with ten digits. */
const cases = JSON.parse(
  readFileSync(join(__dirname, "../../../test/golden/ops.json"), "utf8"),
) as readonly Case[];

type Apply = (args: Case["args"], ...inputs: Tensor[]) => Tensor;

const elementwise = (name: keyof typeof sd & keyof Tensor): Apply => {
  const f = sd[name] as unknown as (...x: Tensor[]) => Tensor;
  return (_args, ...inputs) => f(...inputs);
};
const reduction =
  (f: (x: Tensor, axis: number, options?: { keepdims?: boolean }) => Tensor): Apply =>
  ({ axis, ...options }, x) =>
    f(x, axis ?? undefined, options);
const alongAxis =
  (f: (x: Tensor, axis: number) => Tensor): Apply =>
  ({ axis }, x) =>
    f(x, axis);

/** The calls of the ops that take more than their inputs. */
const calls: Readonly<Record<string, Apply>> = {
  leakyRelu: ({ negativeSlope }, x) => sd.leakyRelu(x, negativeSlope),
  clip: ({ min, max }, x) => sd.clip(x, min, max),
  sum: reduction(sd.sum),
  mean: reduction(sd.mean),
  logsumexp: reduction(sd.logsumexp),
  max: reduction(sd.max),
  min: reduction(sd.min),
  variance: reduction(sd.variance),
  norm: reduction(sd.norm),
  prod: reduction(sd.prod),
  cumsum: alongAxis(sd.cumsum),
  sort: alongAxis(sd.sort),
  softmax: alongAxis(sd.softmax),
  logSoftmax: alongAxis(sd.logSoftmax),
  flip: alongAxis(sd.flip),
  einsum: ({ subscripts }, ...inputs) => sd.einsum(subscripts, ...inputs),
  transpose: ({ axes }, x) => sd.transpose(x, axes),
  reshape: ({ shape }, x) => sd.reshape(x, shape),
  broadcastTo: ({ shape }, x) => sd.broadcastTo(x, shape),
  pad: ({ padding }, x) => sd.pad(x, padding),
  concatenate: ({ axis }, ...inputs) => sd.concatenate(inputs, axis),
  stack: ({ axis }, ...inputs) => sd.stack(inputs, axis),
  take: ({ indices, axis }, x) => sd.take(x, indices, axis),
  conv2d: ({ stride, padding, dilation, groups }, x, w) =>
    sd.conv2d(x, w, { stride, padding, dilation, groups }),
  maxPool2d: ({ kernel, stride, padding = 0 }, x) => sd.maxPool2d(x, { kernel, stride, padding }),
  avgPool2d: ({ kernel, stride }, x) => sd.avgPool2d(x, { kernel, stride }),
  crossEntropy: ({ labels, reduction: how }, x) =>
    sd.nn.functional.crossEntropy(x, labels, { reduction: how }),
  layerNorm: ({ eps }, x, gamma, beta) => sd.nn.functional.layerNorm(x, gamma, beta, { eps }),
  batchNorm: ({ eps }, x, gamma, beta) => sd.nn.functional.batchNorm(x, gamma, beta, { eps }),
  inv: (_, x) => sd.linalg.inv(x),
  det: (_, x) => sd.linalg.det(x),
  solve: (_, a, b) => sd.linalg.solve(a, b),
  cholesky: (_, x) => sd.linalg.cholesky(x),
  eigvalsh: (_, x) => sd.linalg.eigvalsh(x),
  svdvals: (_, x) => sd.linalg.svdvals(x),
};

const flat = (data: NestedNumbers): number[] => (typeof data === "number" ? [data] : data.flatMap(flat));
const tensorOf = ({ shape, data }: Values): Tensor => sd.tensor(Float64Array.from(flat(data)), { shape });

/** The greatest difference, relative to the largest value above 1. */
async function distance(found: Tensor, wanted: Values): Promise<number> {
  expect(found.shape).to.deep.equal(wanted.shape);
  const [a, b] = [await found.data(), flat(wanted.data)];
  const scale = Math.max(1, ...b.map(Math.abs));
  return Math.max(...b.map((value, i) => Math.abs(value - a[i]))) / scale;
}

async function check(golden: Case, tolerance: number): Promise<void> {
  const call = calls[golden.op] ?? elementwise(golden.op as never);
  const f = (...inputs: Tensor[]): Tensor => call(golden.args, ...inputs);
  const inputs = golden.inputs.map(tensorOf);
  const cotangent = tensorOf(golden.cotangent);
  const [y, back] = sd.vjp(f, ...inputs);
  expect(await distance(y, golden.out), "value").to.be.at.most(tolerance);
  for (const [i, found] of back(cotangent).entries()) {
    expect(await distance(found, golden.grads[i]), `gradient ${i}`).to.be.at.most(tolerance);
  }
  if (!golden.second || !golden.tangents) return;
  const pulled = (...x: Tensor[]): Tensor[] => sd.vjp(f, ...x)[1](cotangent);
  const [, second] = sd.jvp(pulled, inputs, golden.tangents.map(tensorOf));
  for (const [i, found] of second.entries()) {
    expect(await distance(found, golden.second[i]), `second derivative ${i}`).to.be.at.most(tolerance);
  }
}

describe("values, gradients and second derivatives are JAX's", () => {
  let gpu: Device;
  before(async () => ([gpu] = await sd.devices()));

  cases.forEach((golden, i) => {
    const name = `${golden.op} ${JSON.stringify(golden.args)} (case ${i})`;
    const isElementwise = !(golden.op in calls);
    it(name, async () => {
      await sd.withDevice(sd.cpu, () => check(golden, 1e-8));
      await sd.withDevice(gpu, () => check(golden, isElementwise ? 1e-5 : 1e-4));
    });
  });
});
