import { expect } from "chai";
import fc from "fast-check";
import { endsOf, knownSpectrum } from "../../../lib/curvature/ends";
import { verdictOf } from "../../../lib/curvature/verdict";
import { system } from "../../../lib/blas/system";
import { productsOf } from "../../../lib/linalg/operator";
import { cpu, curvature, linalg, optim, report, tensor, withDevice, zeros, type Tensor } from "../../../lib";
import { rejection } from "../../support/close";
import { operatorWith, spectra, type Spectrum } from "../../support/spectra";

const onCpu = (body: () => Promise<void>) => () => withDevice(cpu, body);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A quadratic with that spectrum. */
const quadratic = (values: ArrayLike<number>): ((x: Tensor) => Tensor) => {
  const d = tensor(Float64Array.from(values));
  return (x) => x.square().mul(d).sum().div(2);
};

const kindOf = (values: readonly number[], tolerance: number): string => {
  const [isBelow, isAbove] = [values.some((v) => v < -tolerance), values.some((v) => v > tolerance)];
  if (isBelow && isAbove) return "saddle";
  if (values.some((v) => Math.abs(v) <= tolerance)) return "degenerate";
  return isAbove ? "minimum" : "maximum";
};

const describeSpectrum = ({ name, values, dtype, seed }: Spectrum): string =>
  `${name}, n = ${values.length}, ${dtype}, seed ${seed}`;

/** Random spectra of a fixed seed, so that how many of them stay undecided is one number. */
const sample = (count: number, most: number): Spectrum[] =>
  fc.sample(spectra(most), { numRuns: count, seed: 5 });

describe("eigenpairs of random spectra", () => {
  it(
    "that have converged are those of both ends: none invented, none missed, no copy too many",
    onCpu(async () => {
      let converged = 0;
      const cases = [...sample(24, 2000), ...sample(1, 6000)];
      for (const spectrum of cases) {
        const { values, dtype, seed } = spectrum;
        const found = await curvature.topEigenpairs(operatorWith(spectrum), { k: 4, which: "BE", seed });
        const sorted = Float64Array.from(values).sort();
        const wanted = [...sorted.slice(-4).reverse(), ...sorted.slice(0, 4)];
        const allowed = (dtype === "float64" ? 1e-6 : 1e-4) * Math.max(-sorted[0], sorted[sorted.length - 1]);
        if (!found.converged) continue;
        converged++;
        found.eigenvalues.forEach((value, i) =>
          expect(Math.abs(value - wanted[i]), describeSpectrum(spectrum)).to.be.at.most(allowed),
        );
        for (const residual of found.residuals) expect(residual).to.be.at.most(allowed);
      }
      expect(converged / cases.length).to.be.at.least(0.65);
    }),
  ).timeout(60_000);

  it(
    "have converged by the same measure at either end, whatever the size of the values there",
    onCpu(async () => {
      const values = [...range(1200).map((i) => 1 + i), -1e-3];
      const options = { which: "SA", tol: 1e-8, maxMatvecs: 4000 } as const;
      const found = await curvature.topEigenpairs(
        operatorWith({ values: Float64Array.from(values), dtype: "float64" }),
        options,
      );
      expect(found.converged).to.equal(true);
      expect(found.eigenvalues[0]).to.be.closeTo(-1e-3, 1e-8 * 1200);
      expect(found.residuals[0]).to.be.at.most(1e-8 * 1200);
    }),
  );
});

