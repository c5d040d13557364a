import { expect } from "chai";
import fc from "fast-check";
import * as sd from "../../../lib";
import { devices, tensor, withDevice, type Device, type Tensor } from "../../../lib";

const whole = ["int32", "uint32"] as const;
type Whole = (typeof whole)[number];

/** `value` modulo 2³², as the dtype reads it. */
const modulo = (dtype: Whole, value: bigint): number =>
  Number(dtype === "int32" ? BigInt.asIntN(32, value) : BigInt.asUintN(32, value));
const arrayOf = (dtype: Whole, values: readonly number[]): Int32Array | Uint32Array =>
  dtype === "int32" ? Int32Array.from(values) : Uint32Array.from(values);

const words = (dtype: Whole): fc.Arbitrary<number> => {
  const [min, max] = dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, 0, 1, 2 ** 16, 2 ** 31 - 1));
};

describe("integers are exact modulo 2³²", () => {
  let all: Device[];
  before(async () => (all = await devices()));

  /** That `f` of four numbers and four others is `wanted` of them as BigInts, on each device. */
  async function holds(
    f: (a: Tensor, b: Tensor) => Tensor,
    wanted: (a: bigint[], b: bigint[]) => bigint[],
    others: (dtype: Whole) => fc.Arbitrary<number> = words,
  ): Promise<void> {
    const four = (one: fc.Arbitrary<number>) => fc.array(one, { minLength: 4, maxLength: 4 });
    for (const dtype of whole) {
      await fc.assert(
        fc.asyncProperty(four(words(dtype)), four(others(dtype)), async (a, b) => {
          const exact = wanted(a.map(BigInt), b.map(BigInt)).map((v) => modulo(dtype, v));
          for (const device of all) {
            const y = withDevice(device, () => f(tensor(arrayOf(dtype, a)), tensor(arrayOf(dtype, b))));
            expect(y.dtype).to.equal(dtype);
            expect(Array.from(await y.data()), `${dtype} on ${device.name}`).to.deep.equal(exact);
          }
        }),
        { numRuns: 30, seed: 7 },
      );
    }
  }
  const each =
    (f: (a: bigint, b: bigint) => bigint) =>
    (a: bigint[], b: bigint[]): bigint[] =>
      a.map((x, i) => f(x, b[i]));
  const sum = (list: readonly bigint[]): bigint => list.reduce((x, y) => x + y, 0n);

  it("in sums, differences, products, squares and negatives", async () => {
    await holds(
      sd.add,
      each((a, b) => a + b),
    );
    await holds(
      sd.sub,
      each((a, b) => a - b),
    );
    await holds(
      sd.mul,
      each((a, b) => a * b),
    );
    await holds(
      (a) => a.square(),
      each((a) => a * a),
    );
    await holds(
      (a) => a.pow(3),
      each((a) => a ** 3n),
    );
  });

  it("in powers", () =>
    holds(sd.pow, each((a, b) => a ** b), () => fc.integer({ min: 0, max: 70 }))); // prettier-ignore

  it("in reductions and running sums", async () => {
    await holds(
      (a) => a.sum().expandDims(0),
      (a) => [sum(a)],
    );
    await holds(
      (a) => a.prod().expandDims(0),
      (a) => [a.reduce((x, y) => x * y, 1n)],
    );
    await holds(
      (a) => a.cumsum(),
      (a) => a.map((_, i) => sum(a.slice(0, i + 1))),
    );
  });

  it("in products of matrices", async () => {
    await holds(
      (a, b) => a.dot(b).expandDims(0),
      (a, b) => [sum(a.map((x, i) => x * b[i]))],
    );
    await holds(
      (a, b) => sd.einsum("i,i->i", a, b),
      each((a, b) => a * b),
    );
    const matrix = (x: Tensor): Tensor => x.reshape([2, 2]);
    await holds(
      (a, b) => matrix(a).matmul(matrix(b)).reshape([4]),
      ([a, b, c, d], [e, f, g, h]) => [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h],
    );
    await holds(
      (a, b) => a.outer(b).sum(1),
      (a, b) => a.map((x) => x * sum(b)),
    );
  });

  it("and of a negative power what is whole of it, which a number may not be", async () => {
    for (const device of all) {
      const bases = Int32Array.of(0, 1, -1, -1, 2, -7);
      const exponents = Int32Array.of(-1, -5, -3, -4, -1, -2);
      const found = await withDevice(device, () => tensor(bases).pow(tensor(exponents))).array();
      expect(found, device.name).to.deep.equal([0, 1, -1, 1, 0, 0]);
    }
    expect(() => tensor(Int32Array.of(2)).pow(-1)).to.throw(
      'pow: b must not be negative for a of int32, got -1; convert a with .astype("float32")',
    );
  });

  it("of bool count what is true", async () => {
    for (const device of all) {
      const mask = withDevice(device, () => tensor([true, true, false]));
      const found = mask.dot(mask);
      expect([found.dtype, await found.item()]).to.deep.equal(["int32", 2]);
    }
  });
});
