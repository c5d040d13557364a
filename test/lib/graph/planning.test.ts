import { expect } from "chai";
import {
  checkpoint,
  concatenate,
  conv2d,
  cpu,
  devices,
  grad,
  hvp,
  matmul,
  ones,
  stack,
  takeAlongAxis,
  tensor,
  topK,
  vmap,
  withDevice,
  type Device,
  type Tensor,
} from "../../../lib";
import { canonicalize } from "../../../lib/graph/canonical";
import { topological, type Node } from "../../../lib/graph/node";
import { makePlan } from "../../../lib/graph/plan";
import { wgslTarget } from "../../../lib/wgsl/target";
import { software } from "../../support/targets";
import { computedWith } from "../../../lib/tensor/pending";
import { traced } from "../../../lib/tensor/tensor";
import { expectClose, numbers } from "../../support/close";
import { countedGraph, countLooks, type Visits } from "../../support/visits";

const line = (n = 24): Tensor =>
  tensor(Float32Array.from({ length: n }, (_, i) => 1.5 * Math.sin(12.9898 * i)));
const square = (n = 6): Tensor => line(n * n).reshape([n, n]);
const permutation = (n = 24): Tensor =>
  tensor(
    Int32Array.from({ length: n }, (_, i) => (7 * i + 3) % n),
    { dtype: "int32" },
  );

function rounds(n: number, x: Tensor, f: (x: Tensor, round: number) => Tensor): Tensor {
  for (let i = 0; i < n; i++) x = f(x, i);
  return x;
}

/** Each x of the next round reads that of the last at more than one place. */
const diamonds = {
  "a matrix and its transpose": (n: number, x = square()) =>
    rounds(n, x, (x) => x.add(x.transpose()).mul(0.5)),
  "a line and its mirror image": (n: number, x = line()) => rounds(n, x, (x) => x.add(x.flip(-1).mul(0.5))),
  "two functions through two views": (n: number, x = square()) =>
    rounds(n, x, (x) => x.cos().transpose().add(x.sin().flip(0)).mul(0.4)),
  "elements that say where to read": (n: number, x = permutation()) => rounds(n, x, (x) => x.take(x)),
  "rows less their means": (n: number, x = square()) =>
    rounds(n, x, (x) => x.mul(1.01).sub(x.mean(-1, { keepdims: true }))),
  "a softmax and what it is of": (n: number, x = square()) =>
    rounds(n, x, (x) => x.softmax(-1).add(x.mul(0.1))),
};

const ladder = (n: number): Tensor[] => {
  let [a, b] = [line(), line()];
  for (let i = 0; i < n; i++) [a, b] = [a.add(b.flip(0)).mul(0.5), b.mul(a).mul(0.1)];
  return [a, b];
};

/** Views of views, each of which a kernel of its own reads. */
const caterpillar = (n: number): Tensor[] => {
  const read: Tensor[] = [];
  rounds(n, square(), (x) => {
    read.push(x.slice([0, 0], [2, 6]).exp());
    return x.transpose();
  });
  return read;
};

const webbed = (n: number): Tensor => {
  const xs = Array.from({ length: n }, () => line());
  return xs
    .map((x, i) => x.add(xs[(7 * i + 1) % n].flip(0)).add(xs[(5 * i + 2) % n]))
    .reduce((a, b) => a.mul(0.5).add(b.flip(0)));
};

type Step = (x: Tensor, y: Tensor) => Tensor;
const steps: readonly Step[] = [
  (x) => x.sin(),
  (x, y) => x.add(y).mul(0.5),
  (x, y) => x.mul(y),
  (x) => x.transpose(),
  (x) => x.flip(0),
  (x) => x.sub(x.mean(-1, { keepdims: true })),
  (x, y) => x.add(y.sum(0)),
  (x) => x.softmax(-1),
  (x, y) => matmul(x, y),
  (x) =>
    x
      .pad([
        [1, 0],
        [0, 0],
      ])
      .slice([0, 0], [6, 6]),
  (x) => x.transpose().reshape([4, 9]).transpose().reshape([6, 6]),
  (x) => x.take(tensor([5, 4, 3, 2, 1, 0], { dtype: "int32" }), 0),
  () => square(),
];