describe("classify", () => {
  it("is right about random spectra of thousands, or says that it does not know, of one in twenty at most", async () => {
    const cases = [...sample(20, 2000), ...sample(1, 6000)];
    let unknown = 0;
    for (const spectrum of cases) {
      const { values, seed } = spectrum;
      const op = productsOf("classify", operatorWith(spectrum));
      const ends = await endsOf(op, { k: 5, seed, maxMatvecs: 1500 });
      const found = verdictOf(knownSpectrum(ends, op.size), ends.tolerance, 0, 1e-6);
      if (found.kind === "unknown") unknown++;
      else expect(found.kind, describeSpectrum(spectrum)).to.equal(kindOf([...values], ends.tolerance));
      expect(found.index).to.be.at.most(values.filter((v) => v < -ends.tolerance).length);
    }
    expect(unknown).to.be.at.most(cases.length / 20);
  }).timeout(60_000);

  it(
    "is right about functions with such spectra, from all eigenvalues where they are to be had in seconds",
    onCpu(async () => {
      for (const { values, seed } of sample(3, 1500)) {
        const found = await curvature.classify(quadratic(values), zeros([values.length]), { seed });
        expect(found.kind).to.equal(kindOf([...values], found.tolerance));
        expect(found.exact).to.equal(system().library !== undefined);
      }
    }),
  ).timeout(60_000);

  it(
    "sees one negative eigenvalue beside thousands of positive ones",
    onCpu(async () => {
      for (const [at, odd] of [
        [7, -5],
        [3, -1e-3],
      ] as const) {
        const values = range(1500).map((i) => (i === at ? odd : 1 + i / 1500));
        const found = await curvature.classify(quadratic(values), zeros([1500]));
        expect([found.kind, found.index]).to.deep.equal(["saddle", 1]);
        expect(found.eigenvalues[0]).to.be.closeTo(odd, 1e-6);
      }
    }),
  );

  it("does not know which sign a dense end has, and says between which bounds it lies", async () => {
    const values = Float64Array.from(range(1500), (i) => 10 ** (-9 + (9 * i) / 1499));
    const op = productsOf("classify", operatorWith({ values, dtype: "float64" }));
    const ends = await endsOf(op, { k: 5, seed: 0, maxMatvecs: 1500, tolerance: 1e-10 });
    const found = verdictOf(knownSpectrum(ends, 1500), ends.tolerance, 0, 1e-6);
    expect([found.kind, ends.converged]).to.deep.equal(["unknown", false]);
    expect(found.reason).to.match(/has not converged: .*from -[0-9.e-]+ to 1.*counts as zero within 1e-10/);
  }).timeout(60_000);

  it(
    "and sharpness, conditionNumber and the report do not judge where nothing is finite",
    onCpu(async () => {
      const cases: [string, (x: Tensor) => Tensor, Tensor, RegExp][] = [
        [
          "an infinite coordinate",
          (x) => x.square().reciprocal().sum(),
          tensor([Infinity, 1]),
          /x has Infinity/,
        ],
        ["a coordinate that is NaN", (x) => x.mul(0).sum(), tensor([1, NaN]), /x has NaN/],
        ["a loss that is NaN", (x) => x.sum().mul(0).sub(2).log(), tensor([1, 2]), /f is NaN at x/],
        ["an infinite loss", (x) => x.log().sum(), tensor([0, 2]), /f is -Infinity at x/],
        [
          "an infinite slope",
          (x) => x.sqrt().sum(),
          tensor([0, 2]),
          /1 of 2 derivatives of f are not finite/,
        ],
        ["an infinite curvature", (x) => x.pow(1.5).sum(), tensor([0, 2]), /Hessian holds NaN or infinity/],
      ];
      for (const [what, f, x, reason] of cases) {
        const found = await curvature.classify(f, x);
        expect([found.kind, found.converged], what).to.deep.equal(["unknown", false]);
        expect(found.reason).to.match(reason);
        const { sharpness, converged } = await curvature.sharpness(f, x);
        expect([sharpness, converged], what).to.deep.equal([NaN, false]);
        const condition = await curvature.conditionNumber(f, x);
        expect([condition.kappa, condition.converged], what).to.deep.equal([NaN, false]);
        expect(condition.reason).to.match(reason);
        expect((await report.hessian(f, x)).numbers.kind, what).to.equal("unknown");
        expect(await rejection(curvature.spectrum(f, x))).to.match(reason);
      }
    }),
  );
});

describe("conditionNumber of what is too large to be formed", () => {
  it(
    "is right to a thousandth, or says that it does not know",
    onCpu(async () => {
      for (const spectrum of sample(16, 2000)) {
        const { values, seed } = spectrum;
        const found = await curvature.conditionNumber(operatorWith(spectrum), { seed });
        const sizes = values.map(Math.abs).sort();
        const [least, greatest] = [sizes[0], sizes[sizes.length - 1]];
        const truth = least > found.tolerance ? greatest / least : Infinity;
        const what = describeSpectrum(spectrum);
        if (Number.isNaN(found.kappa)) expect(found.reason, what).to.not.equal("");
        else if (truth === Infinity) expect(found.kappa, what).to.equal(Infinity);
        else expect(found.kappa / truth, what).to.be.closeTo(1, 2e-3);
        expect(found.atLeast, what).to.be.at.most(truth * (1 + 2e-3));
      }
    }),
  ).timeout(60_000);

  it(
    "does not take Ritz values inside the spectrum for eigenvalues",
    onCpu(async () => {
      const values = Float64Array.from(range(1501), (i) => (i % 2 === 0 ? 1 : -1) * (1 + i / 1e4));
      const found = await curvature.conditionNumber(operatorWith({ values, dtype: "float64" }));
      expect([found.kappa, found.effective]).to.deep.equal([NaN, NaN]);
      expect(found.atLeast).to.be.within(1, 1.15);
      expect(found.reason).to.contain("indefinite");
    }),
  );
});

