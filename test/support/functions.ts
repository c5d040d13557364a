import { nn, tensor, type Tensor } from "../../lib";
import nets from "../golden/nets.json";

/** 100 (y − x²)² + (1 − x)²; its minimum is at (1, 1). */
export function rosenbrock(p: Tensor): Tensor {
  const [x, y] = [p.take(0), p.take(1)];
  return y.sub(x.square()).square().mul(100).add(x.sub(1).square());
}

/** (x² + y − 11)² + (x + y² − 7)². */
export function himmelblau(p: Tensor): Tensor {
  const [x, y] = [p.take(0), p.take(1)];
  return x.square().add(y).sub(11).square().add(x.add(y.square()).sub(7).square());
}

/** 1 / (i + j + 1). */
export function hilbert(n: number): Tensor {
  return tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 1 / (i + j + 1))));
}

interface Values {
  readonly shape: number[];
  readonly data: number[];
}

const read = ({ shape, data }: Values): Tensor => tensor(Float64Array.from(data), { shape });

export interface MlpParameters {
  readonly W1: Tensor;
  readonly b1: Tensor;
  readonly W2: Tensor;
  readonly b2: Tensor;
}

export function mlpOutputs(p: MlpParameters, inputs: Tensor): Tensor {
  return inputs.matmul(p.W1).add(p.b1).tanh().matmul(p.W2).add(p.b2);
}

/** The network of golden/nets.json: PyTorch's float64 values, the inputs, and the model in its two parts. */
export function mlp() {
  const golden = nets.mlp;
  const [W1, b1, W2, b2] = [golden.W1, golden.b1, golden.W2, golden.b2].map(read);
  const parameters: MlpParameters = { W1, b1, W2, b2 };
  const inputs = read(golden.X);
  const labels = tensor(Int32Array.from(golden.labels.data));
  const model = {
    outputs: (p: MlpParameters): Tensor => mlpOutputs(p, inputs),
    loss: (logits: Tensor): Tensor => nn.functional.crossEntropy(logits, labels),
  };
  return { golden, parameters, inputs, labels, model };
}
