import { expect } from "chai";
import * as sd from "../../../lib";
import {
  augment,
  grad,
  hvp,
  jit,
  linalg,
  nn,
  optim,
  parallel,
  random,
  tensor,
  vmap,
  type Tensor,
} from "../../../lib";

type AnyFunction = (...args: unknown[]) => unknown;

const matrix = [[1, 2], [3, 4]]; // prettier-ignore
const key = random.key(0);
const image = sd.ones([1, 1, 4, 4]);
const images = sd.ones([2, 3, 8, 8]);
const total = (x: Tensor): Tensor => x.sum();
const sumOf = (...x: Tensor[]): Tensor => x.reduce((a, b) => a.add(b)).sum();

/** Calls that are right, whose arrays are to have no holes. */
const calls: Readonly<Record<string, (f: (value: unknown) => never) => unknown>> = {
  tensor: (hole) => tensor(hole([1, 2])),
  "tensor, nested": (hole) => tensor(hole(matrix)),
  "tensor's shape": (hole) => tensor([1, 2], { shape: hole([1, 2]) }),
  ones: (hole) => sd.ones(hole([2, 3])),
  full: (hole) => sd.full(hole([2, 3]), 1),
  reshape: (hole) => sd.reshape(matrix, hole([-1, 2])),
  broadcastTo: (hole) => sd.broadcastTo([1, 2], hole([2, 2])),
  transpose: (hole) => sd.transpose(matrix, hole([1, 0])),
  slice: (hole) => sd.slice(matrix, hole([0, 0]), [1, 1]),
  "slice's ends": (hole) => sd.slice(matrix, [0, 0], hole([1, 1])),
  "slice's steps": (hole) => sd.slice(matrix, [0, 0], [1, 1], hole([1, 1])),
  pad: (hole) => sd.pad(matrix, hole([[1, 1], [0, 1]])), // prettier-ignore
  tile: (hole) => sd.tile(matrix, hole([1, 2])),
  split: (hole) => sd.split([1, 2, 3], hole([1, 2])),
  flip: (hole) => sd.flip(matrix, hole([0, 1])),
  squeeze: (hole) => sd.squeeze([[1]], hole([0, 1])),
  concatenate: (hole) => sd.concatenate(hole([[1], [2]])),
  stack: (hole) => sd.stack(hole([1, 2])),
  sum: (hole) => sd.sum(matrix, hole([0, 1])),
  variance: (hole) => sd.variance(matrix, hole([0, 1])),
  take: (hole) => sd.take([1, 2, 3], hole([0, 1])),
  scatterAdd: (hole) => sd.scatterAdd([1, 2, 3], [0, 1], hole([5, 6])),
  add: (hole) => sd.add([1, 2], hole([1, 2])),
  where: (hole) => sd.where(hole([true, false]), 1, 2),
  conv2d: (hole) => sd.conv2d(image, sd.ones([1, 1, 2, 2]), { stride: hole([1, 1]) }),
  "conv2d's padding": (hole) => sd.conv2d(image, sd.ones([1, 1, 2, 2]), { padding: hole([[1, 1], [0, 0]]) }), // prettier-ignore
  maxPool2d: (hole) => sd.maxPool2d(image, { kernel: hole([2, 2]) }),
  "random.normal": (hole) => random.normal(key, hole([2, 2])),
  "grad's argnums": (hole) => grad(sumOf, { argnums: hole([0, 1]) })(1, 2),
  "a tree": (hole) => grad(({ w }: { w: Tensor[] }) => sumOf(...w))({ w: hole([tensor(1), tensor(2)]) }),
  "vmap's tree": (hole) => vmap((list: Tensor[]) => sumOf(...list))(hole([tensor([1]), tensor([2])])),
  "hvp's direction": (hole) => hvp(total, tensor([1, 2]), hole([1, 2])),
  "jit's static arguments": (hole) => jit(sumOf, { staticArgnums: hole([0, 1]) })(tensor(1), tensor(1)),
  piecewiseConstant: (hole) => optim.piecewiseConstant(hole([1, 3]), [1, 2, 3]),
  "piecewiseConstant's values": (hole) => optim.piecewiseConstant([1, 3], hole([1, 2, 3])),
  chain: (hole) => optim.chain(...(hole([optim.sgd(), optim.sgd()]) as optim.Optimizer[])),
  betas: (hole) => optim.adam({ betas: hole([0.9, 0.99]) }),
  "nn.conv2d": (hole) => nn.conv2d(2, hole([2, 2])),
  sequential: (hole) => nn.sequential(hole([nn.relu(), nn.relu()])),
  mlp: (hole) => nn.models.mlp(hole([2, 2])),
  "linalg.norm": (hole) => linalg.norm(matrix, 2, { axis: hole([0, 1]) }),
  crop: (hole) => augment.functional.resize(images, hole([2, 2])),
  normalize: (hole) => augment.functional.normalize(images, hole([0, 0, 0]), 1),
  multiScaleCrops: (hole) => augment.multiScaleCrops(images, { scales: hole([8, 9]), size: 8 }),
  compose: (hole) => augment.compose(hole([augment.randomHorizontalFlip(), augment.randomVerticalFlip()])),
  randomScaleJitter: (hole) => augment.randomScaleJitter(4, { range: hole([4, 8]) }),
  ringAllReduce: (hole) => parallel.ringAllReduce(hole([[1, 2], [3, 4]])), // prettier-ignore
  shard: (hole) => parallel.shard({ x: hole([tensor([1]), tensor([2])]) }),
};

