import { expect } from "chai";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cpu, devices, tensor, withDevice, type Device } from "../../../lib";
import { apply, type Node, type Op } from "../../../lib/graph/node";
import { leaf } from "../../../lib/ops/define";
import { withBatch } from "../../../lib/ops/sum";
import { registry } from "../../../lib/ops/registry";
import { Tensor } from "../../../lib/tensor";
import { batchNodes, jvpNodes, orZeros, transposeNodes } from "../../../lib/transform/nodes";
import { placeholder } from "../../../lib/transform/trees";
import { isFloat } from "../../../lib/util/dtypes";
import { sizeOf } from "../../../lib/util/shapes";
import { samples, type Input, type Sample } from "./samples";

type Numbers = ArrayLike<number>;

/** Seeded numbers in [0, 1): a linear congruential generator (Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (1664525 * state + 1013904223) % 2 ** 32) / 2 ** 32;
}

function draw(
  { shape, dtype, range = [-2, 2], bias = () => 0 }: Input,
  next: () => number,
  count = 1,
): number[] {
  return Array.from({ length: count * sizeOf(shape) }, (_, k) => {
    const value = range[0] + (range[1] - range[0]) * next() + bias(k % sizeOf(shape));
    return dtype === undefined ? value : Math.floor(value);
  });
}

const isFloating = (input: Input): boolean => input.dtype === undefined;

function nodeOf(device: Device, values: Numbers, { shape, dtype }: Input, batch: number[] = []): Node {
  const array = Float64Array.from(Array.from(values));
  const options = { shape: [...batch, ...shape], dtype: dtype ?? device.floatType };
  return withDevice(device, () => tensor(array, options)).node;
}

const read = async (node: Node): Promise<number[]> => Array.from(await new Tensor(node).data());
const dot = (a: Numbers, b: Numbers): number => Array.from(a).reduce((total, x, i) => total + x * b[i], 0);

function expectClose(actual: Numbers, wanted: Numbers, tolerance: number, what: string): void {
  expect(actual.length, what).to.equal(wanted.length);
  const scale = Math.max(1, ...Array.from(wanted, Math.abs));
  const worst = Math.max(0, ...Array.from(actual, (x, i) => Math.abs(x - wanted[i])));
  expect(worst / scale, what).to.be.lessThan(tolerance);
}

/** One op on one sample, at inputs, tangents and a cotangent drawn once. */
class Case {
  readonly values: readonly number[][];
  readonly tangents: readonly (number[] | undefined)[];
  readonly cotangent: readonly number[];

  constructor(
    readonly op: Op,
    readonly sample: Sample,
  ) {
    const next = numbers(7);
    const { inputs } = sample;
    this.values = inputs.map((input) => draw(input, next));
    this.tangents = inputs.map((input) =>
      isFloating(input) ? draw({ shape: input.shape, range: [-1, 1] }, next) : undefined,
    );
    this.cotangent = draw({ shape: this.result(cpu).shape }, next);
  }

  get differentiable(): boolean {
    return this.op.jvp !== "nondifferentiable" && this.tangents.some((t) => t !== undefined);
  }

  build(inputs: readonly Node[], device: Device): Node {
    return this.sample.make?.(inputs, device) ?? apply(this.op, inputs, this.sample.attrs);
  }

  nodes(device: Device, values: readonly Numbers[] = this.values): Node[] {
    return this.sample.inputs.map((input, i) => nodeOf(device, values[i], input));
  }

  result(device: Device, values: readonly Numbers[] = this.values): Node {
    return this.build(this.nodes(device, values), device);
  }

  /** The derivative along the tangents, as the op's jvp rule has it. */
  pushed(device: Device, values: readonly Numbers[] = this.values): Node {
    const inputs = this.nodes(device, values);
    const out = this.build(inputs, device);
    const along = this.sample.inputs.map(
      (input, i) => this.tangents[i] && nodeOf(device, this.tangents[i], input),
    );
    return orZeros(jvpNodes([out], inputs, along)[0], out);
  }

  /** The cotangents of the float inputs, by transposing the jvp rule. */
  pulled(device: Device, values: readonly Numbers[] = this.values): { position: number; node: Node }[] {
    const inputs = this.nodes(device, values);
    const out = this.build(inputs, device);
    const dual = nodeOf(out.device, this.cotangent, { shape: out.shape });
    const floats = inputs.filter((n) => isFloat(n.dtype));
    const tangents = floats.map(placeholder);
    const linear = jvpNodes([out], floats, tangents);
    const found = transposeNodes(linear, tangents, [dual]);
    return floats.map((n, i) => ({ position: inputs.indexOf(n), node: orZeros(found[i], n) }));
  }

  /** The inputs moved by `step` times the tangents. */
  moved(step: number): number[][] {
    return this.values.map((v, i) => v.map((x, j) => x + step * (this.tangents[i]?.[j] ?? 0)));
  }
}

/** Central differences of fourth order (Abramowitz & Stegun 25.3.6). */
async function derivative(f: (step: number) => Promise<number[]>): Promise<number[]> {
  const h = 1e-3;
  const [a, b, c, d] = [await f(-2 * h), await f(-h), await f(h), await f(2 * h)];
  return a.map((_, i) => (a[i] - 8 * b[i] + 8 * c[i] - d[i]) / (12 * h));
}

