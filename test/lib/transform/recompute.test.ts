import { expect } from "chai";
import {
  checkpoint,
  cpu,
  customVjp,
  devices,
  grad,
  hessian,
  jit,
  jvp,
  scan,
  tensor,
  vmap,
  withDevice,
  zeros,
  type Device,
  type Tensor,
} from "../../../lib";
import { canonicalize } from "../../../lib/graph/canonical";
import { makePlan } from "../../../lib/graph/plan";
import { adapters } from "../../support/targets";
import { expectClose, numbers } from "../../support/close";

const onCpu = <T>(f: () => T): T => withDevice(cpu, f);

describe("customVjp", () => {
  const clipped = customVjp(
    (x: Tensor) => x.mul(1),
    (x: Tensor) => [x.mul(1), null] as const,
    (_: null, ct: Tensor) => [ct.clip(-1, 1)] as const,
  );

  it("replaces the derivative, by any function of the cotangent", () =>
    onCpu(async () => {
      const f = (x: Tensor): Tensor => clipped(x).mul([5, 0.5, -7]).sum();
      expect(await grad(f)([1, 2, 3]).array()).to.deep.equal([1, 0.5, -1]);
      expect(await vmap(grad(f))([[1, 2, 3]]).array()).to.deep.equal([[1, 0.5, -1]]);
      expect(await jit(grad(f))([1, 2, 3]).array()).to.deep.equal([1, 0.5, -1]);
    }));

  /** x² y with its true derivative, to compare with the built-in one. */
  const squareTimes = customVjp(
    (x: Tensor, y: Tensor) => x.mul(x).mul(y),
    (x: Tensor, y: Tensor) => [x.mul(x).mul(y), { x, y }] as const,
    ({ x, y }: { x: Tensor; y: Tensor }, ct: Tensor) => [ct.mul(x).mul(2).mul(y), ct.mul(x).mul(x)] as const,
  );
  const cubic = (x: Tensor): Tensor => squareTimes(x, x.mul(3)).sum();

  it("nests in grad, hessian, jvp and vmap", () =>
    onCpu(async () => {
      expect(await grad(cubic)([1, 2]).array()).to.deep.equal([9, 36]);
      expect(await hessian(cubic)([1, 2]).array()).to.deep.equal([
        [18, 0],
        [0, 36],
      ]);
      expect(await jvp(cubic, [[1, 2]], [[1, 0]])[1].item()).to.equal(9);
      const third = grad((x: Tensor) => grad((z: Tensor) => grad(cubic)(z).sum())(x).sum());
      expect(await third([1, 2]).array()).to.deep.equal([18, 18]);
      expect(
        await vmap(hessian(cubic))([
          [1, 2],
          [3, 4],
        ]).array(),
      ).to.deep.equal([
        [
          [18, 0],
          [0, 36],
        ],
        [
          [54, 0],
          [0, 72],
        ],
      ]);
    }));

  it("gives bwd the cotangents of several results at once", () =>
    onCpu(async () => {
      const sinCos = customVjp(
        (x: Tensor) => [x.sin(), x.cos()],
        (x: Tensor) => [[x.sin(), x.cos()] as Tensor[], x] as const,
        (x: Tensor, [a, b]: Tensor[]) => [a.mul(x.cos()).sub(b.mul(x.sin()))] as const,
      );
      const f = (x: Tensor): Tensor => {
        const [s, c] = sinCos(x);
        return s.mul(c).sum();
      };
      await expectClose(grad(f)([0.3, 1]), [Math.cos(0.6), Math.cos(2)], 1e-12);
    }));

  it("refuses rules that do not fit, naming what it got", () => {
    const bad = (back: unknown) =>
      customVjp(
        (x: Tensor) => x,
        (x: Tensor) => [x.mul(2), null] as const,
        () => back as never,
      );
    const gradient = (back: unknown) => () => grad((x: Tensor) => bad(back)(x).sum())([1, 2]);
    expect(gradient(3)).to.throw(
      "customVjp: bwd must return an array of 1 cotangents, one an argument, got 3",
    );
    expect(gradient([[1, 2, 3]])).to.throw(/the cotangent of argument 0 must have shape \[2\], got \[3\]/);
    expect(() => customVjp(tensor, 1 as never, () => [] as never)).to.throw("fwd must be a function, got 1");
    const noPair = customVjp(
      (x: Tensor) => x,
      ((x: Tensor) => x) as never,
      () => [null] as never,
    );
    expect(() => noPair(tensor([1]))).to.throw(/fwd must return \[y, residuals\], got a Tensor/);
  });
});

