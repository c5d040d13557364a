/** As much of TensorFlow.js's types as the benchmark calls. */
export interface TfTensor {
  readonly shape: readonly number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

type Value = TfTensor | number;
type Unary = (x: TfTensor) => TfTensor;
type Binary = (a: Value, b: Value) => TfTensor;
type Reduce = (x: TfTensor, axis?: number, keepDims?: boolean) => TfTensor;

/** WebGPU's backend keeps commands back until a value is read or enough have gathered. */
export interface TfBackend {
  readonly device: GPUDevice;
  readonly commandEncoder?: unknown;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

export interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  backend(): TfBackend;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
  tidy<T>(f: () => T): T;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor;
  stack(tensors: readonly TfTensor[]): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  conv2d(x: TfTensor, w: TfTensor, stride: number, padding: number | "valid"): TfTensor;
  maxPool(x: TfTensor, size: number, stride: number, padding: "valid"): TfTensor;
  softmax(x: TfTensor, axis: number): TfTensor;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly neg: Unary;
  readonly exp: Unary;
  readonly log: Unary;
  readonly sqrt: Unary;
  readonly abs: Unary;
  readonly tanh: Unary;
  readonly relu: Unary;
  readonly square: Unary;
  readonly logSoftmax: Unary;
  readonly sum: Reduce;
  readonly max: Reduce;
  readonly mean: Reduce;
  grad(f: Unary): Unary;
  grads(f: (...args: TfTensor[]) => TfTensor): (args: readonly TfTensor[]) => TfTensor[];
  valueAndGrads(
    f: (...args: TfTensor[]) => TfTensor,
  ): (args: readonly TfTensor[]) => { readonly value: TfTensor; readonly grads: readonly TfTensor[] };
  customGrad(
    f: (
      x: TfTensor,
      save: (tensors: readonly TfTensor[]) => void,
    ) => {
      readonly value: TfTensor;
      readonly gradFunc: (cotangent: TfTensor, saved: readonly TfTensor[]) => TfTensor;
    },
  ): Unary;
}
