import { oneHotRows, sizeOf, uniform } from "./numbers";
import type { Convolution, Cost, Part, Parameters, Training, Workload } from "./workload";

/** The rows of the benchmark: those of the comparison first, then odd shapes. */
export const workloads: readonly Workload[] = [
  matmul("matmul256", "matmul 256", [256, 256], [256, 256]),
  matmul("matmul512", "matmul 512", [512, 512], [512, 512]),
  matmul("matmul1024", "matmul 1024", [1024, 1024], [1024, 1024]),
  matmul("matmulBatched", "batched matmul 64 × 128³", [64, 128, 128], [64, 128, 128]),
  {
    ...{ kind: "chain", name: "chain", title: "8 elementwise ops on 4 M", waits: "for each" },
    task: () => ({ x: uniform([2 ** 22], 5, 2) }),
    cost: { operations: 8 * 2 ** 22, bytes: 8 * 2 ** 22 },
    tolerance: 1e-5,
  },
  reduction("sum", "sum of 4 M", [2 ** 22]),
  {
    ...{ kind: "softmax", name: "softmax", title: "softmax 2048²", waits: "for each" },
    task: () => ({ x: uniform([2048, 2048], 7, 4) }),
    cost: { operations: 5 * 2 ** 22, bytes: 8 * 2 ** 22 },
    tolerance: 1e-4,
  },
  {
    ...{ kind: "layerNorm", name: "layerNorm", title: "layer norm 2048²", waits: "for each" },
    task: () => ({ x: uniform([2048, 2048], 7, 4), gamma: uniform([2048], 8), beta: uniform([2048], 9) }),
    cost: { operations: 8 * 2 ** 22, bytes: 8 * 2 ** 22 },
    tolerance: 1e-4,
  },
  convolution("conv", "conv 3×3, 32×32×32×64→64", [32, 64, 32, 32], [64, 64, 3, 3], 1, 1),
  convolutionGradients("convGradients", "its two gradients"),
  mlpStep("mlpStep", "mlp", "MLP 784-256-10, batch 128, step", 128),
  mlpStep("mlpLoss", "mlpLoss", "the same, loss read each step", 128),
  {
    ...{ kind: "lenetStep", name: "lenet", title: "LeNet, batch 64, step", waits: "for the last" },
    task: lenet,
    cost: { operations: lenetOperations(64), bytes: 4 * (64 * 28 * 28 + 2 * 44_426) },
    tolerance: 1e-3,
  },
  {
    ...{ kind: "hvp", name: "hvp", title: "Hessian-vector product of the MLP", waits: "for each" },
    task: () => ({ ...mlp(128, [784, 256, 10], 30), tangents: mlpParameters([784, 256, 10], 40, () => 1) }),
    cost: {
      operations: 2 * 128 * (3 * 784 * 256 + 8 * 256 * 10),
      bytes: 4 * (128 * 784 + 3 * (784 * 256 + 256 * 10)),
    },
    tolerance: 1e-3,
  },
  {
    ...{ kind: "hessian", name: "hessian", title: "full Hessian, 186 parameters", waits: "for each" },
    task: flatMlp,
    cost: { operations: 186 * 2 * 32 * (3 * 8 * 12 + 8 * 12 * 6), bytes: 4 * 186 ** 2 },
    tolerance: 1e-3,
  },
  // TensorFlow.js computes on the CPU what has fewer than a thousand elements, so this row has one rival.
  adds("adds16", "1,000 dependent adds of 16", 16, ["jax-js"]),
  adds("adds4096", "1,000 dependent adds of 4,096", 4096),
  {
    ...{ kind: "upload", name: "upload", title: "upload 16 MB", waits: "for each" },
    task: () => ({ x: uniform([2 ** 22], 95) }),
    cost: { bytes: 2 * 2 ** 24 },
    tolerance: 0,
  },
  {
    ...{ kind: "readBack", name: "readBack", title: "read back 16 MB", waits: "for each" },
    task: () => ({ x: uniform([2 ** 22], 95) }),
    cost: { bytes: 2 * 2 ** 24 },
    tolerance: 0,
  },
  matmul("matmulOdd", "matmul 333×1000×77", [333, 1000], [1000, 77]),
  matmul("matmulVector", "matmul 1×1024×1024", [1, 1024], [1024, 1024]),
  convolution("convOdd", "conv 5×5 stride 2, 32×64×64×3→32", [32, 3, 64, 64], [32, 3, 5, 5], 2, 2),
  convolution("convOne", "conv 3×3, batch 1, 32×32×64→64", [1, 64, 32, 32], [64, 64, 3, 3], 1, 1),
  mlpStep("mlpStep", "mlpOne", "MLP 784-256-10, batch 1, step", 1),
  reduction("sumMiddle", "sum over the middle of 64×256×256", [64, 256, 256], 1),
  {
    ...reduction("maxMiddle", "max over the middle of 32×1000×131", [32, 1000, 131], 1, "max"),
    tolerance: 0,
  },
];

function matmul(name: string, title: string, a: readonly number[], b: readonly number[]): Workload {
  const [inner, columns] = b.slice(-2);
  const result = (sizeOf(a) / inner) * columns;
  return {
    ...{ kind: "matmul", name, title, waits: "for each", tolerance: 1e-4 },
    task: () => ({ a: uniform(a, 1), b: uniform(b, 2) }),
    cost: { operations: 2 * result * inner, bytes: 4 * (sizeOf(a) + sizeOf(b) + result) },
  };
}