/** Every array within `value`, replaced in turn by itself without one of its elements. */
function* withHoles(value: unknown): Generator {
  if (!Array.isArray(value)) return;
  const list = value as unknown[];
  for (let i = 0; i < list.length; i++) {
    const sparse = new Array<unknown>(list.length);
    list.forEach((x, j) => j !== i && (sparse[j] = x));
    yield sparse;
    for (const inner of withHoles(list[i])) yield list.map((x, j) => (i === j ? inner : x));
  }
}

describe("arrays", () => {
  for (const [name, call] of Object.entries(calls)) {
    it(`are refused where they have holes: ${name}`, () => {
      let given: unknown;
      call((value) => (given = value) as never);
      for (const sparse of withHoles(given)) {
        expect(() => call(() => sparse as never), JSON.stringify(sparse)).to.throw(sd.ArgumentError);
      }
    });
  }

  const itself: unknown[] = [];
  itself.push(itself);
  const second: unknown[] = [1];
  second.push(second);
  const object: Record<string, unknown> = { w: tensor(1) };
  object.deep = [object];
  const inside = [[tensor(1), itself]];

  for (const [name, f] of Object.entries<AnyFunction>({
    tensor: (x) => tensor(x as never),
    add: (x) => sd.add(1, x as never),
    take: (x) => sd.take([1, 2], x as never),
    stack: (x) => sd.stack([1, x as never]),
    full: (x) => sd.full(x as never, 1),
    grad: (x) => grad(total)(x as never),
    vmap: (x) => vmap(total)(x as never),
    jit: (x) => jit(total)(x as never),
    "jit's static": (x) => jit(sumOf as AnyFunction, { staticArgnums: 1 })(tensor(1), x),
    "optim.init": (x) => optim.sgd({ momentum: 0.9 }).init(x),
    shard: (x) => parallel.shard(x === second ? [itself] : x),
    crossEntropy: (x) => nn.functional.crossEntropy([[1, 2]], x as never),
  })) {
    it(`are refused where they contain themselves: ${name}`, () => {
      for (const value of [itself, second, object, inside]) expect(() => f(value)).to.throw(sd.ArgumentError);
    });
  }

  it("may hold one value twice", async () => {
    const x = tensor(3);
    const slope = grad(({ a, b }: { a: Tensor; b: Tensor[] }) => a.mul(b[0]).mul(b[1]))({ a: x, b: [x, x] });
    expect([await slope.a.item(), await slope.b[1].item()]).to.deep.equal([9, 9]);
    const row = [1, 2];
    expect(await tensor([row, row]).array()).to.deep.equal([row, row]);
  });
});
