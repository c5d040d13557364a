import { expect } from "chai";
import * as sd from "../../../lib";
import {
  concatenate,
  devices,
  grad,
  linalg,
  random,
  tensor,
  vmap,
  withDevice,
  zeros,
  type Tensor,
} from "../../../lib";

const shape = [2, 1, 3, 2, 1, 2, 2, 2];
const size = shape.reduce((a, b) => a * b, 1);
const ramp = (n: number): Tensor => tensor(Float64Array.from({ length: n }, (_, i) => ((i * 7) % 11) - 5));

/** All in one, so that a device computes it in few kernels. */
const joined = (parts: readonly Tensor[]): Tensor =>
  concatenate(parts.map((t) => t.reshape([t.size]).astype(t.device.floatType)));

/** Pairs that should agree: an op of eight axes, and the same of the axes before, at and after the one that counts. */
function pairs(): (readonly [Tensor, Tensor])[] {
  const x = ramp(size).reshape(shape);
  const flat = x.reshape([size]);
  const parts = x.reshape([6, 2, 8]);
  const rows = x.reshape([12, 2, 2, 2]);
  const row = tensor([1, -2]);
  const index = tensor([1, 0, 1]).astype("int32");
  const order = [7, 6, 5, 4, 3, 2, 1, 0];
  const alongInner = (f: (t: Tensor, axis: number) => Tensor): readonly [Tensor, Tensor] => [
    f(x, 3),
    f(parts, 1),
  ];
  return [
    [
      x.mul(row).add(x.slice([0], [1])),
      parts
        .reshape([2, 24, 2])
        .mul(row)
        .add(parts.reshape([2, 24, 2]).slice([0], [1])),
    ],
    [x.tanh(), flat.tanh()],
    [x.less(0), flat.less(0)],
    [x.astype("int32"), flat.astype("int32")],
    alongInner((t, axis) => t.sum(axis)),
    alongInner((t, axis) => t.max(axis)),
    alongInner((t, axis) => t.prod(axis)),
    alongInner((t, axis) => t.argmax(axis)),
    alongInner((t, axis) => t.any(axis)),
    alongInner((t, axis) => t.logsumexp(axis)),
    alongInner((t, axis) => t.softmax(axis)),
    alongInner((t, axis) => t.cumsum(axis)),
    alongInner((t, axis) => t.sort(axis)),
    alongInner((t, axis) => sd.topK(t, 1, axis).values),
    alongInner((t, axis) => t.flip(axis)),
    alongInner((t, axis) => t.take(index, axis)),
    alongInner((t, axis) => t.repeat(3, axis)),
    alongInner((t, axis) =>
      t.slice(
        t.shape.map(() => 0),
        t.shape,
        t.shape.map((_, d) => (d === axis ? 2 : 1)),
      ),
    ),
    alongInner((t, axis) =>
      t.pad(
        t.shape.map((_, d) => (d === axis ? [1, 2] : [0, 0])),
        3,
      ),
    ),
    alongInner((t, axis) => concatenate([t, t.neg()], axis)),
    alongInner((t, axis) => sd.split(t, 2, axis)[1]),
    alongInner((t, axis) => t.takeAlongAxis(t.less(0).astype("int32"), axis)),
    alongInner((t, axis) => t.scatterAdd(index, t.take(index, axis), axis)),
    alongInner((t, axis) => t.swapaxes(0, axis).add(1).swapaxes(axis, 0)),
    [x.sum([0, 2, 5]), rows.sum(1).reshape([2, 3, 8]).sum([0, 1])],
    [x.transpose(order).transpose(order), flat],
    [x.tile([2, ...shape.slice(1).map(() => 1)]), flat.tile(2)],
    [sd.stack([x.squeeze(1), x.squeeze(1)]), flat.tile(2)],
    [x.matmul(x), rows.reshape([24, 2, 2]).matmul(rows.reshape([24, 2, 2]))],
    [sd.einsum("abcdefgh,abcdefgh->h", x, x), flat.square().reshape([48, 2]).sum(0)],
    [
      grad((t: Tensor) => t.square().mul(t.flip(7)).sum())(x),
      grad((t: Tensor) => t.square().mul(t.flip(1)).sum())(flat.reshape([48, 2])),
    ],
    [
      vmap((t: Tensor) => t.sub(t.max(2, { keepdims: true })))(x),
      parts.sub(parts.max(1, { keepdims: true })),
    ],
    [random.normal(random.key(3), shape), random.normal(random.key(3), [size])],
  ];
}

