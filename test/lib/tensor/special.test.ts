import { expect } from "chai";
import * as sd from "../../../lib";
import { cpu, devices, tensor, withDevice, type Device, type Tensor } from "../../../lib";

const { NaN, POSITIVE_INFINITY: inf } = Number;

/** What README.md says of numbers that are none, or hardly any; each family of ops in one expression. */
describe("NaN, infinity, −0 and denormals", () => {
  let all: Device[];
  before(async () => (all = await devices()));

  /** That `f` of `values`, [n], is `wanted` on each device, −0 told from 0. */
  async function expectExactly(values: number[], f: (x: Tensor) => Tensor, wanted: unknown): Promise<void> {
    for (const device of all) {
      const found = await withDevice(device, () => f(tensor(values))).array();
      expect(found, `on ${device.name}`).to.deep.equal(wanted);
    }
  }

  it("are moved as they are", () =>
    expectExactly(
      [NaN, inf, -inf, -0, 0, 1],
      (x) => {
        const views = [x.flip(), x.reshape([2, 3]).transpose().reshape([6]), x.tile(2).slice([3], [9])];
        const read = [x.take([5, 4, 3, 2, 1, 0]), x.repeat(2).slice([0], [12], [2])];
        const joined = sd.concatenate([x.slice([3], [6]), x.slice([0], [3])]);
        return sd.stack([...views, ...read, joined, x.pad([[1, 2]], -0).slice([2], [8])]);
      },
      [
        [1, 0, -0, -inf, inf, NaN],
        [NaN, -0, inf, 0, -inf, 1],
        [-0, 0, 1, NaN, inf, -inf],
        [1, 0, -0, -inf, inf, NaN],
        [NaN, inf, -inf, -0, 0, 1],
        [-0, 0, 1, NaN, inf, -inf],
        [inf, -inf, -0, 0, 1, -0],
      ],
    ));

  it("keep the sign of zero in stacks of many, along every axis, and of float16", async () => {
    const zeros = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? -0 : 0));
    const apart = (x: Tensor): Tensor[] => sd.split(x, 20);
    await expectExactly(zeros, (x) => sd.stack(apart(x), 1), [zeros]);
    await expectExactly(
      zeros,
      (x) =>
        sd.concatenate(
          apart(x.reshape([20, 1])).map((r) => r.transpose()),
          1,
        ),
      [zeros],
    );
    await expectExactly(
      [-0, 0],
      (x) => {
        const half = x.device.floatTypes.includes("float16") ? x.astype("float16") : x;
        return sd.concatenate([half, half]).astype(x.dtype);
      },
      [-0, 0, -0, 0],
    );
  });

  it("of −0 are what IEEE 754 says in elementwise functions", () =>
    expectExactly(
      [-0, 0],
      (x) =>
        sd.stack([
          x.neg(),
          x.abs(),
          x.mul(-1),
          x.mul(x),
          x.sqrt(),
          x.sin(),
          x.tanh(),
          x.round(),
          x.reciprocal(),
        ]),
      [
        [0, -0],
        [0, 0],
        [0, -0],
        [0, 0],
        [-0, 0],
        [-0, 0],
        [-0, 0],
        [-0, 0],
        [-inf, inf],
      ],
    ));

  it("go through sums, means and products as through additions and multiplications", () =>
    expectExactly(
      [1, inf, -inf, NaN, 1, 1, inf, 1, 0, inf, 0, 1],
      (x) => {
        const rows = x.reshape([4, 3]);
        return sd.stack([rows.sum(1), rows.mean(1), rows.prod(1), rows.max(1), rows.min(1), rows.norm(1)]);
      },
      [
        [NaN, NaN, inf, inf],
        [NaN, NaN, inf, inf],
        [-inf, NaN, NaN, NaN],
        [inf, NaN, inf, inf],
        [-inf, NaN, 0, 0],
        [inf, NaN, inf, inf],
      ],
    ));

  it("are ordered with NaN the greatest, and count as true", () =>
    expectExactly(
      [2, NaN, -inf, inf],
      (x) =>
        sd.concatenate([
          x.sort(),
          x.argsort().astype(x.dtype),
          sd.topK(x, 2).values,
          sd.stack([x.argmax(), x.argmin()]).astype(x.dtype),
          sd.stack([x.any(), x.all(), sd.equal(x, x).all(), x.isNaN().any()]).astype(x.dtype),
        ]),
      [-inf, 2, inf, NaN, 2, 0, 3, 1, NaN, inf, 1, 1, 1, 1, 0, 1],
    ));

  it("spoil softmax, its logarithm and cumsum only where they stand, and −∞ is a weight of zero", () =>
    expectExactly(
      [0, -inf, 0, NaN, 0, 0, -inf, 0, -inf],
      (x) => {
        const rows = x.reshape([3, 3]);
        const rounded = (p: Tensor): Tensor => p.mul(100).round();
        return sd.stack([rounded(rows.softmax(1)), rounded(rows.logSoftmax(1).exp()), rows.cumsum(1)]);
      },
      [
        [
          [50, 0, 50],
          [NaN, NaN, NaN],
          [0, 100, 0],
        ],
        [
          [50, 0, 50],
          [NaN, NaN, NaN],
          [0, 100, 0],
        ],
        [
          [0, -inf, -inf],
          [NaN, NaN, NaN],
          [-inf, -inf, -inf],
        ],
      ],
    ));

  it("reach all of the products that they take part in, and none else", () =>
    expectExactly(
      [1, NaN, inf, 2, 0, 1, 1, 0, 0],
      (x) => {
        const a = x.slice([0], [4]).reshape([2, 2]);
        const b = x.slice([4], [8]).reshape([2, 2]);
        const image = x.reshape([1, 1, 3, 3]);
        const kernel = sd.ones([1, 1, 2, 2]);
        const pooled = [image.maxPool2d({ kernel: 2, stride: 1 }), image.avgPool2d({ kernel: 2, stride: 1 })];
        return sd.stack([
          a.matmul(b),
          sd.einsum("ij,jk->ik", a, b),
          image.conv2d(kernel).reshape([2, 2]),
          ...pooled.map((p) => p.reshape([2, 2])),
        ]);
      },
      [
        [
          [NaN, NaN],
          [NaN, inf],
        ],
        [
          [NaN, NaN],
          [NaN, inf],
        ],
        [
          [NaN, NaN],
          [3, 1],
        ],
        [
          [NaN, NaN],
          [2, 1],
        ],
        [
          [NaN, NaN],
          [0.75, 0.25],
        ],
      ],
    ));

  it("are kept from where their place is not chosen, and from where nothing is added", () =>
    expectExactly(
      [NaN, inf, 1],
      (x) =>
        sd.stack([
          sd.where([false, false, true], x, 0),
          sd.scatterAdd([0, 0, 0], [2, 1, 0], x),
          sd.takeAlongAxis(x, [2, 2, 1], 0),
          x.clip(0, 2),
          x.clip(null, 2),
          x.clip(2, null),
        ]),
      [
        [0, 0, 1],
        [1, inf, NaN],
        [1, 1, inf],
        [NaN, 2, 1],
        [NaN, 2, 1],
        [NaN, inf, 2],
      ],
    ));

  it("stand where ddof leaves nothing to divide by", () =>
    expectExactly(
      [1, 2, 3, 3],
      (x) => {
        const rows = x.reshape([2, 2]);
        return sd.stack([2, 3, 4.5].flatMap((ddof) => [rows.variance(1, { ddof }), rows.std(1, { ddof })]));
      },
      Array.from({ length: 6 }, () => [inf, NaN]),
    ));

  it("that are denormal keep their value on cpu and may be zero on a GPU, never anything else", async () => {
    const denormal = 2 ** -140;
    const apply = (x: Tensor): Tensor =>
      sd.stack([x, x.add(0), x.mul(2), x.sum().expandDims(0), x.max().expandDims(0), x.sqrt().square()]);
    for (const device of all) {
      const found = await withDevice(device, () => apply(tensor([denormal]))).data();
      const wanted = [1, 1, 2, 1, 1, 1].map((k) => k * denormal);
      found.forEach((value, i) => {
        if (device === cpu || value !== 0) expect(value / wanted[i]).to.be.closeTo(1, 1e-6);
      });
    }
  });
});