function reduction(
  name: string,
  title: string,
  shape: readonly number[],
  axis?: number,
  operation: "sum" | "max" = "sum",
): Workload {
  const results = axis === undefined ? 1 : sizeOf(shape) / shape[axis];
  return {
    ...{ kind: "reduction", name, title, waits: "for each", tolerance: 1e-4 },
    task: () => ({ x: uniform(shape, 6), axis, operation }),
    cost: { operations: sizeOf(shape), bytes: 4 * (sizeOf(shape) + results) },
  };
}

function adds(name: string, title: string, size: number, rivals?: readonly string[]): Workload {
  return {
    ...{ kind: "adds", name, title, waits: "for each", tolerance: 1e-4, rivals },
    task: () => ({ x: uniform([size], 90), y: uniform([size], 91), count: 1000 }),
    cost: { operations: 1000 * size, bytes: 1000 * 4 * 3 * size },
  };
}

function convolutionTask(
  x: readonly number[],
  w: readonly number[],
  stride: number,
  padding: number,
): Convolution {
  return { x: uniform(x, 10), w: uniform(w, 11, 0.1), stride, padding };
}

/** All taps are counted, also those that fall into the padding. */
function convolutionCost(x: readonly number[], w: readonly number[], stride: number): Cost {
  const result = x[0] * w[0] * (x[2] / stride) * (x[3] / stride);
  return { operations: 2 * result * sizeOf(w.slice(1)), bytes: 4 * (sizeOf(x) + sizeOf(w) + result) };
}

function convolution(
  name: string,
  title: string,
  x: readonly number[],
  w: readonly number[],
  stride: number,
  padding: number,
): Workload {
  return {
    ...{ kind: "convolution", name, title, waits: "for each", tolerance: 1e-4 },
    task: () => convolutionTask(x, w, stride, padding),
    cost: convolutionCost(x, w, stride),
  };
}

function convolutionGradients(name: string, title: string): Workload {
  const [x, w] = [
    [32, 64, 32, 32],
    [64, 64, 3, 3],
  ];
  const { operations } = convolutionCost(x, w, 1);
  return {
    ...{ kind: "convolutionGradients", name, title, waits: "for each", tolerance: 1e-4 },
    task: () => ({ ...convolutionTask(x, w, 1, 1), cotangent: uniform([32, 64, 32, 32], 12) }),
    cost: { operations: 2 * operations!, bytes: 4 * (3 * sizeOf(x) + 2 * sizeOf(w)) },
  };
}

/** Initial parameters within ± `bound(inputs)`: by default as PyTorch's linear layers. */
function mlpParameters(
  [inputs, hidden, outputs]: readonly number[],
  seed: number,
  bound: (inputs: number) => number = (n) => 1 / Math.sqrt(n),
): Parameters {
  return {
    w1: uniform([inputs, hidden], seed, bound(inputs)),
    b1: uniform([hidden], seed + 1, bound(inputs)),
    w2: uniform([hidden, outputs], seed + 2, bound(hidden)),
    b2: uniform([outputs], seed + 3, bound(hidden)),
  };
}

function mlp(batch: number, sizes: readonly number[], seed: number): Training {
  return {
    parameters: mlpParameters(sizes, seed),
    x: uniform([batch, sizes[0]], seed + 4),
    targets: oneHotRows(batch, sizes[2], seed + 9),
    learningRate: 0.1,
  };
}

/** Operations of the products: two for each of the first layer's weights, three for the second's, a sample. */
function mlpStep(kind: "mlpStep" | "mlpLoss", name: string, title: string, batch: number): Workload {
  const [first, second] = [784 * 256, 256 * 10];
  return {
    ...{ kind, name, title, waits: kind === "mlpLoss" ? "for each" : "for the last", tolerance: 1e-3 },
    task: () => mlp(batch, [784, 256, 10], 20),
    cost: {
      operations: 2 * batch * (2 * first + 3 * second),
      bytes: 4 * (batch * 784 + 2 * (first + second + 266)),
    },
  };
}

function flatMlp() {
  const { parameters, x, targets } = mlp(32, [8, 12, 6], 50);
  const arrays = Object.values(parameters);
  let from = 0;
  const parts = arrays.map(({ shape }): Part => {
    const part = { from, to: from + sizeOf(shape), shape };
    from = part.to;
    return part;
  });
  const data = Float32Array.from(arrays.flatMap((array) => [...array.data]));
  return { flat: { shape: [data.length], data }, parts, x, targets };
}

function lenet(): Training {
  const layers: Readonly<Record<string, readonly number[]>> = {
    ...{ c1: [6, 1, 5, 5], d1: [6, 1, 1], c2: [16, 6, 5, 5], d2: [16, 1, 1] },
    ...{ w1: [256, 120], b1: [120], w2: [120, 84], b2: [84], w3: [84, 10], b3: [10] },
  };
  const bounds = {
    c1: 1 / 5,
    c2: 1 / Math.sqrt(150),
    w1: 1 / 16,
    w2: 1 / Math.sqrt(120),
    w3: 1 / Math.sqrt(84),
  };
  const parameters = Object.entries(layers).map(
    ([name, shape], i) =>
      [name, uniform(shape, 60 + i, name in bounds ? bounds[name as "c1"] : 0.1)] as const,
  );
  return {
    parameters: Object.fromEntries(parameters),
    x: uniform([64, 1, 28, 28], 78),
    targets: oneHotRows(64, 10, 77),
    learningRate: 0.05,
  };
}

/** Three products a layer, but no gradient in the images. */
function lenetOperations(batch: number): number {
  const [first, second] = [6 * 24 * 24 * 25, 16 * 8 * 8 * 150];
  const dense = 256 * 120 + 120 * 84 + 84 * 10;
  return 2 * batch * (2 * first + 3 * second + 3 * dense);
}
