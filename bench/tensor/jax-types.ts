/** As much of jax-js's types as the benchmark calls. An operation consumes its operands, `ref` keeps one. */
export interface JaxArray {
  readonly ref: JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  neg(): JaxArray;
  sum(): JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  slice(range: readonly [number, number]): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}

export type JaxTree = Readonly<Record<string, JaxArray>>;

type Reduce = (x: JaxArray, axis?: number, options?: { readonly keepdims?: boolean }) => JaxArray;
type Unary = (x: JaxArray) => JaxArray;

export interface Jax {
  init(device: string): Promise<unknown>;
  defaultDevice(device: string): void;
  readonly numpy: {
    array(data: Float32Array): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    readonly exp: Unary;
    readonly sqrt: Unary;
    readonly abs: Unary;
    readonly tanh: Unary;
    readonly square: Unary;
    readonly sum: Reduce;
    readonly max: Reduce;
    readonly mean: Reduce;
  };
  readonly nn: {
    readonly relu: Unary;
    readonly softmax: (x: JaxArray, axis: number) => JaxArray;
    readonly logSoftmax: Unary;
  };
  readonly lax: {
    convGeneralDilated(
      x: JaxArray,
      w: JaxArray,
      strides: readonly number[],
      padding: readonly (readonly [number, number])[],
    ): JaxArray;
    reduceWindow(x: JaxArray, f: Reduce, window: readonly number[], strides: readonly number[]): JaxArray;
  };
  readonly jit: <A extends readonly unknown[], R>(f: (...args: A) => R) => (...args: A) => R;
  grad<X>(f: (x: X) => JaxArray): (x: X) => X;
  grad<A extends readonly unknown[]>(
    f: (...args: A) => JaxArray,
    options: { readonly argnums: readonly number[] },
  ): (...args: A) => JaxArray[];
  valueAndGrad<X>(f: (x: X) => JaxArray): (x: X) => [JaxArray, X];
  jvp<X, Y>(f: (x: X) => Y, primals: readonly [X], tangents: readonly [X]): [Y, Y];
  hessian(f: (x: JaxArray) => JaxArray): (x: JaxArray) => JaxArray;
  readonly tree: { ref<T>(tree: T): T; dispose(tree: unknown): void };
  blockUntilReady<T>(tree: T): Promise<T>;
}
