import { expect } from "chai";
import fc from "fast-check";
import { cpu, curvature, linalg, tensor, withDevice, type Tensor } from "../../../lib";
import { expectClose, numbers, rejection } from "../../support/close";

/** A diagonal operator: what it makes of a basis is known exactly. */
const diagonal = (values: readonly number[]): linalg.LinearOperator => {
  const d = tensor([...values]);
  return { shape: [values.length, values.length], dtype: "float64", matvec: (v) => v.mul(d) };
};

const onCpu = (body: () => Promise<void>) => () => withDevice(cpu, body);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

async function expectValues(
  found: readonly number[],
  wanted: readonly number[],
  tolerance: number,
): Promise<void> {
  await expectClose(tensor([...found]), wanted, tolerance);
}

describe("topEigenpairs", () => {
  it(
    "finds every copy of multiple and nearly multiple eigenvalues, and none twice",
    onCpu(async () => {
      const spectra = [
        [5, 5, 5, 5, 3, 2, 1, 0, -1, -4, -4, -4],
        [1, 1 + 1e-10, 1 + 2e-10, 1 - 1e-10, ...range(300).map((i) => i / 400)],
        [...range(400).map((i) => Math.cos(i)), 7, 7, 7 + 1e-13],
        range(60).map(() => 2.5),
      ];
      for (const values of spectra) {
        const sorted = [...values].sort((a, b) => b - a);
        const found = await curvature.topEigenpairs(diagonal(values), { k: 6, tol: 1e-9, maxMatvecs: 5000 });
        expect(found.converged).to.equal(true);
        await expectValues(found.eigenvalues, sorted.slice(0, 6), 1e-12);
        const v = found.eigenvectors;
        await expectClose(
          v.transpose().matmul(v),
          range(36).map((i) => (i % 7 === 0 ? 1 : 0)),
          1e-7,
        );
      }
    }),
  );

  it(
    "finds both ends and the largest magnitudes, through restarts",
    onCpu(async () => {
      const values = range(1500).map((i) => i / 150 - 2);
      const both = await curvature.topEigenpairs(diagonal(values), {
        k: 3,
        which: "BE",
        maxMatvecs: 5000,
        tol: 1e-7,
      });
      expect(both.converged).to.equal(true);
      await expectValues(both.eigenvalues.slice(0, 3), values.slice(-3).reverse(), 1e-8);
      const clear = [...range(200).map((i) => i / 200), -9, 8, -7];
      const most = await curvature.topEigenpairs(diagonal(clear), { k: 3, which: "LM" });
      await expectValues(most.eigenvalues, [-9, 8, -7], 1e-8);
      expect(most.matvecs).to.be.below(200);
    }),
  );

  it(
    "agrees with the dense decomposition of any symmetric matrix",
    onCpu(async () => {
      const matrices = fc.integer({ min: 2, max: 12 }).chain((n) =>
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n }).map((data) => {
          const a = tensor(Float64Array.from(data), { shape: [n, n] });
          return a.add(a.transpose());
        }),
      );
      await fc.assert(
        fc.asyncProperty(matrices, fc.integer({ min: 0, max: 99 }), async (a, seed) => {
          const all = await numbers(linalg.eigvalsh(a));
          const k = Math.min(3, all.length);
          const found = await curvature.topEigenpairs(a, { k, which: "SA", seed, tol: 1e-10 });
          await expectValues(found.eigenvalues, all.slice(0, k), 1e-9);
        }),
        { numRuns: 40 },
      );
    }),
  );

  it(
    "stops where it is told to, with what is known and that it has not converged",
    onCpu(async () => {
      const values = range(800).map((i) => i / 800);
      const stop = new AbortController();
      let calls = 0;
      const callback = (): void => {
        if (++calls === 2) stop.abort();
      };
      const cut = await curvature.topEigenpairs(diagonal(values), { k: 2, signal: stop.signal, callback });
      expect(cut.converged).to.equal(false);
      expect(cut.eigenvalues).to.have.length(2);
      expect(cut.residuals[0]).to.be.above(1e-6);
      const short = await curvature.topEigenpairs(diagonal(values), { k: 2, maxMatvecs: 12 });
      expect(short.converged).to.equal(false);
      expect(short.matvecs).to.be.below(20);
    }),
  );

  it(
    "refuses what is no symmetric operator, and products that are not finite",
    onCpu(async () => {
      const { topEigenpairs } = curvature;
      expect(await rejection(topEigenpairs({} as never))).to.contain(
        "op must be a LinearOperator {shape, matvec} or a matrix",
      );
      expect(await rejection(topEigenpairs(tensor([[1, 2]])))).to.contain("op must be square, [n, n], got shape [1, 2]"); // prettier-ignore
      expect(await rejection(topEigenpairs(diagonal([1, 2]), { k: 3 }))).to.contain(
        "k must be at most n = 2, got 3",
      );
      expect(await rejection(topEigenpairs(diagonal([1, 2]), { which: "XX" as never }))).to.contain(
        "which must be one of LA",
      );
      expect(await rejection(topEigenpairs(diagonal([1, NaN])))).to.contain(
        "product 1 with the operator holds NaN",
      );
      const wrong = { shape: [3, 3], dtype: "float64", matvec: () => tensor([1]) } as const;
      expect(await rejection(topEigenpairs(wrong))).to.contain(
        "op.matvec must return a tensor of shape [3], got [1]",
      );
    }),
  );
});

