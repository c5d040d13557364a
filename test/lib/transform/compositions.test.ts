import { expect } from "chai";
import {
  cpu,
  devices,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  stopGradient,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
  withDevice,
  type Tensor,
} from "../../../lib";
import { expectClose, numbers } from "../../support/close";

const onCpu = <T>(f: () => T): T => withDevice(cpu, f);

describe("transformations nest", () => {
  it("grad of grad of grad", () =>
    onCpu(async () => {
      const third = grad(grad(grad((x: Tensor) => x.sin().mul(x.exp()))));
      // (sin x eˣ)‴ = 2 eˣ (cos x − sin x)
      const wanted = 2 * Math.exp(0.7) * (Math.cos(0.7) - Math.sin(0.7));
      await expectClose(third(0.7), wanted, 1e-12);
    }));

  const cubicSum = (x: Tensor): Tensor => x.mul(x).mul(x).sum();

  it("hessian of vmap, vmap of hessian, vmap of vmap of hessian", () =>
    onCpu(async () => {
      const rows = tensor([
        [1, 2],
        [3, 4],
      ]);
      const each = vmap(hessian(cubicSum))(rows);
      expect(await each.array()).to.deep.equal([
        [
          [6, 0],
          [0, 12],
        ],
        [
          [18, 0],
          [0, 24],
        ],
      ]);
      const twice = vmap(vmap(hessian(cubicSum)))(rows.expandDims(0));
      expect(await twice.array()).to.deep.equal([await each.array()]);
      const total = hessian((m: Tensor) => vmap(cubicSum)(m).sum())(rows);
      const wanted = [6, 12, 18, 24].flatMap((d, i) =>
        Array.from({ length: 4 }, (_, j) => (i === j ? d : 0)),
      );
      expect(await numbers(total)).to.deep.equal(wanted);
    }));

  it("jvp of vjp is hvp, whichever way a Hessian is made", () =>
    onCpu(async () => {
      const g = (x: Tensor): Tensor => x.square().mul(x.flip().exp()).sum();
      const [x, v] = [tensor([0.3, -0.8, 0.5]), tensor([1, 2, -1])];
      const pulled = (z: Tensor): Tensor => vjp(g, z)[1](tensor(1))[0];
      const along = await numbers(hvp(g, x, v));
      await expectClose(jvp(pulled, [x], [v])[1], along, 1e-12);
      await expectClose(linearize(grad(g), x)[1](v), along, 1e-12);
      const full = await numbers(hessian(g)(x));
      await expectClose(hessian(g)(x).matmul(v), along, 1e-12);
      await expectClose(jacrev(jacfwd(g))(x), full, 1e-12);
      await expectClose(jacrev(grad(g))(x), full, 1e-12);
      await expectClose(jacfwd(jacfwd(g))(x), full, 1e-12);
    }));

  it("grad of an hvp: third derivatives without a Hessian", () =>
    onCpu(async () => {
      const v = tensor([1, 2]);
      const curvature = grad((x: Tensor) => hvp(cubicSum, x, v).mul(v).sum());
      expect(await curvature([5, 7]).array()).to.deep.equal([6, 24]);
    }));

  it("on the device as in float64", async () => {
    await devices();
    const g = (x: Tensor): Tensor => x.square().mul(x.flip().exp()).sum();
    const f3 = (): Tensor =>
      vmap(hessian(g))(
        tensor([
          [0.3, -0.8],
          [0.1, 0.4],
        ]),
      );
    await expectClose(f3(), await numbers(onCpu(f3)), 1e-5);
  });
});

describe("perturbations are not confused", () => {
  it("in the traps of Siskind and Pearlmutter 2005", () =>
    onCpu(async () => {
      // d/dx (x · d/dy (x + y)) = 1, and 2 to those who confuse x and y.
      const sum = grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(1)));
      expect(await sum(1).item()).to.equal(1);
      const product = grad((x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(1)));
      expect(await product(3).item()).to.equal(6);
      const forward = (h: (x: Tensor) => Tensor, at: number): Tensor => jvp(h, [at], [1])[1];
      expect(await forward((x) => x.mul(forward((y) => x.add(y), 1)), 1).item()).to.equal(1);
      expect(await forward((x) => x.mul(grad((y: Tensor) => x.mul(y).mul(y))(2)), 3).item()).to.equal(24);
    }));

  it("under vmap of grad of a function that closes over the mapped argument", () =>
    onCpu(async () => {
      const each = vmap((x: Tensor) => grad((y: Tensor) => x.mul(y).mul(y))(x));
      expect(await each([1, 2, 3]).array()).to.deep.equal([2, 8, 18]);
    }));

  it("of values that were read before they are differentiated", () =>
    onCpu(async () => {
      const [y, back] = vjp((x: Tensor) => x.square().sin(), tensor([0.5]));
      await y.data();
      const before = await numbers(back(tensor([1]))[0]);
      expect(before[0]).to.be.closeTo(Math.cos(0.25), 1e-12);
    }));

  it("by stopGradient, through which nothing passes in any mode", () =>
    onCpu(async () => {
      const g = (x: Tensor): Tensor => x.mul(stopGradient(x)).sum();
      expect(await grad(g)([3]).array()).to.deep.equal([3]);
      expect(await jvp(g, [[3]], [[1]])[1].item()).to.equal(3);
      expect(await hessian(g)([3]).array()).to.deep.equal([[0]]);
    }));
});

