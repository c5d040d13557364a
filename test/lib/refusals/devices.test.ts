import { expect } from "chai";
import * as sd from "../../../lib";
import { augment, cpu, devices, grad, hvp, jit, jvp, linalg, nn, random, tensor, vjp, vmap, withDevice, type Device, type Tensor } from "../../../lib"; // prettier-ignore
import { rejection } from "../../support/close";

type Call = (...args: never[]) => unknown;
type Nested = number | readonly Nested[];

const matrix = [[1, 2], [3, 4]]; // prettier-ignore
const image = [[[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]]]; // prettier-ignore
const { functional, loss, metrics } = nn;
const sum = (...x: Tensor[]): Tensor => x.reduce((a, b) => a.mul(b)).sum();

/** Functions of several tensors, with arguments of which each but the numbers may be a tensor or an array. */
const calls: Readonly<Record<string, readonly [Call, ...Nested[]]>> = {
  ...Object.fromEntries(
    ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "atan2", "equal", "notEqual", "less", "lessEqual"]
      .concat(["greater", "greaterEqual", "logicalAnd", "logicalOr", "dot", "matmul", "outer"])
      .map((name) => [name, [sd[name as keyof typeof sd] as Call, [1, 2], [3, 4]]]),
  ), // prettier-ignore
  clip: [sd.clip, [1, 2], [0, 0], [1, 1]],
  where: [sd.where, [1, 0], [1, 2], [3, 4]],
  concatenate: [(a, b) => sd.concatenate([a, b]), [1], [2]],
  stack: [(a, b) => sd.stack([a, b]), [1], [2]],
  einsum: [(a, b) => sd.einsum("i,i->", a, b), [1, 2], [3, 4]],
  conv2d: [sd.conv2d, image, [[[[1, 1], [1, 1]]]]], // prettier-ignore
  take: [(x, i) => sd.take(x, i, 0), [1, 2], [0, 1]],
  takeAlongAxis: [(x, i) => sd.takeAlongAxis(x, i, 0), [1, 2], [0, 1]],
  scatterAdd: [sd.scatterAdd, [1, 2], [0, 1], [5, 6]],
  crossEntropy: [functional.crossEntropy, matrix, [0, 1]],
  "crossEntropy of probabilities": [functional.crossEntropy, matrix, [[0.5, 0.5], [1, 0]]], // prettier-ignore
  layerNorm: [functional.layerNorm, matrix, [1, 1], [0, 0]],
  batchNorm: [functional.batchNorm, matrix, [1, 1], [0, 0]],
  mse: [loss.mse, [1, 2], [3, 4]],
  mae: [loss.mae, [1, 2], [3, 4]],
  huber: [loss.huber, [1, 2], [3, 4]],
  hinge: [loss.hinge, [1, 2], [1, -1]],
  binaryCrossEntropy: [loss.binaryCrossEntropy, [1, 2], [0, 1]],
  accuracy: [metrics.accuracy, matrix, [0, 1]],
  topKAccuracy: [(z, y) => metrics.topKAccuracy(z, y, 1), matrix, [0, 1]],
  confusionMatrix: [metrics.confusionMatrix, matrix, [0, 1]],
  solve: [linalg.solve, matrix, [1, 2]],
  rotate: [augment.functional.rotate, image, [10]],
  affine: [(x, a, t, s, h) => augment.functional.affine(x, { angle: a, translate: t, scale: s, shear: h }), image, [3], [1, 0], [2], [1, 2]], // prettier-ignore
  normalize: [augment.functional.normalize, image, [0.5], [0.5]],
  adjustBrightness: [augment.functional.adjustBrightness, image, [0.5]],
  adjustContrast: [augment.functional.adjustContrast, image, [0.5]],
  adjustSharpness: [augment.functional.adjustSharpness, image, [0.5]],
  posterize: [augment.functional.posterize, image, [3]],
  solarize: [augment.functional.solarize, image, [0.5]],
  crop: [(x, top, left) => augment.functional.crop(x, top, left, 2, 2), image, [1], [0]],
  gaussianBlur: [(x, sigma) => augment.functional.gaussianBlur(x, 3, { sigma }), image, [0.7]],
  grad: [(a, b) => grad(sum)(a, b), [1, 2], [3, 4]],
  "grad in the second": [(a, b) => grad(sum, { argnums: 1 })(a, b), [1, 2], [3, 4]],
  jvp: [(a, b) => jvp(sum, [a], [b])[1], [1, 2], [3, 4]],
  vjp: [(a) => vjp(sd.square, a)[1]([3, 4] as never)[0], [1, 2]],
  hvp: [(a, b) => hvp((x: Tensor) => x.square().sum(), a, b), [1, 2], [3, 4]],
  vmap: [(a, b) => vmap(sum)(a, b), matrix, matrix],
  jit: [(a, b) => jit(sum)(a, b), [1, 2], [3, 4]],
  scan: [(a, b) => sd.scan((carry: Tensor, x: Tensor) => [carry.add(x), x], a, b)[0], [1], [[3], [4]]],
  checkpoint: [(a, b) => sd.checkpoint(sum)(a, b), [1, 2], [3, 4]],
};