describe("linalg's iterations", () => {
  it(
    "lanczos has no ghosts: after n steps the Ritz values are the eigenvalues, each once",
    onCpu(async () => {
      const values = range(120).map((i) => 1.1 ** i);
      const { ritzValues, weights, basis, alpha, beta } = await linalg.lanczos(diagonal(values), {
        steps: 120,
      });
      await expectValues(ritzValues, values, 1e-8);
      expect(weights.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
      await expectClose(basis.transpose().matmul(basis).sum(), [120], 1e-10);
      expect([alpha.length, beta.length]).to.deep.equal([120, 119]);
    }),
  );

  it(
    "lanczos ends where the space is invariant",
    onCpu(async () => {
      const { ritzValues } = await linalg.lanczos(diagonal([1, 2, 3, 4]), { start: tensor([1, 0, 1, 0]) });
      await expectValues(ritzValues, [1, 3], 1e-14);
    }),
  );

  it(
    "lobpcg finds as many copies as its block is wide",
    onCpu(async () => {
      const values = [9, 9, 8, ...range(150).map((i) => i / 150), -3];
      const top = await linalg.lobpcg(diagonal(values), { k: 3, tol: 1e-8 });
      expect(top.converged).to.equal(true);
      await expectValues(top.eigenvalues, [9, 9, 8], 1e-12);
      const low = await linalg.lobpcg(diagonal(values), { k: 1, which: "SA", tol: 1e-8 });
      await expectValues(low.eigenvalues, [-3], 1e-12);
    }),
  );

  it(
    "cg solves in as many iterations as there are distinct eigenvalues",
    onCpu(async () => {
      const a = diagonal([1, 1, 4, 4, 9]);
      const { x, converged, residuals } = await linalg.cg(a, tensor([1, 2, 4, 8, 9]), { tol: 1e-12 });
      await expectClose(x, [1, 2, 1, 2, 1], 1e-12);
      expect(converged).to.equal(true);
      expect(residuals).to.have.length(4);
    }),
  );

  it(
    "cg says when the operator is not positive definite",
    onCpu(async () => {
      const found = await linalg.cg(diagonal([1, -1]), tensor([1, 2]));
      expect(found.converged).to.equal(false);
      expect(found.message).to.match(/not positive definite: curvature -/);
    }),
  );

  it("works with vectors of the default device", async () => {
    const a: Tensor = tensor([[2, 1], [1, 2]]); // prettier-ignore
    const found = await curvature.topEigenpairs(a, { k: 2 });
    await expectValues(found.eigenvalues, [3, 1], 1e-5);
  });
});
