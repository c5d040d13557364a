import { expect } from "chai";
import * as sd from "../../../lib";
import {
  cpu,
  devices,
  grad,
  memory,
  tensor,
  withDevice,
  zeros,
  type Device,
  type DType,
  type Tensor,
} from "../../../lib";

type Unary = (x: Tensor) => Tensor;

/** Where each function is to be right to a few units in the last place, small arguments included. */
const domains: Readonly<Record<string, readonly [number, number]>> = {
  acos: [-1, 1],
  asin: [-1, 1],
  atan: [-1e3, 1e3],
  cos: [-3.14, 3.14],
  cosh: [-80, 80],
  erf: [-5, 5],
  erfinv: [-0.999, 0.999],
  exp: [-80, 80],
  expm1: [-80, 80],
  log: [1e-30, 1e30],
  log1p: [-0.999, 1e6],
  sigmoid: [-80, 80],
  sin: [-3.14, 3.14],
  sinh: [-80, 80],
  softplus: [-20, 20],
  tan: [-1.5, 1.5],
  tanh: [-12, 12],
};

function argumentsIn([low, high]: readonly [number, number]): Float64Array {
  const spread = Array.from({ length: 500 }, (_, i) => low + ((high - low) * i) / 499);
  const small = Array.from({ length: 100 }, (_, i) => 10 ** (-8 + i / 12.5)).flatMap((x) => [x, -x]);
  return Float64Array.from([...spread, ...small].filter((x) => x >= low && x <= high).map(Math.fround));
}

describe("numbers on the device", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));
  const onBoth = async (f: () => Tensor): Promise<[number[], number[]]> => [
    Array.from(await withDevice(gpu, f).data()),
    Array.from(await withDevice(cpu, f).data()),
  ];

  it("are those of float64 to 5e-6 of each, whatever the driver makes of WGSL's functions", async () => {
    for (const [name, domain] of Object.entries(domains)) {
      const f = sd[name as keyof typeof sd] as Unary;
      const x = argumentsIn(domain);
      const [found, wanted] = await onBoth(() => f(tensor(x)));
      const worst = wanted.reduce((most, w, i) => {
        const error = Math.abs(w) < 1e-37 ? 0 : Math.abs(found[i] - w) / Math.abs(w);
        return Math.max(most, Number.isNaN(error) ? Infinity : error);
      }, 0);
      expect(worst, name).to.be.lessThan(5e-6);
    }
  });

  it("keep NaN and infinity as IEEE 754 has them", async () => {
    const values = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2.5, -2.5];
    const unary = [
      ...["abs", "ceil", "floor", "round", "sign", "neg", "reciprocal", "sqrt", "exp", "log", "relu", "elu"],
      ...["atan", "asin", "acos", "tanh", "sinh", "sigmoid", "erf", "expm1", "isNaN"],
    ];
    const close = (a: number, b: number): boolean => Object.is(a, b) || (a !== 0 && Math.abs(a - b) < 1e-5);
    for (const name of unary) {
      const f = sd[name as keyof typeof sd] as Unary;
      const [found, wanted] = await onBoth(() => f(tensor(values)));
      const wrong = values.filter((_, i) => !close(found[i], wanted[i]));
      expect(wrong, `${name} of ${String(wrong)}`).to.deep.equal([]);
    }
    const [left, right] = [values.flatMap((a) => values.map(() => a)), values.flatMap(() => values)];
    for (const name of ["add", "sub", "mul", "div", "pow", "atan2", "maximum", "minimum", "less", "equal"]) {
      const f = sd[name as keyof typeof sd] as unknown as (a: Tensor, b: Tensor) => Tensor;
      const [found, wanted] = await onBoth(() => f(tensor(left), tensor(right)));
      // Which zero is the larger is open.
      const wrong = left.flatMap((a, i) =>
        close(found[i], wanted[i]) || (found[i] === 0 && wanted[i] === 0) ? [] : [[a, right[i]]],
      );
      expect(wrong, name).to.deep.equal([]);
    }
  });

  it("lose no NaN in a maximum, a minimum or their positions", async () => {
    const f = (x: Tensor): Tensor =>
      sd.stack([x.max(), x.min(), x.argmax().astype(x.dtype), x.argmin().astype(x.dtype), x.relu().sum()]);
    const [found, wanted] = await onBoth(() => f(tensor([1, NaN, 2, NaN])));
    expect(wanted).to.deep.equal([NaN, NaN, 1, 1, NaN]);
    expect(found).to.deep.equal(wanted);
  });

  it("become integers within the integers' range", async () => {
    const f = (): Tensor => tensor([1e20, -1e20, 2.9, -2.9]).astype("int32");
    const [found, wanted] = await onBoth(f);
    expect(wanted).to.deep.equal([2 ** 31 - 1, -(2 ** 31), 2, -2]);
    expect(found.slice(1)).to.deep.equal(wanted.slice(1));
    expect(found[0]).to.be.within(2 ** 31 - 256, 2 ** 31 - 1);
  });
});

