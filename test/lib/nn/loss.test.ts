import { expect } from "chai";
import {
  ArgumentError,
  cpu,
  defaultDevice,
  grad,
  hessian,
  nn,
  tensor,
  withDevice,
  type Tensor,
} from "../../../lib";
import { close, numbers, onCpu } from "./support";

const none = { reduction: "none" } as const;

describe("losses", () => {
  onCpu("cross-entropy takes class numbers or probabilities, and smooths them", async () => {
    const logits = tensor([[2, 0, 0]]);
    const log = Math.log(Math.exp(2) + 2);
    expect(await nn.loss.crossEntropy(logits, [0]).item()).to.be.closeTo(log - 2, 1e-12);
    expect(await nn.loss.crossEntropy(logits, [[0.5, 0.5, 0]]).item()).to.be.closeTo(log - 1, 1e-12);
    const smooth = nn.loss.crossEntropy(logits, [0], { labelSmoothing: 0.3 });
    expect(await smooth.item()).to.be.closeTo(log - 2 * (0.7 + 0.1), 1e-12);
  });

  for (const [where, device] of [
    ["cpu", () => cpu],
    ["GPU", () => defaultDevice()],
  ] as const) {
    it(`cross-entropy leaves out classes of probability 0 whose logit is −∞, on the ${where}`, async () =>
      withDevice(device(), async () => {
        const logits = tensor([[1, -Infinity, 2]]);
        const p = 1 / (1 + Math.E);
        for (const target of [tensor([2], { dtype: "int32" }), tensor([[0, 0, 1]])]) {
          const loss = (z: Tensor) => nn.loss.crossEntropy(z, target);
          close([await loss(logits).item()], [Math.log(1 + Math.exp(-1))], 1e-6);
          close(await numbers(grad(loss)(logits)), [p, 0, -p], 1e-6);
          const c = p * (1 - p);
          close(await numbers(hessian(loss)(logits)), [c, 0, -c, 0, 0, 0, -c, 0, c], 1e-6);
        }
        expect(await nn.loss.crossEntropy(logits, [1]).item()).to.equal(Infinity);
        expect(await nn.metrics.topKAccuracy(logits, [2], 1).item()).to.equal(1);
        const byTarget = grad((t: Tensor) => nn.loss.crossEntropy(tensor([[0, 0]]), t))(tensor([[0, 1]]));
        close(await numbers(byTarget), [Math.LN2, Math.LN2], 1e-6);
      }));

    it(`cross-entropy is NaN for class numbers out of range, on the ${where}`, async () =>
      withDevice(device(), async () => {
        const logits = tensor([
          [1, 2],
          [0, 0],
          [1, 2],
        ]);
        const labels = tensor([2, 1, -1], { dtype: "int32" });
        for (const labelSmoothing of [0, 0.1]) {
          const losses = await numbers(nn.loss.crossEntropy(logits, labels, { ...none, labelSmoothing }));
          expect(losses.map(Number.isNaN)).to.deep.equal([true, false, true]);
        }
        expect(await nn.loss.crossEntropy(logits, labels).item()).to.be.NaN;
      }));
  }

  onCpu("cross-entropy refuses arrays with class numbers out of range", () => {
    const logits = tensor([[1, 2]]);
    for (const [labels, shown] of [
      [[2], "2"],
      [[-1], "-1"],
      [new Int32Array([7]), "7"],
    ] as const) {
      expect(() => nn.loss.crossEntropy(logits, labels)).to.throw(
        ArgumentError,
        `crossEntropy: labels must be class numbers from 0 to 1, got ${shown}`,
      );
    }
  });

  onCpu("squared, absolute and Huber errors", async () => {
    const [p, t] = [tensor([0, 1, 5]), tensor([0.5, 1, 1])];
    close(await numbers(nn.loss.mse(p, t, none)), [0.25, 0, 16]);
    close(await numbers(nn.loss.mae(p, t, none)), [0.5, 0, 4]);
    close(await numbers(nn.loss.huber(p, t, none)), [0.125, 0, 3.5]);
    close(await numbers(nn.loss.huber(p, t, { ...none, delta: 2 })), [0.125, 0, 6]);
    expect(await nn.loss.mse(p, t).item()).to.be.closeTo(16.25 / 3, 1e-12);
  });

  onCpu("binary cross-entropy of logits does not overflow, nor does its gradient", async () => {
    const z = tensor([0, 1000, -1000, 1000]);
    const t = tensor([1, 1, 0, 0]);
    close(await numbers(nn.loss.binaryCrossEntropy(z, t, none)), [Math.LN2, 0, 0, 1000]);
    const gradient = grad((x: typeof z) => nn.loss.binaryCrossEntropy(x, t, { reduction: "sum" }))(z);
    close(await numbers(gradient), [-0.5, 0, 0, 1]);
  });

  onCpu("hinge", async () => {
    close(await numbers(nn.loss.hinge(tensor([0.5, 2, 0.5]), tensor([1, 1, -1]), none)), [0.5, 0, 1.5]);
  });

  onCpu("refuse targets that would broadcast to nonsense", () => {
    expect(() => nn.loss.mse(tensor([[1], [2]]), tensor([1, 2]))).to.throw(
      ArgumentError,
      "mse: targets must have the predictions' shape [2, 1], got [2]",
    );
    expect(() => nn.loss.mse(tensor([1]), [1], { reduction: "avg" } as never)).to.throw(
      ArgumentError,
      "reduction must be",
    );
    expect(() => nn.loss.huber(tensor([1]), [1], { delta: 0 })).to.throw(
      ArgumentError,
      "delta must be above 0",
    );
  });
});

describe("metrics", () => {
  onCpu("count what was right", async () => {
    const logits = tensor([
      [3, 2, 1],
      [0, 1, 2],
      [5, 4, 0],
      [1, 2, 0],
    ]);
    const labels = [0, 0, 1, 1];
    expect(await nn.metrics.accuracy(logits, labels).item()).to.equal(0.5);
    expect(await nn.metrics.topKAccuracy(logits, labels, 2).item()).to.equal(0.75);
    expect(await nn.metrics.confusionMatrix(logits, labels).array()).to.deep.equal([
      [1, 0, 1],
      [1, 1, 0],
      [0, 0, 0],
    ]);
    expect(() => nn.metrics.accuracy(logits, [0])).to.throw(
      ArgumentError,
      "labels must have shape [4] for logits [4, 3]",
    );
  });
});
