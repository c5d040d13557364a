import { expect } from "chai";
import {
  cpu,
  curvature,
  data,
  linalg,
  nn,
  random,
  tensor,
  withDevice,
  zeros,
  type Tensor,
} from "../../../lib";
import { digitsMlp } from "../../support/digitsMlp";
import { expectClose, numbers, rejection } from "../../support/close";
import {
  hilbert,
  himmelblau,
  mlp,
  mlpOutputs,
  rosenbrock,
  type MlpParameters,
} from "../../support/functions";

const onCpu = (body: () => Promise<void>) => () => withDevice(cpu, body);

describe("curvature on known functions", () => {
  it(
    "has Rosenbrock's spectrum and condition number",
    onCpu(async () => {
      const { eigenvalues } = await curvature.spectrum(rosenbrock, tensor([1, 1]));
      await expectClose(tensor(eigenvalues), [0.3993607675, 1001.600639233], 1e-9);
      const { kappa, effective, exact } = await curvature.conditionNumber(rosenbrock, tensor([1, 1]));
      expect(kappa).to.be.closeTo(2508.009601277, 1e-6);
      expect([effective, exact]).to.deep.equal([kappa, true]);
      const sharp = await curvature.sharpness(rosenbrock, tensor([1, 1]));
      expect(sharp.maxLearningRate).to.be.closeTo(0.001996804, 1e-9);
      const away = await curvature.spectrum(rosenbrock, tensor([-1.2, 1]));
      await expectClose(tensor(away.eigenvalues), [23.63301935, 1506.36698065], 1e-9);
    }),
  );

  it(
    "tells Himmelblau's points apart",
    onCpu(async () => {
      const points: [number[], string, number, number[]][] = [
        [[3, 2], "minimum", 0, [25.715729, 82.284271]],
        [[-0.270844591, -0.923038556], "maximum", 2, [-45.605229, -16.06602]],
        [[3.385154184, 0.07385188], "saddle", 1, [-14.135178, 97.547878]],
        [[0.086677505, 2.884254701], "saddle", 1, [-31.706622, 75.507609]],
      ];
      for (const [at, kind, index, eigenvalues] of points) {
        const found = await curvature.classify(himmelblau, tensor(at));
        expect([found.kind, found.index]).to.deep.equal([kind, index]);
        await expectClose(tensor(found.eigenvalues), eigenvalues, 1e-7);
      }
      const off = await curvature.classify(himmelblau, tensor([0, 0]));
      expect(off.kind).to.equal("not critical");
      expect(off.reason).to.contain("‖g‖ = 26.0768 is above 0.000001");
    }),
  );

  it(
    "calls flat directions degenerate, and κ infinite",
    onCpu(async () => {
      const monkey = (p: Tensor): Tensor => {
        const [x, y] = [p.take(0), p.take(1)];
        return x.pow(3).sub(x.mul(y).mul(y).mul(3));
      };
      expect((await curvature.classify(monkey, tensor([0, 0]))).kind).to.equal("degenerate");
      const { eigenvalues } = await curvature.spectrum(monkey, tensor([0.6, 0.8]));
      await expectClose(tensor(eigenvalues), [-6, 6], 1e-12);
      const linear = (w: Tensor): Tensor => w.prod().sub(1).square().mul(0.5);
      const saddle = await curvature.classify(linear, tensor([0, 0]));
      expect(saddle.kind).to.equal("saddle");
      await expectClose(tensor(saddle.eigenvalues), [-1, 1], 1e-15);
      const ridge = await curvature.classify(linear, tensor([2, 0.5]));
      expect(ridge.kind).to.equal("degenerate");
      await expectClose(tensor(ridge.eigenvalues), [0, 4.25], 1e-12);
      const condition = await curvature.conditionNumber(linear, tensor([2, 0.5]));
      expect([condition.kappa, condition.effective]).to.deep.equal([Infinity, 1]);
    }),
  );

  it(
    "finds the conditions of Hilbert's matrices from their products",
    onCpu(async () => {
      for (const [n, kappa] of [
        [3, 524.056778],
        [5, 476607.250243],
        [8, 1.52575757e10],
      ] as const) {
        const found = await curvature.conditionNumber(hilbert(n));
        expect(found.kappa / kappa).to.be.closeTo(1, 1e-6);
      }
    }),
  );

  it("evaluates a function of the default device on cpu in float64 where that is quick", async () => {
    const centre = tensor([1, 1]);
    const f = (x: Tensor): Tensor => rosenbrock(x.add(centre));
    const found = await curvature.spectrum(f, tensor([0, 0]));
    expect(found.precision).to.equal("float64");
    await withDevice(cpu, () => expectClose(tensor(found.eigenvalues), [0.3993607675, 1001.600639233], 1e-9));
  });

  it(
    "has the spectra of the standardised iris and of the digits",
    onCpu(async () => {
      const x = data.iris().features;
      const standard = x.sub(x.mean(0)).div(x.std(0));
      const covariance = standard.transpose().matmul(standard).div(x.shape[0]);
      await expectClose(
        linalg.eigvalsh(covariance),
        [0.0207148364, 0.1467568756, 0.9140304715, 2.9184978165],
        1e-9,
      );
      expect((await curvature.conditionNumber(covariance)).kappa).to.be.closeTo(140.889252, 1e-6);
      const digits = data.digits();
      const pixels = digits.images.reshape([-1, 64]);
      const gram = pixels.transpose().matmul(pixels).div(pixels.shape[0]);
      await expectClose(linalg.eigvalsh(gram).take(63), [10.4552997], 1e-7);
      await expectClose(linalg.matrixRank(gram), [61], 0);
      const loss = ({ w, b }: { w: Tensor; b: Tensor }): Tensor =>
        nn.functional.crossEntropy(pixels.matmul(w).add(b), digits.labels);
      const top = await curvature.topEigenpairs(
        curvature.hessianOperator(loss, { w: zeros([64, 10]), b: zeros([10]) }),
        {
          tol: 1e-8,
        },
      );
      await expectClose(tensor(top.eigenvalues), [1.14435284], 1e-8);
    }),
  );
});

