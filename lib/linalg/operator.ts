import { cpu, defaultDevice, withDevice } from "../tensor/device";
import { fromData } from "../tensor/create";
import * as random from "../tensor/random";
import { asTensor } from "../tensor/lift";
import { Tensor, type TensorLike } from "../tensor/tensor";
import type { DType } from "../util/dtypes";
import { describe, NotFiniteError, refuse } from "../util/errors";
import { breathe } from "./breathe";
import { formatShape } from "../util/shapes";
import { dot, norm, type Vector } from "./vectors";

/** A square matrix that is known by its products alone. Iterative methods take a symmetric one. */
export interface LinearOperator {
  /** [n, n]. */
  readonly shape: readonly number[];
  /** float64 has its vectors on the cpu device; else they are on the default device. */
  readonly dtype?: DType;
  /** The product with a vector [n]. */
  readonly matvec: (v: Tensor) => Tensor | Promise<Tensor>;
}

/** An operator that takes its vectors from the host as they are. */
export interface HostOperator extends LinearOperator {
  readonly multiply: (v: Vector) => Promise<Vector>;
}

/** An operator as the iterations here use it: on vectors of the host, counting its products. */
export interface Products {
  readonly size: number;
  /** The unit roundoff of a product. */
  readonly epsilon: number;
  /** How many products were computed. */
  count: number;
  /** A new vector. */
  readonly multiply: (v: Vector) => Promise<Vector>;
  readonly zeros: () => Vector;
}

/** `op`, an operator or a matrix [n, n], ready for iterations. */
export function productsOf(where: string, op: LinearOperator | Tensor): Products {
  const operator = op instanceof Tensor ? matrixOperator(op) : op;
  const size = checkOperator(where, operator);
  const isDouble = (operator.dtype ?? defaultDevice().floatType) === "float64";
  const multiply =
    "multiply" in operator ? (operator as HostOperator).multiply : byTensors(where, operator, isDouble);
  const products: Products = {
    size,
    epsilon: isDouble ? 2 ** -53 : 2 ** -24,
    count: 0,
    zeros: () => (isDouble ? new Float64Array(size) : new Float32Array(size)),
    multiply: async (v) => {
      products.count++;
      await breathe();
      const product = await multiply(v);
      if (product.some((x) => !Number.isFinite(x))) {
        throw new NotFiniteError(
          `${where}: product ${products.count} with the operator holds NaN or infinity`,
        );
      }
      return product;
    },
  };
  return products;
}

/**
 * `productsOf` an operator that must be symmetric, which two products with random vectors tell: uᵀAv and vᵀAu then differ
 * by rounding alone. Operators of curvature are symmetric by the way they are made.
 */
export async function symmetricProductsOf(where: string, op: LinearOperator | Tensor): Promise<Products> {
  const products = productsOf(where, op);
  if (!("multiply" in op)) await checkSymmetric(where, products);
  return products;
}

/** Of a seed's random vectors, those that the check takes: no search starts from them. */
const probes = [0x5ca1e, 0x5ca1f] as const;

async function checkSymmetric(where: string, op: Products): Promise<void> {
  const [u, v] = [await randomVector(op, 0, probes[0]), await randomVector(op, 0, probes[1])];
  const [au, av] = [await op.multiply(u), await op.multiply(v)];
  const [left, right] = [dot(u, av), dot(v, au)];
  // Rounding of a product is independent of the other vector, so that it adds up to some roundoffs of one product.
  const rounding = (op.epsilon < 1e-10 ? 1e-8 : 1e-2) * (norm(au) + norm(av));
  if (Math.abs(left - right) <= rounding) return;
  refuse(
    where,
    `op must be symmetric, got uᵀAv = ${left.toPrecision(6)} and vᵀAu = ${right.toPrecision(6)} for two random vectors; (A + Aᵀ)/2 is symmetric, and AᵀA has the squares of A's singular values`,
  );
}

function matrixOperator(a: Tensor): LinearOperator {
  return { shape: a.shape, dtype: a.dtype, matvec: (v) => a.matmul(v.to(a.device)) };
}

function checkOperator(where: string, op: LinearOperator): number {
  const { shape, matvec } = (op ?? {}) as Partial<LinearOperator>;
  if (!Array.isArray(shape) || typeof matvec !== "function") {
    refuse(where, `op must be a LinearOperator {shape, matvec} or a matrix, got ${describe(op)}`);
  }
  const [m, n] = shape as number[];
  if (shape.length !== 2 || m !== n || !Number.isInteger(n) || n < 1) {
    refuse(where, `op must be square, [n, n], got shape ${formatShape(shape as number[])}`);
  }
  return n;
}

function byTensors(where: string, op: LinearOperator, isDouble: boolean): (v: Vector) => Promise<Vector> {
  const device = isDouble ? cpu : defaultDevice();
  return async (v) => {
    const product = await op.matvec(fromData(v, [v.length], device.floatType, device));
    if (!(product instanceof Tensor) || product.size !== v.length) {
      const got = product instanceof Tensor ? formatShape(product.shape) : describe(product);
      refuse(where, `op.matvec must return a tensor of shape [${v.length}], got ${got}`);
    }
    const data = await product.data();
    return isDouble ? Float64Array.from(data) : Float32Array.from(data);
  };
}

/** What a random vector's elements are: ±1, or standard normal. */
export type Distribution = "rademacher" | "gaussian";

/** Below this length a kernel takes longer to compile than the interpreter to draw the numbers. */
const worthCompiling = 2 ** 16;

/** Random vectors of a seed: the `index`-th of them, the same on every machine. */
export async function randomVector(
  { zeros, size }: Products,
  seed: number,
  index: number,
  distribution: Distribution = "gaussian",
): Promise<Vector> {
  const device = size < worthCompiling ? cpu : defaultDevice();
  const data = await withDevice(device, () => {
    const key = random.foldIn(random.key(seed), index);
    return distribution === "gaussian" ? random.normal(key, [size]) : random.bernoulli(key, [size]);
  }).data();
  const vector = zeros();
  if (distribution === "gaussian") vector.set(data);
  else for (let i = 0; i < size; i++) vector[i] = data[i] === 0 ? -1 : 1;
  return vector;
}

/** Vectors as the columns of a tensor [n, count]. */
export function columnsTensor({ size, epsilon }: Products, vectors: readonly Vector[]): Tensor {
  const count = vectors.length;
  const data = new Float64Array(size * count);
  vectors.forEach((vector, j) => vector.forEach((x, i) => (data[i * count + j] = x)));
  const device = epsilon < 2 ** -50 ? cpu : defaultDevice();
  return fromData(data, [size, count], device.floatType, device);
}

/** A vector [n] as a tensor. */
export function vectorTensor(op: Products, vector: Vector): Tensor {
  return columnsTensor(op, [vector]).reshape([op.size]);
}

/** What a user gives as a vector [n]. */
export async function readVector(
  where: string,
  name: string,
  op: Products,
  given: TensorLike,
): Promise<Vector> {
  const tensor = asTensor(where, name, given);
  if (tensor.size !== op.size)
    refuse(where, `${name} must have shape [${op.size}], got ${formatShape(tensor.shape)}`);
  const vector = op.zeros();
  vector.set(await tensor.data());
  const bad = vector.find((v) => !Number.isFinite(v));
  return bad === undefined ? vector : refuse(where, `${name} must be finite, got ${bad} in it`);
}