describe("dtypes", () => {
  const order: readonly DType[] = ["bool", "uint32", "int32", "float16", "float32"];

  it("promote as JAX's do", async () => {
    await devices();
    for (const [i, a] of order.entries()) {
      for (const [j, b] of order.entries()) {
        if (a === "bool" && b === "bool") continue;
        const sum = sd.where(true, zeros([2], { dtype: a }), zeros([2], { dtype: b }));
        expect(sum.dtype, `${a} and ${b}`).to.equal(order[Math.max(i, j)]);
      }
    }
  });

  it("are not widened by plain numbers that they can hold", () => {
    const of = (dtype: DType): Tensor => zeros([2], { dtype });
    expect(of("float16").mul(2.5).dtype).to.equal("float16");
    expect(of("int32").add(1).dtype).to.equal("int32");
    expect(of("uint32").add(1).dtype).to.equal("uint32");
    expect(of("int32").add(0.5).dtype).to.equal("float32");
    expect(of("bool").add(1).dtype).to.equal("int32");
    expect(of("int32").div(2).dtype).to.equal("float32");
    expect(of("bool").sum().dtype).to.equal("int32");
    expect(of("int32").mean().dtype).to.equal("float32");
  });

  it("refuse names that are none, with the nearest", () => {
    expect(() => zeros([1], { dtype: "float" as DType })).to.throw(/dtype must be one of .* got "float"/);
    expect(() => tensor([1]).astype("in32" as DType)).to.throw('did you mean "int32"?');
  });
});

describe("float16", () => {
  before(async function () {
    const [gpu] = await devices();
    // Where the adapter lacks shader-f16 there is nothing to test.
    if (!gpu.features.includes("shader-f16")) this.skip();
  });

  it("rounds what it stores to the nearest half", async () => {
    const x = tensor([1.0001, 65504, 70000, 1e-7, -0.1, NaN], { dtype: "float16" });
    const wanted = [1, 65504, Infinity, 2 ** -23, -0.0999755859375, NaN];
    expect(Array.from(await x.data())).to.deep.equal(wanted);
    expect(Array.from(await x.mul(1).data())).to.deep.equal(wanted);
  });

  it("takes half the memory", async () => {
    const one = tensor([1], { dtype: "float16" });
    const before = (await memory()).live;
    const x = await sd.blockUntilReady(zeros([2 ** 23], { dtype: "float16" }).add(one));
    expect((await memory()).live - before).to.be.within(2 ** 24 - 2 ** 21, 2 ** 24 + 2 ** 21);
    expect(await x.astype("float32").sum().item()).to.equal(2 ** 23);
  });

  it("computes in float32: long sums, products and gradients keep their digits", async () => {
    const x = tensor(
      Float32Array.from({ length: 4096 }, (_, i) => (i % 8) / 8),
      { dtype: "float16", shape: [64, 64] },
    );
    expect(await x.sum().item()).to.equal(1792);
    const exact = x.astype("float32");
    expect(await x.matmul(x).max().item()).to.be.closeTo(await exact.matmul(exact).max().item(), 0.02);
    const slope = grad((y: Tensor) => y.square().sum())(x);
    expect(slope.dtype).to.equal("float16");
    expect((await slope.data())[7]).to.equal(1.75);
  });
});