describe("curvature of a network", () => {
  it(
    "has PyTorch's Hessian, Gauss–Newton matrix and spectra",
    onCpu(async () => {
      const { golden, model, parameters } = mlp();
      const { hessian, eigenvalues } = await curvature.spectrum(model, parameters);
      await expectClose(hessian, golden.hessian.data, 1e-7);
      await expectClose(tensor(eigenvalues), golden.eigenvalues.data, 1e-7);
      const v = tensor(Float64Array.from(golden.v.data));
      await expectClose(await curvature.hessianOperator(model, parameters).matvec(v), golden.hvp.data, 1e-7);
      const ggn = curvature.ggnOperator(model, parameters);
      await expectClose(await ggn.matvec(v), golden.ggnvp.data, 1e-7);
      const top = await curvature.topEigenpairs(ggn, { k: 6, tol: 1e-8 });
      await expectClose(tensor(top.eigenvalues), golden.ggn_eigenvalues.data.slice(-6).reverse(), 1e-7);
      const { lambdaMax, lambdaMin } = await curvature.conditionNumber(model, parameters);
      expect(lambdaMax).to.be.closeTo(golden.eigenvalues.data[56], 1e-7);
      expect(lambdaMin).to.be.closeTo(golden.eigenvalues.data[0], 1e-7);
    }),
  );

  it("has the ends of the spectrum on the default device to 1e-3", async () => {
    const { golden, model, parameters } = mlp();
    const { eigenvalues, converged } = await curvature.topEigenpairs(
      curvature.hessianOperator(model, parameters),
      {
        k: 2,
        which: "BE",
      },
    );
    expect(converged).to.equal(true);
    const all = golden.eigenvalues.data;
    await withDevice(cpu, () => expectClose(tensor(eigenvalues), [all[56], all[55], all[0], all[1]], 1e-3));
  });

  it("takes batches of the default device along to cpu", async () => {
    const { golden, parameters, inputs, labels } = mlp();
    const loss = (p: MlpParameters, batch: { inputs: Tensor; labels: Tensor }): Tensor =>
      nn.functional.crossEntropy(mlpOutputs(p, batch.inputs), batch.labels);
    const { sharpness } = await curvature.sharpness(loss, parameters, { data: [{ inputs, labels }] });
    expect(sharpness).to.be.closeTo(golden.eigenvalues.data[56], 1e-6);
  });

  it(
    "weights uneven batches by their samples, as arrays and as streams",
    onCpu(async () => {
      const { golden, parameters, inputs, labels } = mlp();
      const loss = (p: MlpParameters, batch: { inputs: Tensor; labels: Tensor }): Tensor =>
        nn.functional.crossEntropy(mlpOutputs(p, batch.inputs), batch.labels);
      const batches = [
        [0, 7],
        [7, 8],
        [8, 20],
      ].map(([from, to]) => ({
        // prettier-ignore
        inputs: inputs.slice([from, 0], [to, 5]),
        labels: labels.slice([from], [to]),
      }));
      const v = tensor(Float64Array.from(golden.v.data));
      const stream = async function* (): AsyncGenerator<(typeof batches)[number]> {
        for (const batch of batches) yield await Promise.resolve(batch);
      };
      for (const data of [batches, stream()]) {
        await expectClose(
          await curvature.hessianOperator(loss, parameters, { data }).matvec(v),
          golden.hvp.data,
          1e-7,
        );
      }
      expect(await rejection(curvature.spectrum(loss, parameters, { data: [{}] }))).to.contain(
        "batch 0 of data has no tensor",
      );
    }),
  );

  it(
    "has a Fisher matrix of gradients' outer products",
    onCpu(async () => {
      const a = tensor([[1, 2], [3, -1], [0, 1]]); // prettier-ignore
      const losses = (x: Tensor): Tensor => a.matmul(x).square().mul(0.5);
      const x = tensor([0.5, 2]);
      const g = a.mul(a.matmul(x).expandDims(1));
      const fisher = g.transpose().matmul(g).div(3);
      const v = tensor([1, -3]);
      await expectClose(
        await curvature.fisherOperator(losses, x).matvec(v),
        await numbers(fisher.matmul(v)),
        1e-12,
      );
      expect(() => curvature.fisherOperator(rosenbrock, x).matvec(v)).to.throw(
        "losses must return the loss of each sample",
      );
    }),
  );

  it(
    "refuses what is no scalar function, and says what is not finite",
    onCpu(async () => {
      const x = tensor([1, 2]);
      expect(await rejection(curvature.spectrum((y: Tensor) => y.mul(2), x))).to.contain(
        "f must return a scalar, got shape [2]",
      );
      expect(await rejection(curvature.spectrum(3 as never, x))).to.contain("f must be a function, got 3");
      expect(await rejection(curvature.spectrum((y: Tensor) => y.sub(1).log().sum(), x))).to.contain(
        "spectrum: f is -Infinity at x",
      );
      expect(() => curvature.ggnOperator(rosenbrock as never, x)).to.throw("needs a model in two parts");
      expect(await rejection(curvature.spectrum((y: Tensor) => y.sum(), zeros([5000])))).to.contain(
        "at most 4096 are decomposed",
      );
    }),
  );
});