describe("trees, argnums and hasAux", () => {
  it("give gradients of the arguments' structure, and pass the rest through", () =>
    onCpu(async () => {
      const loss = (p: { w: Tensor; b: Tensor[] }, x: Tensor) =>
        [p.w.mul(x).add(p.b[0]).square().sum(), { seen: x.mul(2), note: "kept" }] as const;
      const params = { w: tensor([1, 2]), b: [tensor(0.5)] };
      const run = valueAndGrad(loss, { hasAux: true });
      const [[value, aux], slope] = run(params, [3, 4]);
      expect(await value.item()).to.equal(3.5 ** 2 + 8.5 ** 2);
      expect(aux.note).to.equal("kept");
      expect(await aux.seen.array()).to.deep.equal([6, 8]);
      expect(await slope.w.array()).to.deep.equal([21, 68]);
      expect(await slope.b[0].item()).to.equal(24);
      const second = grad((a: Tensor, b: Tensor) => a.mul(b).sum(), { argnums: [1] })([1, 2], [3, 4]);
      expect(await second[0].array()).to.deep.equal([1, 2]);
    }));

  it("vmap takes axes by argument and by tree, and gives them back where one asks", () =>
    onCpu(async () => {
      const g = (p: { a: Tensor; b: Tensor }, s: Tensor): Tensor => p.a.mul(s).add(p.b);
      const run = vmap(g, { inAxes: [{ a: 1, b: null }, 0], outAxes: 1 });
      const out = run(
        {
          a: tensor([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          b: tensor([10, 20]),
        },
        tensor([1, 0, 2]),
      );
      expect(await out.array()).to.deep.equal([
        [11, 10, 16],
        [24, 20, 32],
      ]);
      expect(() => vmap(g, { inAxes: [0] })({ a: tensor([1]), b: tensor([1]) }, 1)).to.throw(
        "vmap: inAxes has 1 entries, the call 2 arguments",
      );
    }));
});

describe("jit", () => {
  it("keeps a program for each combination of shapes, dtypes, devices and static arguments", async () => {
    await devices();
    let calls = 0;
    const f = jit(
      (x: Tensor, n: number) => {
        calls++;
        return x.mul(n).sum();
      },
      { staticArgnums: 1 },
    );
    const [a, b] = [tensor([1, 2]), tensor([1, 2, 3])];
    expect([await f(a, 2).item(), await f(tensor([3, 4]), 2).item()]).to.deep.equal([6, 14]);
    expect(calls).to.equal(1);
    expect([await f(b, 2).item(), await f(a, 3).item()]).to.deep.equal([12, 9]);
    expect(calls).to.equal(3);
    expect(await f(a.astype("int32"), 2).item()).to.equal(6);
    expect(await onCpu(() => f(tensor([1, 2]).astype("int32"), 2)).item()).to.equal(6);
    expect(await f(a, 2).item()).to.equal(6);
    expect(calls).to.equal(5);
  });

  it("gives what the function gives, under and over other transformations", () =>
    onCpu(async () => {
      const g = (x: Tensor): Tensor => x.square().mul(x.flip().exp()).sum();
      const x = tensor([0.3, -0.8]);
      const wanted = await numbers(grad(g)(x));
      await expectClose(jit(grad(g))(x), wanted, 1e-12);
      await expectClose(grad(jit(g))(x), wanted, 1e-12);
      await expectClose(vmap(jit(grad(jit(g))))(x.expandDims(0)), wanted, 1e-12);
    }));

  it("tells apart what else a program depends on: NaN, undefined, functions of one text, names", () =>
    onCpu(async () => {
      const statically = jit((x: Tensor, n: unknown) => x.add(typeof n === "number" ? n : 5), {
        staticArgnums: 1,
      });
      const add = (n: unknown): Promise<number> => statically(tensor(1), n).item();
      expect([await add(NaN), await add(Infinity), await add(-Infinity)]).to.deep.equal([
        NaN,
        Infinity,
        -Infinity,
      ]);
      expect([await add([undefined]), await add([null]), await add(1)]).to.deep.equal([6, 6, 2]);
      const times = (n: number) => (x: Tensor) => x.mul(n);
      const applied = jit((tree: { f: (x: Tensor) => Tensor; x: Tensor }) => tree.f(tree.x));
      const [x, twice, thrice] = [tensor(2), times(2), times(3)];
      const of = (f: (x: Tensor) => Tensor): Promise<number> => applied({ f, x }).item();
      expect([await of(twice), await of(thrice), await of(twice)]).to.deep.equal([4, 6, 4]);
      const named = jit((tree: object) =>
        tensor(Object.keys(tree)[0] === "a" ? 1 : 2).add(Object.values(tree)[0] as Tensor),
      );
      expect([await named({ a: x }).item(), await named({ b: x }).item()]).to.deep.equal([3, 4]);
    }));

  it("takes what the function closes over as it is at the first call, and anew for each jit", async () => {
    for (const device of await devices()) {
      await withDevice(device, async () => {
        let weight = tensor([1, 2]).mul(1);
        let scale = 10;
        const f = (x: Tensor): Tensor => x.mul(weight).sum().mul(scale);
        const first = jit(f);
        expect(await first([1, 1]).item()).to.equal(30);
        weight = weight.add(1);
        scale = 100;
        expect(await first([1, 1]).item(), "as in JAX").to.equal(30);
        expect(await jit(f)([1, 1]).item()).to.equal(500);
        expect(await first([1, 2]).item()).to.equal(50);
      });
    }
  });

  it("refuses what it cannot key or record", () => {
    const f = jit((x: Tensor, _o: unknown) => x, { staticArgnums: 1 });
    expect(() => f(tensor([1]), () => 1)).to.throw(/static argument 1 must be a plain value/);
    expect(() => f(tensor([1]), [{ a: new Map() }])).to.throw(
      "static argument 1 must be a plain value, got a Map",
    );
    expect(() => jit((x: Tensor) => x, { staticArgnum: 1 } as never)).to.throw(
      'did you mean "staticArgnums"',
    );
  });
});
