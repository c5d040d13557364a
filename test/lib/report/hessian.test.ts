import { expect } from "chai";
import { cpu, report, tensor, withDevice, zeros, type Tensor } from "../../../lib";
import { displayKey, installFrontend, type MimeBundle } from "../../../lib/util/frontend";
import { expectClose, rejection } from "../../support/close";
import { himmelblau, mlp, mlpOutputs, rosenbrock } from "../../support/functions";

const onCpu = (body: () => Promise<void>) => () => withDevice(cpu, body);
const titles = ({ figures }: report.HessianReport): string[] =>
  figures.map(({ summary }) => summary.split("\n")[0]);

describe("report.hessian", () => {
  it(
    "says all of a minimum, with six digits in its text",
    onCpu(async () => {
      const found = await report.hessian(rosenbrock, tensor([1, 1]));
      const text = String(found);
      for (const line of [
        /^The Hessian of rosenbrock/,
        /verdict +minimum: all eigenvalues are positive/,
        /λmax +1001\.6\n/,
        /λmin +0\.399361\n/,
        /κ = max\|λ\| \/ min\|λ\| +2508\.01\n/,
        /breaks at ε = 2\/λmax +0\.0019968\n/,
        /symmetry error/,
      ]) {
        expect(text).to.match(line);
      }
      const { numbers } = found;
      expect(numbers.trace).to.be.closeTo(1002, 1e-9);
      expect(numbers.rate).to.be.closeTo((numbers.kappa - 1) / (numbers.kappa + 1), 1e-12);
      expect(titles(found)).to.deep.equal([
        "Eigenvalues of the Hessian",
        "|H|",
        "The loss and its quadratic model",
        "The loss in the plane of v_min and v_max",
      ]);
    }),
  );

  it(
    "counts the signs of all eigenvalues where all are known",
    onCpu(async () => {
      const cases = [
        [[1, 5, 2], [0, 0, 3]],
        [[-1, -5], [2, 0, 0]],
        [[-1, 0, 4, 4], [1, 1, 2]],
        [[0, 0], [0, 2, 0]],
      ] as const; // prettier-ignore
      for (const [values, counts] of cases) {
        const d = tensor([...values]);
        const found = await report.hessian(
          (x: Tensor) => x.square().mul(d).sum().div(2),
          zeros([values.length]),
        );
        const { negative, zero, positive, countErrors } = found.numbers;
        expect([negative, zero, positive]).to.deep.equal(counts);
        expect(countErrors).to.deep.equal({ negative: 0, zero: 0, positive: 0 });
        expect(String(found)).to.match(
          new RegExp(`λ < −τ +${counts[0]}\n.*λ. ≤ τ +${counts[1]}\nλ > τ +${counts[2]}\n`),
        );
      }
    }),
  );

  it("knows a saddle whose coordinates were rounded to float32, and escapes from it", async () => {
    const found = await report.hessian(himmelblau, tensor([3.385154184, 0.07385188]));
    expect(found.numbers.kind).to.equal("saddle");
    expect(String(found)).to.match(
      /verdict +saddle of index 1: f falls along 1 and rises along 1 directions/,
    );
    const escape = found.figures.at(-1)!;
    expect(escape.summary).to.match(/^Escape from the saddle along v_min/);
    const loss = escape.data[0].y as number[];
    expect(loss[0]).to.be.closeTo(found.numbers.loss, 1e-3);
    expect(loss.at(-1)).to.be.below(1e-3);
  });

  it(
    "shows layers, the Gauss–Newton part, and the descent from a point that is not critical",
    onCpu(async () => {
      const { golden, model, parameters } = mlp();
      const { W1, b1, W2, b2 } = parameters;
      const layered = {
        outputs: (p: { hidden: { W: Tensor; b: Tensor }; out: { W: Tensor; b: Tensor } }): Tensor =>
          model.outputs({ W1: p.hidden.W, b1: p.hidden.b, W2: p.out.W, b2: p.out.b }),
        loss: model.loss,
      };
      const found = await report.hessian(layered, { hidden: { W: W1, b: b1 }, out: { W: W2, b: b2 } });
      const { numbers } = found;
      expect(numbers.blocks.map(({ name, size }) => [name, size])).to.deep.equal([["hidden", 36], ["out", 21]]); // prettier-ignore
      const traces = numbers.blocks.map(({ trace }) => trace);
      expect(traces[0] + traces[1]).to.be.closeTo(golden.trace, 1e-7);
      expect(numbers.ggn!.lambdaMax).to.be.closeTo(golden.ggn_eigenvalues.data[56], 1e-7);
      await expectClose(tensor([...numbers.eigenvalues]), golden.eigenvalues.data, 1e-7);
      expect(numbers.kind).to.equal("not critical");
      expect(found.notes.join()).to.contain("x is no critical point");
      expect(found.figures[2].summary).to.contain("along −g");
    }),
  );

  it(
    "estimates by products what it computes exactly, and says how well",
    onCpu(async () => {
      const { golden, model, parameters } = mlp();
      const exact = (await report.hessian(model, parameters)).numbers;
      const found = await report.hessian(model, parameters, {
        matrixFree: true,
        topK: 3,
        samples: 60,
        seed: 7,
      });
      const { numbers } = found;
      expect([numbers.exact, numbers.converged, numbers.seed]).to.deep.equal([false, true, 7]);
      expect(numbers.lambdaMax).to.be.closeTo(exact.lambdaMax, 1e-6);
      expect(numbers.lambdaMin).to.be.closeTo(exact.lambdaMin, 1e-6);
      expect(numbers.eigenvalues).to.have.length(6);
      expect(Math.abs(numbers.trace - golden.trace)).to.be.below(4 * numbers.traceStandardError + 1e-9);
      expect(numbers.frobenius / exact.frobenius).to.be.within(0.8, 1.25);
      expect(numbers.ggn!.share / exact.ggn!.share).to.be.within(0.8, 1.25);
      expect(numbers.negative + numbers.zero + numbers.positive).to.be.within(55, 59);
      expect(String(found)).to.match(/Hessian-vector products +\d+/);
      expect(titles(found)[0]).to.equal("Spectral density of the Hessian");
    }),
  );

  it(
    "averages over data",
    onCpu(async () => {
      const { golden, parameters, inputs, labels, model } = mlp();
      const data = [[0, 8], [8, 20]].map(([from, to]) => ({ inputs: inputs.slice([from, 0], [to, 5]), count: to - from, from })); // prettier-ignore
      const loss = (p: typeof parameters, batch: { inputs: Tensor }): Tensor => {
        const [size] = batch.inputs.shape;
        const own = size === 8 ? labels.slice([0], [8]) : labels.slice([8], [20]);
        return mlpOutputs(p, batch.inputs)
          .logSoftmax()
          .mul(
            own
              .expandDims(1)
              .equal(tensor([0, 1, 2]))
              .astype("float64"),
          )
          .sum()
          .neg()
          .div(size);
      };
      const found = await report.hessian(loss, parameters, {
        data: data.map((batch) => ({ inputs: batch.inputs })),
      });
      expect(found.numbers.loss).to.be.closeTo(golden.loss, 1e-8);
      expect(found.numbers.trace).to.be.closeTo(golden.trace, 1e-7);
      expect(model).to.be.an("object");
    }),
  );

  it(
    "has a clear word for what has no Hessian, and for f that is not deterministic",
    onCpu(async () => {
      const away = await report.hessian((x: Tensor) => x.log().sum(), tensor([-1, 2]));
      expect(away.numbers.kind).to.equal("unknown");
      expect(String(away)).to.contain("There is no Hessian to speak of: f is NaN at x");
      const noisy = await report.hessian((x: Tensor) => x.mul(Math.random()).square().sum(), tensor([1, 2]));
      expect(noisy.notes[0]).to.match(/^f is not deterministic: it gave/);
      expect(await rejection(report.hessian((x: Tensor) => x, zeros([2])))).to.contain(
        "f must return a scalar, got shape [2]",
      );
      expect(await rejection(report.hessian(rosenbrock, tensor([1, 1]), { topk: 1 } as never))).to.contain(
        'did you mean "topK"?',
      );
      expect(await rejection(report.hessian(rosenbrock, tensor([1, 1]), { samples: 0 }))).to.contain(
        "samples must be a whole number of at least 3, got 0",
      );
    }),
  );

  it(
    "ends at an interrupt with what is known by then",
    onCpu(async () => {
      const { model, parameters } = mlp();
      const shown: MimeBundle[] = [];
      installFrontend({
        display: (data) => {
          // The first is the line of progress, before anything is known.
          if (shown.push(data) === 1) process.emit("SIGINT");
        },
        clearOutput: () => undefined,
        await: () => undefined,
        input: () => Promise.reject(new Error("nobody is there")),
      });
      const found = await report
        .hessian(model, parameters, { matrixFree: true, topK: 3 })
        .finally(() => installFrontend(undefined));
      expect(found.notes.at(-1)).to.equal("Interrupted: this is what was known by then.");
      expect(found.numbers.loss).to.be.closeTo(1.683421831354178, 1e-9);
      expect(found.numbers.converged).to.equal(false);
      expect(shown.at(-1)!["text/plain"]).to.equal(found[displayKey]()["text/plain"]);
    }),
  );
});
