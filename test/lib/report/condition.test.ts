import { expect } from "chai";
import { cpu, optim, report, tensor, withDevice, zeros, type Tensor } from "../../../lib";
import { rejection } from "../../support/close";
import { hilbert, himmelblau, rosenbrock } from "../../support/functions";

const onCpu = (body: () => Promise<void>) => () => withDevice(cpu, body);

/** Slide 10: ½ xᵀHx, stiff along [1, 1], flat along [1, −1], κ = 5. */
const canyon = (x: Tensor): Tensor =>
  x.matmul(tensor([[3, 2], [2, 3]])).mul(x).sum().mul(0.5); // prettier-ignore

describe("report.condition", () => {
  it(
    "draws slide 10's canyon: paths, and errors at the rates of theory",
    onCpu(async () => {
      const found = await report.condition(canyon, [4, -2], { methods: ["gd", "momentum", "newton", "cg"] });
      const { kappa, runs, lambdaMax, lambdaMin } = found.numbers;
      expect(kappa).to.be.closeTo(5, 1e-9);
      expect([lambdaMax, lambdaMin].map((v) => Number(v.toPrecision(9)))).to.deep.equal([5, 1]);
      const [gd, momentum, newton, cg] = runs;
      expect(gd.measuredRate).to.be.closeTo(2 / 3, 0.01);
      expect(gd.theoreticalRate).to.be.closeTo(2 / 3, 1e-9);
      expect(momentum.theoreticalRate).to.be.closeTo(0.381966, 1e-6);
      expect(momentum.measuredRate).to.be.closeTo(0.381966, 0.03);
      expect([newton.errors.length, cg.errors.length]).to.deep.equal([2, 3]);
      const [paths, errors] = found.figures;
      expect(paths.data.map(({ name }) => name).slice(1)).to.deep.equal(["gd", "momentum", "newton", "cg"]);
      expect(paths.data[1].x).to.have.length(gd.path.length);
      expect(errors.data.map(({ name }) => name)).to.include("gd, theory");
      expect(String(found)).to.match(/gradient descent's rate \(κ−1\)\/\(κ\+1\) +0\.666667/);
    }),
  );

  it(
    "counts steps over a sweep of κ as the table of the textbook has them",
    onCpu(async () => {
      const found = await report.condition(canyon, [1, 1], {
        methods: ["gd", "momentum"],
        sweep: [5, 10, 100],
      });
      const { kappas, steps } = found.numbers.sweep!;
      expect(kappas).to.deep.equal([5, 10, 100]);
      expect([steps.gd[0], steps.gd[2]]).to.deep.equal([35, 691]);
      expect(steps.momentum[2]).to.be.below(120);
      const range = await report.condition(canyon, [1, 1], { methods: ["newton"], sweep: "1:1e4" });
      expect(range.numbers.sweep!.kappas).to.have.length(13);
      expect(range.numbers.sweep!.kappas[12]).to.be.closeTo(1e4, 1e-6);
    }),
  );

  it(
    "follows the curvature along a run, beside the edge of stability",
    onCpu(async () => {
      const run = await optim.minimize(rosenbrock, [-1.2, 1], {
        method: "gd",
        learningRate: 0.001,
        steps: 90,
      });
      const found = await report.condition(rosenbrock, [1, 1], { along: run, methods: ["newton"] });
      const along = found.numbers.along!;
      expect(along.map(({ step }) => step).slice(0, 3)).to.deep.equal([0, 3, 6]);
      expect(along[0].lambdaMax).to.be.closeTo(1506.36698065, 1e-6);
      const figure = found.figures.at(-1)!;
      expect(figure.data.find(({ name }) => name === "2/ε")!.y).to.include(2000);
      const wrong = report.condition(rosenbrock, [1, 1], { along: [[1, 2, 3]] });
      expect(await rejection(wrong)).to.contain("point 0 of along has 3 numbers, x has 2");
    }),
  );

  it(
    "shows paths of more than two parameters with their distance from the plane",
    onCpu(async () => {
      const d = tensor([1, 3, 10, 30]);
      const f = (x: Tensor): Tensor => x.square().mul(d).sum().mul(0.5);
      const found = await report.condition(f, [1, 1, 1, 1], { methods: ["gd"] });
      expect(found.numbers.kappa).to.be.closeTo(30, 1e-9);
      expect(found.figures[0].summary).to.match(/at most 1\.41421 off the plane/);
    }),
  );

  it(
    "says that there is no minimum where there is none, and what κ is there",
    onCpu(async () => {
      const saddle = (x: Tensor): Tensor =>
        x
          .square()
          .mul(tensor([1, -4]))
          .sum();
      const none = await report.condition(saddle, zeros([2]));
      expect(none.numbers.kappa).to.be.closeTo(4, 1e-12);
      expect(none.notes[0]).to.contain("No minimum with a positive definite Hessian was found");
      const at = await report.condition(himmelblau, [3.385154184, 0.07385188]);
      expect(at.numbers.lambdaMin).to.be.closeTo(-14.135178, 1e-5);
    }),
  );

  it(
    "shows slide 9: errors of b amplified in x along each singular direction, up to κ",
    onCpu(async () => {
      const found = await report.condition(hilbert(3));
      expect(found.numbers.kappa).to.be.closeTo(524.056778, 1e-6);
      expect(found.numbers.amplification[0]).to.equal(1);
      expect(found.numbers.amplification[2]).to.be.closeTo(524.056778, 1e-6);
      const plane = await report.condition([[2, 1.6], [1.6, 1.5]]); // prettier-ignore
      expect(plane.figures).to.have.length(2);
      const singular = await report.condition([[1, 1], [1, 1]]); // prettier-ignore
      expect([singular.numbers.kappa, singular.numbers.rank]).to.deep.equal([Infinity, 1]);
      expect(String(singular)).to.match(/κ = σmax \/ σmin +∞/);
    }),
  );

  it(
    "refuses methods, sweeps and matrices that are none",
    onCpu(async () => {
      expect(await rejection(report.condition(canyon, [1, 1], { methods: ["sgd" as never] }))).to.contain(
        "methods must be a list of gd, momentum",
      );
      expect(await rejection(report.condition(canyon, [1, 1], { sweep: "0:5" }))).to.contain(
        'sweep must be "from:to"',
      );
      expect(await rejection(report.condition(tensor([[1, 2]])))).to.contain("A must be a square matrix, got shape [1, 2]"); // prettier-ignore
      expect(await rejection(report.condition(3 as never))).to.contain(
        "f must be a function or a matrix, got 3",
      );
    }),
  );
});
