import { expect } from "chai";
import fc from "fast-check";
import {
  cpu,
  eye,
  grad,
  hessian,
  jacfwd,
  linalg,
  tensor,
  vjp,
  vmap,
  withDevice,
  type Tensor,
} from "../../../lib";
import golden from "../../golden/ops.json";
import { expectClose, numbers, rejection } from "../../support/close";

interface Values {
  shape: number[];
  data: number[];
}

const functions: Record<string, (...inputs: Tensor[]) => Tensor> = {
  inv: linalg.inv,
  det: linalg.det,
  solve: linalg.solve,
  cholesky: linalg.cholesky,
  eigvalsh: linalg.eigvalsh,
  svdvals: linalg.svdvals,
};

const read = ({ shape, data }: Values): Tensor => tensor(Float64Array.from(data), { shape });

/** Symmetric matrices with entries of a few magnitudes. */
const symmetricMatrices = fc.integer({ min: 1, max: 8 }).chain((n) =>
  fc.array(fc.integer({ min: -160, max: 160 }), { minLength: n * n, maxLength: n * n }).map((data) => {
    const x = tensor(
      Float64Array.from(data, (k) => k / 16),
      { shape: [n, n] },
    );
    return x.add(x.transpose()).mul(0.5);
  }),
);

const matrices = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([m, n]) =>
  fc.array(fc.integer({ min: -160, max: 160 }), { minLength: m * n, maxLength: m * n }).map((data) =>
    tensor(
      Float64Array.from(data, (k) => k / 16),
      { shape: [m, n] },
    ),
  ),
);

const onCpu = (body: () => Promise<void>) => () => withDevice(cpu, body);