/** Steps of `kinds`, each on one of the last results and one of those a little further back. */
const random =
  (seed: number, kinds: number) =>
  (n: number): Tensor => {
    let state = seed;
    const below = (most: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * most);
    };
    const made = [square(), square()];
    const back = (most: number): Tensor => made[Math.max(0, made.length - 1 - below(most))];
    for (let i = 0; i < n; i++) made.push(steps[below(kinds)](back(6), back(40)));
    return made.reduce((a, b) => a.add(b));
  };

const graphs: Readonly<Record<string, (n: number) => Tensor | Tensor[]>> = {
  ...diamonds,
  "a ladder": ladder,
  "views of views": caterpillar,
  "views that split and join axes": (n) =>
    rounds(n, square(), (x) => x.transpose().reshape([4, 9]).transpose().reshape([6, 6])).mul(2),
  "views that pad and cut": (n) => rounds(n, line(), (x) => x.pad([[1, 0]]).slice([0], [24])).mul(2),
  "views that only pad": (n) => rounds(n, line(), (x) => x.pad([[1, 0]])).mul(2),
  "positions along one axis, then the other": (n) => {
    const at = tensor(
      Int32Array.from({ length: 36 }, (_, i) => (7 * i) % 6),
      { shape: [6, 6] },
    );
    return rounds(n, square(), (x, i) => takeAlongAxis(x, at, i % 2));
  },
  "sorting networks": (n) => rounds(n / 10, line(), (x) => x.sort().mul(0.9)),
  "the sum of many tensors": (n) => Array.from({ length: n }, () => line()).reduce((a, b) => a.add(b)),
  "sums of tensors that share them": webbed,
  "many functions of one tensor": (n) => {
    const x = line().mul(2).add(1).exp();
    return Array.from({ length: n }, (_, i) => x.mul(i).exp());
  },
  "many slices of one tensor": (n) =>
    Array.from({ length: n }, (_, i) => line().slice([i % 20], [(i % 20) + 4])).reduce((a, b) => a.add(b)),
  concatenation: (n) => concatenate(Array.from({ length: n }, () => line(3))),
  stacking: (n) => stack(Array.from({ length: n }, () => line(3))),
  convolutions: (n) =>
    rounds(n / 4, ones([1, 1, 6, 6]), (x) => conv2d(x.relu(), ones([1, 1, 3, 3]), { padding: 1 })),
  "a long chain": (n) => rounds(4 * n, line(), (x) => x.mul(1.1)),
  "a gradient through mirror images": (n) =>
    grad((x: Tensor) => rounds(n, x, (x) => x.sin().add(x.flip(-1))).sum())(line()),
  "a gradient through means": (n) =>
    grad((x: Tensor) => rounds(n, x, (x) => x.tanh().sub(x.mean(-1, { keepdims: true }))).sum())(square()),
  ...Object.fromEntries(
    [4, 5, 9, steps.length, steps.length].map((kinds, seed) => [
      `random steps of ${kinds} kinds, ${seed}`,
      random(seed + 1, kinds),
    ]),
  ),
};

/** The nodes of what `make` makes; tracing, so that no part is computed meanwhile. */
function nodesOf(make: () => Tensor | readonly Tensor[]): Node[] {
  const made = traced(() => withDevice(cpu, make));
  return (Array.isArray(made) ? (made as Tensor[]) : [made as Tensor]).map((t) => t.node);
}

/** What planning costs for each node, and the kernels' lengths. */
function planning(
  roots: readonly Node[],
  maxInputs: number,
): { visits: number; text: number; longest: number } {
  const visits: Visits = { count: 0 };
  const target = wgslTarget({ maxWorkgroups: 65_535, subgroupSize: 8, maxInputs, hasFloat16: true });
  const graph = canonicalize(roots, target.traits);
  const lengths = makePlan(countedGraph(graph, visits), target.traits).steps.map(
    ({ work, bindings }) => target.compile(work, bindings).code.length,
  );
  const n = graph.nodes.length;
  return {
    visits: visits.count / n,
    text: lengths.reduce((a, b) => a + b, 0) / n,
    longest: Math.max(...lengths),
  };
}

/**
 * A graph of four times the nodes may take this many times the work for each: kernels that are full take more than those
 * that a small graph leaves half empty. Where each node is looked at from each other it takes four times.
 */
const mostGrowth = 2.5;

