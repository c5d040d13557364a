import { expect } from "chai";
import { cpu, data, nn, optim, tensor, withDevice, zeros, type Tensor } from "../../../lib";
import { expectClose, numbers, rejection } from "../../support/close";
import { himmelblau, mlp, rosenbrock } from "../../support/functions";

const onCpu = (body: () => Promise<void>) => () => withDevice(cpu, body);

/** ½ Σ λ x². */
const quadratic =
  (...eigenvalues: number[]) =>
  (x: Tensor): Tensor =>
    x.square().mul(tensor(eigenvalues)).sum().mul(0.5);

const start = [-1.2, 1];

describe("optim.minimize", () => {
  it(
    "newton goes Rosenbrock's six iterates",
    onCpu(async () => {
      const { path, converged, x } = await optim.minimize(rosenbrock, tensor(start), { method: "newton" });
      const wanted = [start, [-1.1752809, 1.3806742], [0.7631149, -3.1750339], [0.7634297, 0.5828248], [0.9999953, 0.9440273], [0.9999957, 0.9999914], [1, 1]]; // prettier-ignore
      expect(path).to.have.length(7);
      await expectClose(tensor(path), wanted.flat(), 1e-7);
      expect(converged).to.equal(true);
      await expectClose(x, [1, 1], 1e-9);
    }),
  );

  it(
    "reaches Rosenbrock's minimum by every method that should",
    onCpu(async () => {
      const settings: optim.MinimizeOptions[] = [
        { method: "gd", learningRate: 0.0015, steps: 40000, tol: 1e-4 },
        { method: "momentum", learningRate: 0.0005, steps: 8000 },
        { method: "nesterov", learningRate: 0.0005, steps: 8000 },
        { method: "saddle-free-newton", damping: 0.1, steps: 200 },
        { method: "cg" },
        { method: "bfgs" },
        { method: "lbfgs" },
      ];
      for (const options of settings) {
        const found = await optim.minimize(rosenbrock, tensor(start), options);
        expect(found.converged, `${options.method}: ${found.message}`).to.equal(true);
        await expectClose(found.x, [1, 1], 1e-3);
        expect(found.values).to.have.length(found.path.length);
        expect(found.gradNorms.at(-1)).to.be.at.most(options.tol ?? 1e-6);
      }
      const { steps } = await optim.minimize(rosenbrock, tensor(start), { method: "bfgs" });
      expect(steps).to.be.below(50);
    }),
  );

  it(
    "scales by learningRate the step that a line search tries first",
    onCpu(async () => {
      for (const method of ["cg", "bfgs", "lbfgs"] as const) {
        for (const learningRate of [1, 0.95]) {
          const { path } = await optim.minimize(quadratic(1), tensor([1]), { method, learningRate });
          expect(path[1][0], method).to.be.closeTo(1 - learningRate, 1e-12);
        }
        for (const learningRate of [0.1, 10]) {
          const found = await optim.minimize(rosenbrock, tensor(start), { method, learningRate });
          expect(found.converged, `${method}: ${found.message}`).to.equal(true);
          await expectClose(found.x, [1, 1], 1e-3);
        }
      }
    }),
  );

  it(
    "converges on quadratics at the rates of the textbook",
    onCpu(async () => {
      const rates: [number, number, number, number][] = [[5, 0.6666667, 0.381966, 35], [100, 0.980198, 0.8181818, 691]]; // prettier-ignore
      for (const [kappa, rate, fast, steps] of rates) {
        const f = quadratic(1, kappa);
        const gd = await optim.minimize(f, tensor([1, 1]), {
          method: "gd",
          learningRate: 2 / (1 + kappa),
          tol: 0,
          steps: 800,
        });
        const error = gd.path.map((p) => Math.hypot(...p));
        expect(error[20] / error[19]).to.be.closeTo(rate, 1e-6);
        expect(error.findIndex((e) => e <= 1e-6 * error[0])).to.equal(steps);
        const learningRate = 4 / (Math.sqrt(kappa) + 1) ** 2;
        const momentum = await optim.minimize(f, tensor([1, 1]), {
          method: "momentum",
          learningRate,
          momentum: fast ** 2,
          tol: 0,
          steps: 60,
        });
        const later = momentum.path.map((p) => Math.hypot(...p));
        expect((later[60] / later[30]) ** (1 / 30)).to.be.closeTo(fast, 0.02);
      }
    }),
  );

  it(
    "takes n steps of conjugate gradients on a quadratic of n parameters, and one of Newton",
    onCpu(async () => {
      const f = quadratic(1, 7, 30);
      const cg = await optim.minimize(f, tensor([1, 2, 3]), { method: "cg", tol: 1e-8 });
      expect([cg.steps, cg.converged]).to.deep.equal([3, true]);
      const newton = await optim.minimize(f, tensor([1, 2, 3]), { method: "newton", tol: 1e-8 });
      expect([newton.steps, newton.converged]).to.deep.equal([1, true]);
    }),
  );

  it(
    "newton does not climb: it says where the Hessian is indefinite, unless told to step",
    onCpu(async () => {
      const saddle = tensor([3.3, 0.1]);
      const stopped = await optim.minimize(himmelblau, saddle, { method: "newton" });
      expect([stopped.converged, stopped.steps]).to.deep.equal([false, 0]);
      expect(stopped.message).to.match(
        /at step 0 the Hessian is indefinite \(λmin = -1[0-9.]+\): .*use saddle-free-newton/,
      );
      const attracted = await optim.minimize(himmelblau, saddle, { method: "newton", indefinite: "step" });
      await expectClose(attracted.x, [3.385154184, 0.07385188], 1e-8);
      const free = await optim.minimize(himmelblau, saddle, { method: "saddle-free-newton" });
      expect(free.converged).to.equal(true);
      expect(free.value).to.be.below(1e-12);
      const damped = await optim.minimize(himmelblau, saddle, { method: "newton", damping: 200 });
      expect(damped.value).to.be.below(1e-10);
    }),
  );

  it(
    "gauss-newton fits in a few steps what comes in two parts, and refuses what does not",
    onCpu(async () => {
      const t = tensor([0, 1, 2, 3, 4]);
      const y = t.mul(-0.5).exp().mul(3);
      const model = {
        outputs: (p: { a: Tensor; b: Tensor }): Tensor => t.mul(p.b).exp().mul(p.a).sub(y),
        loss: (r: Tensor): Tensor => r.square().sum().mul(0.5),
      };
      const x0 = { a: tensor(2), b: tensor(-0.3) };
      const found = await optim.minimize(model, x0, { method: "gauss-newton", tol: 1e-10 });
      expect(found.converged, found.message).to.equal(true);
      expect(found.steps).to.be.below(10);
      await expectClose(found.x.a, [3], 1e-9);
      await expectClose(found.x.b, [-0.5], 1e-9);
      const plain = optim.minimize(rosenbrock, tensor(start), { method: "gauss-newton" });
      expect(await rejection(plain)).to.contain("gauss-newton needs f in two parts");
    }),
  );

  it("minimises trees on the default device as on cpu, and gives them back where they were", async () => {
    const { model, parameters } = mlp();
    const found = await optim.minimize(model, parameters, { steps: 30, tol: 1e-3 });
    expect(found.x.W1.dtype).to.equal("float32");
    expect(found.x.W1.shape).to.deep.equal([5, 6]);
    expect(found.value).to.be.below(0.7);
    await expectClose(model.loss(model.outputs(found.x)), [found.value], 1e-5);
  });

  it(
    "averages over batches of data",
    onCpu(async () => {
      const { images, labels } = data.digits();
      const pixels = images.reshape([-1, 64]);
      const batches = [[0, 60], [60, 100]].map(([from, to]) => ({ pixels: pixels.slice([from, 0], [to, 64]), labels: labels.slice([from], [to]) })); // prettier-ignore
      const loss = (w: Tensor, batch: (typeof batches)[number]): Tensor =>
        nn.functional.crossEntropy(batch.pixels.matmul(w), batch.labels).add(w.square().sum().mul(0.01));
      const whole = { pixels: pixels.slice([0, 0], [100, 64]), labels: labels.slice([0], [100]) };
      const options = { steps: 5, method: "lbfgs" } as const;
      const parts = await optim.minimize(loss, zeros([64, 10]), { ...options, data: batches });
      const once = await optim.minimize((w: Tensor) => loss(w, whole), zeros([64, 10]), options);
      await expectClose(tensor(parts.values), once.values, 1e-9);
    }),
  );

  it(
    "tells each step to the callback, which may end it",
    onCpu(async () => {
      const seen: number[] = [];
      const found = await optim.minimize(rosenbrock, tensor(start), {
        method: "gd",
        learningRate: 0.001,
        callback: ({ step, value }) => {
          seen.push(value);
          return step < 3;
        },
      });
      expect(seen).to.deep.equal(found.values);
      expect(found.message).to.equal("stopped by the callback at step 3");
      expect(await numbers(tensor(found.path[3]))).to.have.length(2);
    }),
  );

  it(
    "says where f ceases to be finite, and refuses options that a method has not",
    onCpu(async () => {
      const away = await optim.minimize(rosenbrock, tensor(start), { method: "gd", learningRate: 1 });
      expect(away.converged).to.equal(false);
      expect(away.message).to.match(/not finite at step \d+/);
      const wrong = (options: object): Promise<string> =>
        rejection(optim.minimize(rosenbrock, tensor(start), options));
      expect(await wrong({ method: "newtn" })).to.contain('did you mean "newton"?');
      expect(await wrong({ method: "bfgs", momentum: 0.9 })).to.contain('unknown option "momentum"');
      expect(await wrong({ method: "gd", learningRate: -1 })).to.contain(
        "learningRate must be a finite number above 0, got -1",
      );
      expect(await wrong({ steps: 1.5 })).to.contain("steps must be a whole number of at least 0, got 1.5");
    }),
  );
});