/** Functions of nothing: what they give, by shape and value. */
function ofNothing(): (readonly [Tensor, shape: number[], value?: number])[] {
  const none = zeros([0]);
  const x = zeros([2, 0, 3]);
  const image = zeros([0, 2, 4, 4]);
  const square = zeros([0, 2, 2]);
  return [
    [none.add(1).exp(), [0]],
    [x.add(zeros([3])), [2, 0, 3]],
    [x.less(zeros([2, 1, 1])), [2, 0, 3]],
    [sd.where(x.isNaN(), x, 1), [2, 0, 3]],
    [x.astype("int32"), [2, 0, 3]],
    [x.sum(1), [2, 3], 0],
    [x.sum(0), [0, 3]],
    [x.prod(1), [2, 3], 1],
    [x.mean(1), [2, 3], NaN],
    [x.variance(1), [2, 3], NaN],
    [x.norm(1), [2, 3], 0],
    [x.logsumexp(1), [2, 3], -Infinity],
    [x.any(1), [2, 3], 0],
    [x.all(1), [2, 3], 1],
    [x.max(0), [0, 3]],
    [x.argmax(2), [2, 0]],
    [x.softmax(1), [2, 0, 3]],
    [x.logSoftmax(2), [2, 0, 3]],
    [x.cumsum(1), [2, 0, 3]],
    [x.sort(1), [2, 0, 3]],
    [x.argsort(0), [2, 0, 3]],
    [sd.topK(x, 0, 1).values, [2, 0, 3]],
    [x.reshape([0, 7]), [0, 7]],
    [x.transpose(), [3, 0, 2]],
    [x.flip(), [2, 0, 3]],
    [x.slice([0, 0], [1, 9]), [1, 0, 3]],
    [x.pad([[0, 0], [1, 1], [0, 0]], 5), [2, 2, 3], 5], // prettier-ignore
    [x.broadcastTo([4, 2, 0, 3]), [4, 2, 0, 3]],
    [x.tile([1, 5, 1]), [2, 0, 3]],
    [tensor([1, 2]).tile(0), [0]],
    [tensor([1, 2]).repeat(0), [0]],
    [concatenate([x, zeros([2, 1, 3]), x], 1), [2, 1, 3], 0],
    [sd.stack([none, none]), [2, 0]],
    [sd.split(none, 3)[2], [0]],
    [tensor([1, 2]).take(tensor([]).astype("int32")), [0]],
    [x.takeAlongAxis(x.astype("int32"), 2), [2, 0, 3]],
    [tensor([1, 1]).scatterAdd(tensor([]).astype("int32"), none), [2], 1],
    [zeros([2, 0]).matmul(zeros([0, 3])), [2, 3], 0],
    [zeros([0, 2]).matmul(zeros([2, 3])), [0, 3]],
    [none.dot(none), [], 0],
    [none.outer(tensor([1, 2])), [0, 2]],
    [sd.einsum("ij,jk->ik", zeros([2, 0]), zeros([0, 3])), [2, 3], 0],
    [image.conv2d(zeros([3, 2, 3, 3])), [0, 3, 2, 2]],
    [image.maxPool2d({ kernel: 2 }), [0, 2, 2, 2]],
    [image.avgPool2d({ kernel: 2 }), [0, 2, 2, 2]],
    [grad((t: Tensor) => t.square().sum())(x), [2, 0, 3]],
    [grad((w: Tensor) => zeros([0, 2]).matmul(w).square().sum())(tensor([[1], [2]])), [2, 1], 0],
    [sd.hessian((t: Tensor) => t.square().sum())(none), [0, 0]],
    [sd.jacrev((t: Tensor) => t.mul(2))(none), [0, 0]],
    [vmap((t: Tensor) => t.square().sum())(zeros([0, 3])), [0]],
    [sd.jit((t: Tensor) => t.add(1))(none), [0]],
    [random.normal(random.key(0), [0, 2]), [0, 2]],
    [random.permutation(random.key(0), 0), [0]],
    [random.bernoulli(random.key(0), [0]), [0]],
    [linalg.inv(square), [0, 2, 2]],
    [linalg.eigvalsh(square), [0, 2]],
    [linalg.det(zeros([0, 0])), [], 1],
    [linalg.solve(square, zeros([0, 2, 1])), [0, 2, 1]],
    [linalg.svdvals(square), [0, 2]],
  ];
}

describe("tensors of eight axes", () => {
  it("go through every family of ops as their parts do, on each device", async () => {
    for (const device of await devices()) {
      const [whole, wanted] = await withDevice(device, () => {
        const all = pairs();
        all.forEach(([a, b], i) => expect(a.size, `pair ${i}`).to.equal(b.size));
        return Promise.all([0, 1].map((side) => joined(all.map((pair) => pair[side])).data()));
      });
      const far = whole.findIndex((v, i) => !(Math.abs(v - wanted[i]) <= 1e-5 * Math.max(1, Math.abs(v))));
      expect(far, `on ${device.name}, ${whole[far]} for ${wanted[far]}`).to.equal(-1);
    }
  });

  it("have no ninth", () => {
    const x = zeros(new Array(8).fill(1));
    for (const f of [
      () => x.expandDims(0),
      () => sd.stack([x]),
      () => x.take([[0]], 0),
      () => x.tile(new Array(9).fill(1)),
    ]) {
      expect(f).to.throw(/9 dimensions, at most 8 are supported/);
    }
  });
});

describe("tensors of no elements", () => {
  it("go through every family of ops, on each device", async () => {
    for (const device of await devices()) {
      const results = withDevice(device, ofNothing);
      results.forEach(([t, wanted], i) => expect(t.shape, `case ${i}`).to.deep.equal(wanted));
      const found = await withDevice(device, () => joined(results.map(([t]) => t))).data();
      const wanted = results.flatMap(([t, , value]) => new Array<number>(t.size).fill(value ?? 0));
      expect(Array.from(found), `on ${device.name}`).to.deep.equal(wanted);
    }
  });
});