describe("planning", () => {
  for (const [name, make] of Object.entries(graphs)) {
    it(`looks at each node as often in a large graph as in a small one, and writes as much for it: ${name}`, () => {
      for (const maxInputs of [4, 15]) {
        const [small, , large] = [100, 200, 400].map((n) =>
          planning(
            nodesOf(() => make(n)),
            maxInputs,
          ),
        );
        expect(large.visits).to.be.at.most(mostGrowth * small.visits);
        expect(large.text).to.be.at.most(mostGrowth * small.text);
        expect(large.longest).to.be.at.most(30_000);
      }
    });
  }

  it("looks at each node as often in a large graph as in a small one: numbering it", () => {
    const visitsOf = (roots: readonly Node[]): number => {
      const visits: Visits = { count: 0 };
      const nodes = topological(roots, (n) => n.storage !== undefined);
      countLooks(nodes, visits);
      canonicalize(roots, software.traits);
      return visits.count / nodes.length;
    };
    for (const make of [...Object.values(graphs), aliases]) {
      const [small, large] = [100, 400].map((n) => visitsOf(nodesOf(() => make(n))));
      expect(large).to.be.at.most(1.5 * small);
    }
  });

  it("looks at each node as often in a large graph as in a small one: choosing what to compute together", () => {
    const visitsOf = (n: number): number => {
      const visits: Visits = { count: 0 };
      return withDevice(cpu, () => {
        const base = rounds(n, line(), (x) => x.mul(1.01));
        const held = Array.from({ length: n }, (_, i) => base.add(i));
        const nodes = topological(
          held.map((t) => t.node),
          (node) => node.storage !== undefined,
        );
        countLooks(nodes, visits);
        expect(computedWith(held[0].node)).to.include.members(held.map((t) => t.node));
        return visits.count / nodes.length;
      });
    };
    expect(visitsOf(400)).to.be.at.most(1.5 * visitsOf(100));
  });
});

/** Names of names of values, each read by something. */
const aliases = (n: number): Tensor[] => {
  const read: Tensor[] = [];
  const same = checkpoint((x: Tensor) => x);
  rounds(n, line(), (x) => {
    read.push(x.exp());
    return same(x);
  });
  return read;
};

describe("a transformation", () => {
  const transformations: Readonly<Record<string, (f: (x: Tensor) => Tensor, x: Tensor) => Tensor>> = {
    grad: (f, x) => grad(f)(x),
    "grad of grad": (f, x) => grad((x: Tensor) => grad(f)(x).sum())(x),
    hvp: (f, x) => hvp(f, x, x),
    "vmap of grad": (f, x) => vmap(grad(f))(stack([x, x])),
    "grad of a checkpoint": (f, x) => grad((x: Tensor) => checkpoint(f)(x))(x),
  };

  for (const [name, transform] of Object.entries(transformations)) {
    it(`looks at each node as often in a large graph as in a small one: ${name}`, () => {
      const visitsOf = (n: number): number => {
        const visits: Visits = { count: 0 };
        let size = 0;
        const f = (x: Tensor): Tensor => {
          const y = rounds(n, x, (x) => x.sin().add(x.flip(-1)).mul(0.5)).sum();
          const nodes = topological([y.node], (node) => node.op === x.node.op);
          size += nodes.length;
          countLooks(nodes, visits);
          return y;
        };
        nodesOf(() => transform(f, line()));
        return visits.count / size;
      };
      expect(visitsOf(400)).to.be.at.most(1.5 * visitsOf(100));
    });
  }
});

describe("a program whose parts are needed at many places", () => {
  let gpu: Device;
  before(async () => ([gpu] = await devices()));

  const n = 5000;
  const programs: Readonly<Record<string, () => Tensor>> = {
    "positions that sort": () => line(n).argsort(0),
    "the greatest": () => topK(line(n), 64).indices,
    "the greatest of as many": () => topK(line(64), 64).indices,
    ...Object.fromEntries(
      Object.entries(diamonds).map(([name, diamond]) => {
        const given = {
          "a line and its mirror image": () => line(n),
          "elements that say where to read": () => permutation(n),
        }[name];
        return [name, () => diamond(60, given?.() ?? square(70))];
      }),
    ),
  };

  for (const [name, program] of Object.entries(programs)) {
    it(`has the value on a GPU that it has in float64: ${name}`, async () => {
      const [found, exact] = [gpu, cpu].map((device) => withDevice(device, program));
      await expectClose(found, await numbers(exact), 1e-4);
    });
  }
});