describe("stochastic estimates", () => {
  const spread = (values: number[]): number => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1);
  };

  it(
    "spread as their formulas say, over 200 seeds",
    onCpu(async () => {
      for (const [distribution, variance] of [
        ["rademacher", 2.63079932],
        ["gaussian", 4.998529227],
      ] as const) {
        const found = await Promise.all(
          Array.from({ length: 200 }, (_, seed) =>
            curvature.trace(hilbert(5), { method: "hutchinson", samples: 4, distribution, seed }),
          ),
        );
        const traces = found.map(({ trace }) => trace);
        expect((spread(traces) * 4) / variance).to.be.within(0.7, 1.4);
        const mean = traces.reduce((a, b) => a + b) / 200;
        expect(Math.abs(mean - 1.787301587)).to.be.below(4 * Math.sqrt(variance / 800));
        const claimed = found.map(({ standardError }) => standardError ** 2).reduce((a, b) => a + b) / 200;
        expect((claimed * 4) / variance).to.be.within(0.8, 1.25);
      }
    }),
  );

  it(
    "Hutch++ is exact within its sketch, and spends what it is given",
    onCpu(async () => {
      const exact = await curvature.trace(hilbert(5), { samples: 15, distribution: "gaussian" });
      expect(exact.trace).to.be.closeTo(1.787301587, 1e-9);
      expect(exact.standardError).to.equal(0);
      const values = Array.from({ length: 300 }, (_, i) => 1 / (i + 1) ** 2);
      const decaying = {
        shape: [300, 300],
        dtype: "float64",
        matvec: (v: Tensor) => v.mul(tensor(values)),
      } as const;
      const truth = values.reduce((a, b) => a + b);
      const plus = await curvature.trace(decaying, { samples: 30 });
      expect(plus.matvecs).to.equal(30);
      expect(Math.abs(plus.trace - truth)).to.be.below(0.01 * truth);
      expect(await rejection(curvature.trace(decaying, { method: "hutch" as never }))).to.contain(
        '"hutchinson" or "hutch++"',
      );
    }),
  );

  it(
    "the density of a random matrix ends at Marchenko and Pastur's edges, and integrates to 1",
    onCpu(async () => {
      const [n, q] = [200, 0.25];
      const x = random.normal(random.key(1), [n / q, n]);
      const matrix = x
        .transpose()
        .matmul(x)
        .div(n / q);
      await matrix.data();
      const { grid, density, standardError, nodes } = await curvature.spectralDensity(matrix, {
        samples: 6,
        steps: 60,
      });
      const step = grid[1] - grid[0];
      expect(density.reduce((a, b) => a + b) * step).to.be.closeTo(1, 1e-3);
      expect(Math.max(...nodes.flat())).to.be.closeTo(2.25, 0.1);
      expect(Math.min(...nodes.flat())).to.be.closeTo(0.25, 0.05);
      const middle = density[grid.findIndex((g) => g > 1)];
      const law = Math.sqrt((2.25 - 1) * (1 - 0.25)) / (2 * Math.PI * q);
      expect(middle).to.be.closeTo(law, 0.1);
      expect(Math.max(...standardError)).to.be.within(1e-4, 0.3);
    }),
  );
});

describe("curvature of a network on the digits, by products on the default device", () => {
  it("finds both ends of the spectrum, the trace and their errors", async () => {
    const { layers, loss, size } = digitsMlp(24, 64);
    expect(size).to.be.above(2000);
    const op = curvature.hessianOperator(loss, layers);
    const found = await curvature.topEigenpairs(op, { k: 2, which: "BE", tol: 1e-3 });
    expect(found.converged).to.equal(true);
    for (const residual of found.residuals) expect(residual).to.be.at.most(2e-3 * found.eigenvalues[0]);
    const { trace, standardError } = await curvature.trace(op, { samples: 12 });
    expect(standardError).to.be.within(1e-6, trace);
  });
});