const cases = registry.flatMap((op) =>
  (samples[op.name] ?? []).map((sample, i) => ({
    name: `${op.name} (sample ${i + 1})`,
    of: () => new Case(op, sample),
  })),
);

describe("the ops", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  it("all have a sample", () => {
    const missing = registry.filter((op) => (samples[op.name] ?? []).length === 0);
    expect(missing.map((op) => op.name)).to.deep.equal([]);
  });

  it("are all registered, by a name of their own", async () => {
    const folder = join(__dirname, "../../../lib/ops");
    const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
    const modules = await Promise.all(
      files.map((file) => import(join(folder, file)) as Promise<Record<string, unknown>>),
    );
    const exported = modules.flatMap((module) => Object.values(module).flat());
    const isOp = (x: unknown): x is Op =>
      typeof x === "object" && x !== null && "transpose" in x && "lowering" in x;
    const unregistered = exported.filter(isOp).filter((op) => op !== leaf && !registry.includes(op));
    expect(unregistered.map((op) => op.name)).to.deep.equal([]);
    expect(new Set(registry.map((op) => op.name)).size).to.equal(registry.length);
  });

  describe("compute the same on the device as in float64, with derivatives and batches", () => {
    for (const { name, of } of cases) {
      it(name, async () => {
        const one = of();
        const { tolerance = 1e-5 } = one.sample;
        expectClose(await read(one.result(gpu)), await read(one.result(cpu)), tolerance, "value");
        if (!one.differentiable) return;
        expectClose(await read(one.pushed(gpu)), await read(one.pushed(cpu)), 10 * tolerance, "tangent");
        const pulled = one.pulled(cpu);
        for (const [i, { node }] of one.pulled(gpu).entries()) {
          expectClose(await read(node), await read(pulled[i].node), 10 * tolerance, "cotangent");
        }
      });
    }
  });

  describe("have tangents that finite differences confirm, to second order", () => {
    for (const { name, of } of cases.filter((c) => c.of().differentiable)) {
      it(name, async () => {
        const one = of();
        const pushed = await read(one.pushed(cpu));
        const zeros = one.sample.stopsGradient === true || !isFloat(one.result(cpu).dtype);
        if (zeros) {
          expect(pushed.every((t) => t === 0)).to.equal(true);
          return;
        }
        const wanted = await derivative((step) => read(one.result(cpu, one.moved(step))));
        expectClose(pushed, wanted, 1e-8, "tangent");
        const inputs = one.nodes(cpu);
        const second = await derivative((step) => read(one.pushed(cpu, one.moved(step))));
        expectClose(await read(pushedTwice(one, inputs)), second, 1e-7, "second tangent");
      });
    }
  });

  describe("have cotangents that are the transposed tangents", () => {
    for (const { name, of } of cases.filter((c) => c.of().differentiable)) {
      it(name, async () => {
        const one = of();
        const forward = dot(one.cotangent, await read(one.pushed(cpu)));
        let backward = 0;
        for (const { position, node } of one.pulled(cpu))
          backward += dot(await read(node), one.tangents[position]!);
        expect(Math.abs(forward - backward) / Math.max(1, Math.abs(forward))).to.be.lessThan(1e-10);
      });
    }
  });

  describe("over a batch do as in a loop, whichever inputs have the batch", () => {
    for (const { name, of } of cases.filter((c) => c.of().sample.inputs.length > 0)) {
      it(name, async () => {
        const one = of();
        const count = one.sample.inputs.length;
        for (let subset = 1; subset < 2 ** count; subset++) {
          await expectBatched(
            one,
            one.sample.inputs.map((_, i) => (subset & (1 << i)) !== 0),
            cpu,
            1e-12,
          );
        }
        await expectBatched(
          one,
          one.sample.inputs.map(() => true),
          gpu,
          one.sample.tolerance ?? 1e-5,
        );
      });
    }
  });
});

function pushedTwice(one: Case, inputs: readonly Node[]): Node {
  const along = one.sample.inputs.map((input, i) => one.tangents[i] && nodeOf(cpu, one.tangents[i], input));
  const out = one.build(inputs, cpu);
  const first = orZeros(jvpNodes([out], inputs, along)[0], out);
  return orZeros(jvpNodes([first], inputs, along)[0], first);
}

/** Compares the op over three samples at once with each by itself. */
async function expectBatched(
  one: Case,
  batched: readonly boolean[],
  device: Device,
  tolerance: number,
): Promise<void> {
  const size = 3;
  const next = numbers(11);
  const values = one.sample.inputs.map((input, i) => (batched[i] ? draw(input, next, size) : one.values[i]));
  const singles = one.nodes(device);
  const out = one.build(singles, device);
  const mapped = singles.filter((_, i) => batched[i]);
  const batches = one.sample.inputs.flatMap((input, i) =>
    batched[i] ? [nodeOf(device, values[i], input, [size])] : [],
  );
  const [result] = batchNodes([out], mapped, batches);
  const all = await read(result.batched ? result.node : withBatch(result.node, size));
  const each: number[] = [];
  for (let k = 0; k < size; k++) {
    const part = values.map((v, i) => {
      const length = sizeOf(one.sample.inputs[i].shape);
      return batched[i] ? v.slice(k * length, (k + 1) * length) : v;
    });
    each.push(...(await read(one.result(cpu, part))));
  }
  expectClose(all, each, tolerance, `batched ${batched.join()}`);
}
