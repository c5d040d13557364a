import { expect } from "chai";
import { curvature, grad, jit } from "../../../lib";
import { digitsMlp, type Layer } from "../../support/digitsMlp";

describe("a network of a million parameters", () => {
  const { layers, loss, size } = digitsMlp(1000, 256);
  const op = curvature.hessianOperator(loss, layers);

  it("has at least a million parameters, and a Hessian-vector product at most four times a gradient's cost", async () => {
    expect(size).to.be.at.least(1_000_000);
    const gradient = jit((p: Layer[]) => grad(loss)(p));
    const product = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < 4; i++) {
        const start = performance.now();
        await work();
        if (i > 0) times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const first = await timed(async () => gradient(layers)[1].W.data());
    const second = await timed(() => op.multiply(product));
    expect(second / first).to.be.at.most(4);
  });

  it("gives its five largest and five smallest eigenvalues with residuals of at most 1e-3 λmax", async () => {
    const found = await curvature.topEigenpairs(op, { k: 5, which: "BE", tol: 1e-3, maxMatvecs: 400 });
    expect(found.converged).to.equal(true);
    expect(found.eigenvalues).to.have.length(10);
    const bound = 1e-3 * found.eigenvalues[0];
    for (const residual of found.residuals) expect(residual).to.be.at.most(bound);
  });

  it("gives its trace with an error, and its density", async () => {
    const { trace, standardError } = await curvature.trace(op, { samples: 12 });
    expect(standardError).to.be.within(1e-6, Math.abs(trace));
    const { density, grid } = await curvature.spectralDensity(op, { samples: 2, steps: 20 });
    expect(density.reduce((a, b) => a + b) * (grid[1] - grid[0])).to.be.closeTo(1, 1e-2);
  });
});
