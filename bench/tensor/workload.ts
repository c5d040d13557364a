import type { Numbers } from "./numbers";

/** What the benchmark computes, by kind: the inputs that every library gets. Images are NCHW, kernels OIHW. */
export interface Tasks {
  /** a·b over the last two axes. */
  readonly matmul: { readonly a: Numbers; readonly b: Numbers };
  /** exp(−√|1.5x + 0.25|)·x + 0.5. */
  readonly chain: { readonly x: Numbers };
  /** Over all axes unless one is given. */
  readonly reduction: { readonly x: Numbers; readonly operation: "sum" | "max"; readonly axis?: number };
  /** Over the last axis. */
  readonly softmax: { readonly x: Numbers };
  /** Over the last axis, ε = 1e-5. */
  readonly layerNorm: { readonly x: Numbers; readonly gamma: Numbers; readonly beta: Numbers };
  readonly convolution: Convolution;
  /** The gradients of ⟨conv(x, w), cotangent⟩ in x and w. */
  readonly convolutionGradients: Convolution & { readonly cotangent: Numbers };
  /** Mean cross-entropy of relu(x·w1 + b1)·w2 + b2, and its parameters one step of gradient descent later. */
  readonly mlpStep: Training;
  /** The same with the loss read at every step. */
  readonly mlpLoss: Training;
  /** LeNet-5 with relu and max pooling. */
  readonly lenetStep: Training;
  /** Of the loss above with tanh in relu's place. */
  readonly hvp: Training & { readonly tangents: Parameters };
  /** The same loss in one vector of all parameters, w1, b1, w2, b2 after each other. */
  readonly hessian: { readonly flat: Numbers; readonly parts: readonly Part[] } & Batch;
  /** x + y + y + …, each sum an op of its own. */
  readonly adds: { readonly x: Numbers; readonly y: Numbers; readonly count: number };
  /** From the host until the device has computed with it: its first element is read back. */
  readonly upload: { readonly x: Numbers };
  /** Of −x, which lies on the device. */
  readonly readBack: { readonly x: Numbers };
}

export type Kind = keyof Tasks;
export type Parameters = Readonly<Record<string, Numbers>>;

export interface Convolution {
  readonly x: Numbers;
  readonly w: Numbers;
  readonly stride: number;
  readonly padding: number;
}

export interface Batch {
  readonly x: Numbers;
  /** One-hot. */
  readonly targets: Numbers;
}

export interface Training extends Batch {
  readonly parameters: Parameters;
  readonly learningRate: number;
}

export interface Part {
  readonly from: number;
  readonly to: number;
  readonly shape: readonly number[];
}

/** The least that the work needs, however it is done. */
export interface Cost {
  /** Multiplications and additions. */
  readonly operations?: number;
  /** Every input read once and every result written once. */
  readonly bytes?: number;
}

interface Row<K extends Kind> {
  readonly kind: K;
  /** As an argument names it. */
  readonly name: string;
  /** As the table shows it. */
  readonly title: string;
  readonly task: () => Tasks[K];
  readonly cost: Cost;
  /** The largest error allowed, relative to the largest element. */
  readonly tolerance: number;
  /** Whether a sample waits for each repetition or, as training does, for the last. */
  readonly waits: "for each" | "for the last";
  /** The libraries to be ahead of, if not all. */
  readonly rivals?: readonly string[];
}

export type Workload = { readonly [K in Kind]: Row<K> }[Kind];