describe("arrays go to the device of the tensors beside them", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  for (const [name, [f, ...args]] of Object.entries(calls)) {
    it(name, async () => {
      for (const [device, other] of [
        [cpu, gpu],
        [gpu, cpu],
      ]) {
        // prettier-ignore
        const wanted = await withDevice(device, () => f(...(args.map((a) => tensor(a as number[])) as never[])) as Tensor).array(); // prettier-ignore
        for (let i = 0; i < args.length; i++) {
          const there = withDevice(device, () => tensor(args[i] as number[]));
          const y = withDevice(
            other,
            () => f(...(args.map((a, j) => (i === j ? there : a)) as never[])) as Tensor,
          );
          expect(y.device, `argument ${i} on ${device.name}`).to.equal(device);
          const found = (await y.array()) as number[];
          const flat = (x: unknown): number[] => [x].flat(9).map(Number);
          flat(found).forEach((v, k) => expect(v).to.be.closeTo(flat(wanted)[k], 1e-5));
        }
      }
    });
  }

  it("of draws, beside their key", async () => {
    const key = withDevice(cpu, () => random.key(0));
    const draws = [
      random.uniform(key, [2], { minval: [0, 1], maxval: [1, 2] }),
      random.normal(key, [2], { mean: [0, 1], std: [1, 2] }),
      random.bernoulli(key, [2], { p: [0.1, 0.9] }),
      random.categorical(key, [2], { logits: [1, 2] }),
      nn.functional.dropout([1, 2], 0.5, key),
    ];
    for (const draw of draws) {
      expect(draw.device).to.equal(cpu);
      await draw.data();
    }
  });
});

describe("a tensor that was disposed of", () => {
  let all: Device[];
  before(async () => (all = await devices()));

  it("is one error wherever it is used", async () => {
    const message = "float tensor of shape [2] is used that was disposed of";
    const uses: Readonly<Record<string, (x: Tensor) => unknown>> = {
      read: (x) => x.data(),
      "read as an array": (x) => x.array(),
      shown: (x) => (x as unknown as Record<symbol, () => unknown>)[sd.displayKey](),
      added: (x) => x.add(1),
      "viewed and read": (x) => x.reshape([2, 1]).data(),
      differentiated: (x) => grad(sum)(x),
      jitted: (x) => (jit(sum)(x)).data(),
      mapped: (x) => vmap(sum)(x).data(),
      moved: (x) => x.to(cpu === x.device ? all[0] : cpu).data(),
      awaited: (x) => sd.blockUntilReady({ x }),
      "closed over": (x) => jit((y: Tensor) => y.add(x))(tensor([1, 2])).data(),
      "an operand": (x) => sd.stack([x, x]),
    }; // prettier-ignore
    for (const device of all) {
      await withDevice(device, async () => {
        for (const [name, use] of Object.entries(uses)) {
          for (const make of [() => tensor([1, 2]), () => tensor([1, 2]).mul(2)]) {
            for (const isRead of [false, true]) {
              const x = make();
              if (isRead) await x.data();
              x.dispose();
              x.dispose();
              const failure = await rejection((async () => await use(x))()); // prettier-ignore
              expect(failure.replace(/float(32|64)/, "float"), `${name} on ${device.name}`).to.contain(
                message,
              );
            }
          }
        }
      });
    }
  });

  it("is missed by what was not computed yet, but by nothing that was, not even a view of it", async () => {
    for (const device of all) {
      await withDevice(device, async () => {
        const x = tensor([1, 2, 3, 4]).mul(2);
        await x.data();
        const [view, late] = [x.reshape([2, 2]), x.add(1)];
        await view.data();
        x.dispose();
        expect(await view.array(), device.name).to.deep.equal([[2, 4], [6, 8]]); // prettier-ignore
        expect(await rejection(late.data())).to.contain("disposed of");
        // What is computed unasked, or beside another, leaves alone what can be computed no more.
        const kept = [x.shape.length, late.shape.length];
        let sum = tensor(0);
        for (let i = 0; i < 5000; i++) sum = sum.add(1);
        expect([await sum.item(), ...kept, late.ndim]).to.deep.equal([5000, 1, 1, 1]);
        const y = tensor([1]);
        const [gone, shared] = [tensor([2]).mul(2), y.mul(3)];
        await gone.data();
        const both = gone.add(shared);
        gone.dispose();
        expect(await shared.array()).to.deep.equal([3]);
        expect(await rejection(both.data())).to.contain("disposed of");
        expect(`${x.shape.join()} ${x.dtype}`).to.equal(`4 ${device.floatType}`);
      });
    }
  });
});

describe("sizes that no device can hold", () => {
  it("are refused where they are asked for, with shape and bytes", async () => {
    for (const device of await devices()) {
      withDevice(device, () => {
        const huge: readonly (readonly [string, () => unknown])[] = [
          ["ones", () => sd.ones([2 ** 20, 2 ** 20])],
          ["zeros", () => sd.zeros([1e9, 1e9])],
          ["full", () => sd.full([2 ** 45], 1)],
          ["eye", () => sd.eye(2 ** 22)],
          ["linspace", () => sd.linspace(0, 1, 2 ** 45)],
          ["broadcastTo", () => sd.broadcastTo([1], [2 ** 40])],
          ["arange", () => sd.arange(2 ** 45)],
          ["zeros", () => sd.zeros([2 ** 33], { dtype: "bool" })],
        ];
        for (const [name, make] of huge) {
          expect(make, `${name} on ${device.name}`).to.throw(
            sd.ArgumentError,
            /^\w+: \w+ of shape \[\d.*\] would take \d+ bytes, at most \d+( elements)? are to be had on /,
          );
        }
        for (const make of [
          () => sd.tile([1, 2], 2 ** 40),
          () => sd.repeat([1, 2], 2 ** 40),
          () => sd.outer(sd.arange(2 ** 20), sd.arange(2 ** 20)),
          () => sd.random.normal(sd.random.key(0), [2 ** 21, 2 ** 21]),
        ])
          expect(make).to.throw(sd.ArgumentError, /would take \d+ bytes/);
      });
    }
  });
});