describe("linalg", () => {
  for (const { op, inputs, out, cotangent, grads, tangents, second } of golden.filter(
    (c) => c.op in functions,
  )) {
    it(
      `${op} has PyTorch's value and derivatives`,
      onCpu(async () => {
        const f = functions[op];
        const given = inputs.map(read);
        const [y, pullback] = vjp(f, ...(given as [Tensor]));
        await expectClose(y, out.data, 1e-8);
        const ct = read(cotangent);
        for (const [i, g] of pullback(ct).entries()) await expectClose(g, grads[i].data, 1e-8);
        if (tangents === undefined || second === undefined) return;
        const along = tangents.map(read);
        const slope = (...xs: Tensor[]): Tensor =>
          vjp(f, ...(xs as [Tensor]))[1](ct)
            .map((g, i) => g.mul(along[i]).sum())
            .reduce((a, b) => a.add(b));
        const found = grad(slope, { argnums: given.map((_, i) => i) })(...(given as [Tensor]));
        for (const [i, g] of found.entries()) await expectClose(g, second[i].data, 1e-7);
      }),
    );
  }

  it(
    "eigh gives orthonormal eigenvectors to rounding, eigenvalues ascending",
    onCpu(async () => {
      await fc.assert(
        fc.asyncProperty(symmetricMatrices, async (a) => {
          const [w, v] = linalg.eigh(a);
          const scale = Math.max(1, ...(await numbers(w)).map(Math.abs));
          await expectClose(a.matmul(v).sub(v.mul(w)), 0, 1e-13 * 10 * scale);
          await expectClose(v.transpose().matmul(v).sub(eye(a.shape[0])), 0, 1e-13);
          const values = await numbers(w);
          expect(values).to.deep.equal([...values].sort((x, y) => x - y));
        }),
        { numRuns: 50 },
      );
    }),
  );

  it(
    "svd, qr and pinv reproduce any matrix",
    onCpu(async () => {
      await fc.assert(
        fc.asyncProperty(matrices, async (a) => {
          const { u, s, vt } = linalg.svd(a);
          await expectClose(u.mul(s).matmul(vt).sub(a), 0, 1e-12);
          const { q, r } = linalg.qr(a);
          await expectClose(q.matmul(r).sub(a), 0, 1e-12);
          await expectClose(a.matmul(linalg.pinv(a)).matmul(a).sub(a), 0, 1e-7);
        }),
        { numRuns: 50 },
      );
    }),
  );

  it(
    "works over leading axes, and broadcasts those of solve",
    onCpu(async () => {
      const a = tensor([[[2, 0], [0, 4]], [[1, 1], [0, 1]]]); // prettier-ignore
      await expectClose(linalg.det(a), [8, 1], 0);
      await expectClose(linalg.eigvalsh(a), [2, 4, 0.5, 1.5], 1e-15);
      await expectClose(linalg.solve(a, tensor([2, 4])), [1, 1, -2, 4], 1e-15);
      await expectClose(vmap(linalg.det)(a), [8, 1], 0);
      expect(linalg.inv(tensor(new Float64Array(0), { shape: [0, 0] })).shape).to.deep.equal([0, 0]);
    }),
  );

  it(
    "differentiates what QR, SVD and eigenvectors give, as differences do",
    onCpu(async () => {
      const a = tensor([[1, 2, -1], [0.5, -1, 3], [2, 0.3, 1], [0.2, 0.1, -0.7]]); // prettier-ignore
      const s = tensor([[2, 1, 0.3], [1, -1, 0.5], [0.3, 0.5, 4]]); // prettier-ignore
      const weight = tensor([0.3, -1, 2]);
      const functionsOfMatrices: [Tensor, (x: Tensor) => Tensor][] = [
        [a, (x) => linalg.qr(x).r.mul(weight).sin().sum()],
        [a, (x) => linalg.qr(x).q.square().mul(weight).sum()],
        [a, (x) => linalg.svd(x).u.square().mul(weight).sum()],
        [a.transpose(), (x) => linalg.svd(x).vt.transpose().square().mul(weight).sum()],
        [s, (x) => linalg.eigh(x).eigenvectors.square().mul(weight).sum()],
        [a, (x) => linalg.pinv(x).mul(weight.expandDims(1)).square().sum()],
        [s, (x) => linalg.slogdet(x).logabsdet],
        [s, (x) => linalg.cond(x)],
        [s, (x) => linalg.norm(x, "nuc").add(linalg.norm(x, 2)).add(linalg.norm(x))],
      ];
      for (const [x, f] of functionsOfMatrices) {
        const direction = x.add(0.3).sin();
        const step = 1e-5;
        const slope = f(x.add(direction.mul(step)))
          .sub(f(x.sub(direction.mul(step))))
          .div(2 * step);
        await expectClose(grad(f)(x).mul(direction).sum(), await numbers(slope), 1e-8);
      }
    }),
  );

  it(
    "differentiates eigenvalues that coincide, and says where eigenvectors have no derivative",
    onCpu(async () => {
      const weights = tensor([1, 2, 3]);
      await expectClose(
        grad((x: Tensor) => linalg.eigvalsh(x).sum())(eye(3)),
        [1, 0, 0, 0, 1, 0, 0, 0, 1],
        1e-15,
      );
      const vectors = grad((x: Tensor) => linalg.eigh(x).eigenvectors.mul(weights).sum())(eye(3));
      expect(await rejection(vectors.data())).to.match(/vectors\) 0 and 1 belong to values that coincide/);
      const curvature = hessian((x: Tensor) => linalg.eigvalsh(x).mul(weights).sum())(eye(3));
      expect(await rejection(curvature.data())).to.match(/vectors\) 0 and 1 belong to values that coincide/);
    }),
  );

  it(
    "differentiates singular values that coincide or vanish, and says where singular vectors have no derivative",
    onCpu(async () => {
      const nuclear = (x: Tensor): Tensor => linalg.svdvals(x).sum();
      await expectClose(grad(nuclear)(eye(2).mul(3)), [1, 0, 0, 1], 1e-15);
      const thin = tensor([[1, 1], [1, 1], [1, 1]]); // prettier-ignore
      const left = (x: Tensor): Tensor =>
        linalg
          .svd(x)
          .u.square()
          .mul(tensor([1, 2]))
          .sum();
      expect((await numbers(grad(nuclear)(thin))).every(Number.isFinite)).to.equal(true);
      expect(await rejection(grad(left)(thin).data())).to.match(/singular vectors 1 belong to the value 0/);
      expect(await rejection(grad(left)(eye(2)).data())).to.match(/0 and 1 belong to values that coincide/);
    }),
  );

  it(
    "differentiates a spectrum with a coinciding pair as differences of functions of the matrix do",
    onCpu(async () => {
      // tr eˣ and log det are smooth functions of the matrix wherever eigenvalues coincide.
      const s = tensor([[2, 0, 0], [0, 2, 0], [0, 0, 5]]); // prettier-ignore
      const direction = tensor([[0.3, 1, -0.2], [1, -0.5, 0.4], [-0.2, 0.4, 0.1]]); // prettier-ignore
      for (const f of [
        (x: Tensor) => linalg.eigvalsh(x).exp().sum(),
        (x: Tensor) => linalg.eigvalsh(x).log().sum(),
        (x: Tensor) => linalg.cholesky(x).take([0, 4, 8]).log().sum(),
        (x: Tensor) => linalg.svdvals(x).square().sum(),
      ]) {
        const at = (t: number): Tensor => f(s.add(direction.mul(t)));
        const slope = at(1e-5).sub(at(-1e-5)).div(2e-5);
        await expectClose(grad(f)(s).mul(direction).sum(), await numbers(slope), 1e-8);
      }
    }),
  );

  it(
    "differentiates the determinant of a singular matrix",
    onCpu(async () => {
      const a = tensor([[1, 2], [2, 4]]); // prettier-ignore
      await expectClose(grad((x: Tensor) => linalg.det(x))(a), [4, -2, -2, 1], 1e-14);
      await expectClose(hessian((x: Tensor) => linalg.det(x))(tensor([[3, 1], [1, 2]])), [0,0,0,1, 0,0,-1,0, 0,-1,0,0, 1,0,0,0], 1e-13); // prettier-ignore
      const [sign, log] = linalg.slogdet(tensor([[0, 1e200], [1e200, 0]])); // prettier-ignore
      await expectClose(sign, [-1], 0);
      await expectClose(log, [400 * Math.LN10], 1e-12);
    }),
  );

  it(
    "differentiates determinants to third order at matrices of every rank, as Leibniz's sum over permutations has it",
    onCpu(async () => {
      const permutations = (n: number): number[][] =>
        n === 0 ? [[]] : permutations(n - 1).flatMap((p) => p.concat(n - 1).map((_, i) => [...p.slice(0, i), n - 1, ...p.slice(i)])); // prettier-ignore
      const sign = (p: readonly number[]): number =>
        p.reduce((s, x, i) => p.slice(i).reduce((t, y) => (y < x ? -t : t), s), 1);
      /** Along the elements `at` (row-major), of which each permutation may have all or else does not count. */
      const derivative = (a: readonly number[], n: number, at: readonly number[]): number =>
        permutations(n).reduce((total, p) => {
          const has = at.every((k, i) => p[Math.floor(k / n)] === k % n && at.indexOf(k) === i);
          const others = p.map((j, i) => i * n + j).filter((k) => !at.includes(k));
          return total + (has ? others.reduce((product, k) => product * a[k], sign(p)) : 0);
        }, 0);
      const det = (x: Tensor): Tensor => linalg.det(x);
      for (const n of [1, 2, 3, 4]) {
        for (let rank = 0; rank <= n; rank++) {
          // A product of [n, rank] and [rank, n], whole numbers both.
          const a = Array.from({ length: n * n }, (_, k) =>
            Array.from({ length: rank }, (_, r) => (((k % n) * 5 + r * 3 + 1) % 7) - 3)
              .reduce((sum, v, r) => sum + v * (((Math.floor(k / n) * 2 + r * r * 3) % 5) - 2), 0)); // prettier-ignore
          const x = tensor(Float64Array.from(a), { shape: [n, n] });
          const places = a.map((_, k) => k);
          const first = places.map((k) => derivative(a, n, [k]));
          const second = places.flatMap((k) => places.map((l) => derivative(a, n, [k, l])));
          await expectClose(grad(det)(x), first, 1e-11);
          await expectClose(hessian(det)(x), second, 1e-11);
          if (n > 3) continue;
          const third = places.flatMap((k) => places.flatMap((l) => places.map((m) => derivative(a, n, [k, l, m])))); // prettier-ignore
          await expectClose(jacfwd(hessian(det))(x), third, 1e-10);
        }
      }
    }),
  );

  it(
    "refuses the derivative of slogdet at a singular matrix by its own name",
    onCpu(async () => {
      const slope = grad((x: Tensor) => linalg.slogdet(x).logabsdet)(tensor([[1, 2], [2, 4]])); // prettier-ignore
      expect(await rejection(slope.data())).to.contain("the derivative of slogdet: the matrix is singular");
    }),
  );

  it(
    "knows the condition numbers of Hilbert's matrices",
    onCpu(async () => {
      const hilbert = (n: number): Tensor =>
        tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 1 / (i + j + 1))));
      await expectClose(linalg.cond(hilbert(3)), [524.056778], 1e-9);
      await expectClose(linalg.cond(hilbert(5)), [476607.250243], 1e-9);
      await expectClose(linalg.cond(hilbert(8)), [1.52575757e10], 1e-7);
      await expectClose(linalg.cond(tensor([[1, 0], [0, 0]])), [Infinity], 0); // prettier-ignore
      await expectClose(linalg.matrixRank(tensor([[1, 2], [2, 4]])), [1], 0); // prettier-ignore
    }),
  );

  it(
    "computes NumPy's norms",
    onCpu(async () => {
      const a = tensor([[3, -4], [0, 5]]); // prettier-ignore
      for (const [ord, value] of [
        [undefined, Math.sqrt(50)],
        ["fro", Math.sqrt(50)],
        [1, 9],
        [-1, 3],
        [Infinity, 7],
        [-Infinity, 5],
        [2, Math.sqrt(45)],
        [-2, Math.sqrt(5)],
        ["nuc", Math.sqrt(80)],
      ] as const) {
        await expectClose(linalg.norm(a, ord), [value], 1e-13);
      }
      await expectClose(linalg.norm(a, 1, { axis: 0 }), [3, 9], 0);
      expect(linalg.norm(a, "nuc", { keepdims: true }).shape).to.deep.equal([1, 1]);
    }),
  );

  it(
    "refuses what has no answer, naming what it got",
    onCpu(async () => {
      expect(() => linalg.eigvalsh(tensor([1, 2]))).to.throw(
        "eigvalsh: a must be a matrix [m, n] or a batch of them [..., m, n], got shape [2]",
      );
      expect(() => linalg.inv(tensor([[1, 2]]))).to.throw(
        "inv: a must be square matrices [..., n, n], got shape [1, 2]",
      );
      expect(() => linalg.solve(eye(2), tensor([1, 2, 3]))).to.throw("b must have shape [2]");
      expect(() => linalg.norm(eye(2), "nuk" as never)).to.throw('ord must be one of "fro"');
      const messages: [Tensor, RegExp][] = [
        [linalg.solve(tensor([[1, 2], [2, 4]]), tensor([1, 1])), /singular/], // prettier-ignore
        [linalg.cholesky(tensor([[1, 2], [2, 1]])), /not positive definite, its least eigenvalue is -1/], // prettier-ignore
        [linalg.eigvalsh(tensor([[NaN]])), /eigvalsh: the matrix has NaN at \[0, 0\]/],
      ];
      for (const [value, wanted] of messages) {
        expect(await rejection(value.data())).to.match(wanted);
      }
    }),
  );

  it("takes part in expressions of the default device", async () => {
    const f = (x: Tensor): Tensor => linalg.inv(x.mul(2)).sum();
    const x = tensor([[2, 0], [0, 4]]); // prettier-ignore
    await expectClose(f(x), [0.375], 1e-6);
    await expectClose(grad(f)(x), [-0.125, -0.0625, -0.0625, -0.03125], 1e-6);
  });
});
