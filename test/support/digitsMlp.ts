import { data, nn, random, zeros, type Tensor } from "../../lib";

export interface Layer {
  readonly W: Tensor;
  readonly b: Tensor;
}

/** Two hidden layers of `width` on the first `count` digits: 64 · w + w² + 10 · w + 2 w + 10 parameters. */
export function digitsMlp(width: number, count: number) {
  const { images, labels } = data.digits();
  const pixels = images.reshape([-1, 64]).slice([0, 0], [count, 64]);
  const digits = labels.slice([0], [count]);
  const sizes = [64, width, width, 10];
  const keys = random.split(random.key(0), 3);
  const layers: Layer[] = keys.map((key, i) => ({
    W: random.normal(key, [sizes[i], sizes[i + 1]]).mul(1 / Math.sqrt(sizes[i])),
    b: zeros([sizes[i + 1]]),
  }));
  const loss = ([first, second, last]: Layer[]): Tensor => {
    const hidden = pixels.matmul(first.W).add(first.b).tanh().matmul(second.W).add(second.b).tanh();
    return nn.functional.crossEntropy(hidden.matmul(last.W).add(last.b), digits);
  };
  return { layers, loss, size: layers.reduce((n, { W, b }) => n + W.size + b.size, 0) };
}