describe("checkpoint", () => {
  const layer = (h: Tensor, w: Tensor): Tensor => h.matmul(w).tanh().mul(2).sin().add(h);
  const net =
    (wrapped: typeof layer, x: Tensor) =>
    (weights: Tensor[]): Tensor =>
      weights
        .reduce((h, w) => wrapped(h, w), x)
        .square()
        .mean();
  const weightsOf = (n: number, width: number): Tensor[] =>
    Array.from({ length: n }, (_, i) =>
      tensor(
        Float64Array.from({ length: width * width }, (_v, k) => Math.sin(k + i) / width),
        {
          shape: [width, width],
        },
      ),
    );

  it("changes neither values nor derivatives, under every transformation", () =>
    onCpu(async () => {
      const [weights, x] = [weightsOf(3, 2), tensor([[1, 2]])];
      const [plain, checked] = [net(layer, x), net(checkpoint(layer), x)];
      const first = [grad(plain)(weights), grad(checked)(weights)];
      for (const i of weights.keys()) await expectClose(first[1][i], await numbers(first[0][i]), 1e-14);
      const inX = (wrapped: typeof layer) => (z: Tensor) => net(wrapped, z)(weights);
      const wanted = hessian(inX(layer))(x);
      await expectClose(hessian(inX(checkpoint(layer)))(x), await numbers(wanted), 1e-14);
      const batch = tensor([[[1, 2]], [[3, 4]]]);
      const mapped = vmap(grad(inX(layer)))(batch);
      await expectClose(vmap(grad(inX(checkpoint(layer))))(batch), await numbers(mapped), 1e-14);
    }));

  it("follows what the function closes over", () =>
    onCpu(async () => {
      const [w] = weightsOf(1, 2);
      const twice = (wrap: (f: (h: Tensor) => Tensor) => (h: Tensor) => Tensor) => (v: Tensor) => {
        const f = wrap((h) => layer(h, v));
        return f(f(tensor([[1, 2]]))).sum();
      };
      const wanted = grad(twice((f) => f))(w);
      await expectClose(grad(twice(checkpoint as never))(w), await numbers(wanted), 1e-14);
    }));

  it("holds the layers' inputs alone until the backward pass", () => {
    const x = zeros([16_384, 8]).add(tensor(0.5));
    const weights = weightsOf(10, 8);
    const peak = (f: (w: Tensor[]) => Tensor): number => peakBytes(grad(f)(weights));
    const activations = 16_384 * 8 * 4;
    // The ten inputs and what one layer needs, against two tensors a layer.
    expect(peak(net(checkpoint(layer), x))).to.be.below(12 * activations);
    expect(peak(net(layer, x))).to.be.at.least(20 * activations);
  });
});

/** The most that the device holds at once while it computes `tensors`. */
function peakBytes(tensors: readonly Tensor[]): number {
  const { traits } = adapters["no-subgroups"];
  const graph = canonicalize(
    tensors.map((t) => t.node),
    traits,
  );
  const plan = makePlan(graph, { ...traits, maxInputs: 15 });
  let [live, peak] = [0, 0];
  for (const step of plan.steps) {
    live += plan.temporaries[step.output];
    peak = Math.max(peak, live);
    for (const t of step.releases) live -= plan.temporaries[t];
  }
  return peak;
}

describe("scan", () => {
  let all: Device[];
  before(async () => (all = await devices()));

  it("carries a state through the slices and stacks the results", async () => {
    for (const device of all) {
      await withDevice(device, async () => {
        const [total, sums] = scan((c: Tensor, x: Tensor) => [c.add(x), c.add(x)] as const, 0, [1, 2, 3, 4]);
        expect(await total.item()).to.equal(10);
        expect(await sums.array()).to.deep.equal([1, 3, 6, 10]);
      });
    }
  });

  it("walks backwards, over trees, or without slices", () =>
    onCpu(async () => {
      const add = (c: Tensor, x: Tensor) => [c.add(x), c] as const;
      expect(await scan(add, 0, [1, 2, 3], { reverse: true })[1].array()).to.deep.equal([5, 3, 0]);
      const pair = (c: { a: Tensor }, x: { u: Tensor; v: Tensor }) =>
        [{ a: c.a.add(x.u).mul(x.v) }, [x.u, c.a]] as const;
      const [{ a }, [u]] = scan(pair, { a: tensor(1) }, { u: tensor([1, 2]), v: tensor([3, 4]) });
      expect([await a.item(), await u.array()]).to.deep.equal([32, [1, 2]]);
      const [doubled] = scan((c: Tensor) => [c.mul(2), null] as const, 1, null, { length: 10 });
      expect(await doubled.item()).to.equal(1024);
    }));

  it("has derivatives in the state, the slices and what it closes over", () =>
    onCpu(async () => {
      const run = (w: Tensor, h: Tensor, xs: Tensor): Tensor =>
        scan((c: Tensor, x: Tensor) => [c.mul(w).add(x), c.square()] as const, h, xs)[1].sum();
      const [w, h, xs] = [0.5, 2, [1, 3, 0]];
      // y = h² + (wh + 1)² + (w(wh + 1) + 3)²
      const [a, b] = [w * h + 1, w * (w * h + 1) + 3];
      const gradients = grad(run, { argnums: [0, 1, 2] })(w, h, xs);
      await expectClose(gradients[0], [2 * a * h + 2 * b * (2 * w * h + 1)], 1e-12);
      await expectClose(gradients[1], [2 * h + 2 * a * w + 2 * b * w * w], 1e-12);
      await expectClose(gradients[2], [2 * a + 2 * b * w, 2 * b, 0], 1e-12);
    }));

  it("refuses a carry that changes, and slices that differ in number", () => {
    expect(() => scan((c: Tensor) => [c.expandDims(0), c] as const, 0, [1])).to.throw(
      /scan: f must return a carry like init, float32 \[\], got float32 \[1\]/,
    );
    expect(() => scan((c: Tensor) => c as never, 0, [1])).to.throw(/must return \[carry, y\], got a Tensor/);
    const both = { a: tensor([1, 2]), b: tensor([1]) };
    expect(() => scan((c: Tensor) => [c, c] as const, 0, both)).to.throw(
      /2 slices along axis 0, got shape \[1\]/,
    );
    expect(() => scan((c: Tensor) => [c, c] as const, 0, null)).to.throw("needs xs or the option length");
  });
});