describe("report.hessian by products", () => {
  it(
    "counts negative eigenvalues where its lower end shows them all, and gives others with their error",
    onCpu(async () => {
      const values = range(1300).map((i) => (i < 3 ? -1 - i : 0.5 + i / 1300));
      const { numbers, tables } = await report.hessian(quadratic(values), zeros([1300]), {
        matrixFree: true,
      });
      expect([numbers.kind, numbers.index, numbers.negative]).to.deep.equal(["saddle", 3, 3]);
      expect(numbers.countErrors.negative).to.equal(0);
      expect(numbers.negative + numbers.zero + numbers.positive).to.equal(1300);
      expect(Math.abs(numbers.positive - 1297)).to.be.at.most(4 * numbers.countErrors.positive + 1);
      expect([numbers.kappa, numbers.effectiveKappa]).to.deep.equal([NaN, NaN]);
      expect(numbers.kappaAtLeast).to.be.within(1, 3 / 0.5);
      const rows = tables.flatMap((table) => table.rows).map((row) => row.join(" "));
      expect(rows).to.include("λ < −τ 3");
      expect(rows.find((row) => row.startsWith("λ > τ"))).to.match(/^λ > τ \d+ ± \d+$/);
    }),
  ).timeout(60_000);

  it(
    "gives at least as many negative eigenvalues as it found, where there are more than it looked for",
    onCpu(async () => {
      const values = range(1200).map((i) => (i < 400 ? -1 - i / 400 : 1 + i / 1200));
      const { numbers } = await report.hessian(quadratic(values), zeros([1200]), {
        matrixFree: true,
        topK: 3,
      });
      expect(numbers.index).to.equal(3);
      expect(numbers.countErrors.negative).to.be.above(0);
      expect(Math.abs(numbers.negative - 400)).to.be.at.most(4 * numbers.countErrors.negative);
    }),
  ).timeout(60_000);
});

describe("methods for symmetric operators", () => {
  it(
    "refuse one that is not, from two random products",
    onCpu(async () => {
      const skewed = range(30).map((i) => range(30).map((j) => (i === j ? 2 : j === i + 1 ? 0.1 : 0)));
      for (const dtype of ["float64", "float32"] as const) {
        const a = tensor(skewed);
        const op: linalg.LinearOperator = { shape: [30, 30], dtype, matvec: (v) => a.matmul(v.to(cpu)) };
        const calls: Record<string, () => Promise<unknown>> = {
          topEigenpairs: () => curvature.topEigenpairs(op),
          spectralDensity: () => curvature.spectralDensity(op),
          conditionNumber: () => curvature.conditionNumber(op),
          lanczos: () => linalg.lanczos(op),
          lobpcg: () => linalg.lobpcg(op),
          cg: () => linalg.cg(op, range(30)),
        };
        for (const [name, call] of Object.entries(calls)) {
          expect(await rejection(call()), dtype).to.match(
            new RegExp(`^${name}: op must be symmetric, got uᵀAv`),
          );
        }
      }
    }),
  );
});

describe("minimize by second derivatives", () => {
  const n = 1100;
  const indefinite = (x: Tensor): Tensor =>
    quadratic(range(n).map((i) => (i % 2 === 0 ? 1 + i / n : -1 - i / n)))(x).add(x.sum());

  it(
    "steps toward a saddle where it is told to, with a thousand parameters and more",
    onCpu(async () => {
      const found = await optim.minimize(indefinite, zeros([n]), { method: "newton", indefinite: "step" });
      expect([found.converged, found.steps <= 2], found.message).to.deep.equal([true, true]);
      const stopped = await optim.minimize(indefinite, zeros([n]), { method: "newton" });
      expect(stopped.message).to.contain("the Hessian is indefinite");
    }),
  );

  it(
    "says that it needs damping where the Hessian gives no step",
    onCpu(async () => {
      for (const size of [2, n]) {
        const flat = (x: Tensor): Tensor => x.sum();
        const found = await optim.minimize(flat, zeros([size]), { method: "saddle-free-newton", steps: 5 });
        expect([found.steps, found.converged]).to.deep.equal([0, false]);
        expect(found.message).to.contain("the Hessian is zero along the gradient");
        expect(found.message).to.contain("give it damping");
        expect(found.value).to.equal(0);
      }
    }),
  );

  it(
    "says that it needs damping where undamped steps have climbed",
    onCpu(async () => {
      // Nearly flat where it starts, so that the first step is of length 1e4; quartic walls beyond.
      const f = (x: Tensor): Tensor => x.square().mul(5e-5).add(x).add(x.pow(4)).sum();
      const split = { outputs: (x: Tensor) => x, loss: f };
      for (const method of ["saddle-free-newton", "gauss-newton"] as const) {
        const found = await optim.minimize(split, zeros([2]), { method, steps: 1 });
        expect(found.value).to.be.above(1e12);
        expect(found.message).to.match(/f went from 0 to [0-9e+]+: .*give it damping/);
        const damped = await optim.minimize(split, zeros([2]), { method, damping: 1, steps: 60 });
        expect(damped.value, damped.message).to.be.below(0);
      }
    }),
  );
});
