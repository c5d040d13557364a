/** Batched matrix product. */
import { apply, type Aval, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { isFloat } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, sameShape, sizeOf } from "../util/shapes";
import { now } from "../blas/computation";
import { mul } from "./binary";
import { constant, requireFloat } from "./define";
import { addProducts } from "./gemm";
import { expand, sum, withBatch } from "./sum";
import { moveAxis, permute, reshape } from "./view";

function productOf([a, b]: readonly Node[]): Aval {
  if (a.dtype !== b.dtype) refuse("matmul", `dtypes ${a.dtype} and ${b.dtype} differ`);
  const [m, k] = a.shape.slice(-2);
  const [k2, n] = b.shape.slice(-2);
  const batch = a.shape.slice(0, -2);
  if (k !== k2 || !sameShape(batch, b.shape.slice(0, -2))) {
    refuse(
      "matmul",
      `shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not fit: inner lengths ${k} and ${k2}`,
    );
  }
  return { shape: [...batch, m, n], dtype: a.dtype };
}

/** [...b, m, k] · [...b, k, n] → [...b, m, n] with equal leading axes. */
export const matmulOp: Op = {
  name: "matmul",
  shape: (inputs) => {
    requireFloat("matmul", inputs[0]);
    return productOf(inputs);
  },
  lowering: { kind: "contract" },
  cpu: ([a, b], _attrs, out) => {
    const result = cpuArray(out);
    const [m, k] = a.shape.slice(-2);
    const n = out.shape[out.shape.length - 1];
    const count = sizeOf(out.shape.slice(0, -2));
    now(addProducts(count, [m, k, n], floats(a), floats(b), floats(result)));
    return result;
  },
  jvp: ([ta, tb], node) => {
    const [a, b] = node.inputs;
    return [...(ta ? [matmul(ta, b)] : []), ...(tb ? [matmul(a, tb)] : [])];
  },
  transpose: (ct, node, input) => {
    const [a, b] = node.inputs;
    return input === 0 ? matmul(ct, matrixTranspose(b)) : matmul(matrixTranspose(a), ct);
  },
  batch: productOfBatch,
};

/** The same of integers, exact modulo 2³²: the kernels of products are for floats. */
export const wholeMatmulOp: Op = {
  name: "matmulOfIntegers",
  shape: (inputs) => {
    if (isFloat(inputs[0].dtype) || inputs[0].dtype === "bool")
      refuse("matmulOfIntegers", `needs integers, got ${inputs[0].dtype}`);
    return productOf(inputs);
  },
  lowering: { kind: "expand", build: ([a, b]) => summedProducts(a, b) },
  cpu: ([a, b], _attrs, out) => {
    const result = cpuArray(out);
    const [m, k] = a.shape.slice(-2);
    const n = out.shape[out.shape.length - 1];
    for (let i = 0; i < result.data.length; i++) {
      const row = Math.floor(i / n);
      const left = row * k;
      const right = Math.floor(row / m) * k * n + (i % n);
      for (let p = 0; p < k; p++) result.data[i] += Math.imul(a.data[left + p], b.data[right + p * n]);
    }
    return result;
  },
  jvp: "nondifferentiable",
  transpose: "nonlinear",
  batch: productOfBatch,
};

/** Over [...b, m, n, k], of which no element is stored. */
function summedProducts(a: Node, b: Node): Node {
  const batch = a.shape.slice(0, -2);
  const [m, k] = a.shape.slice(-2);
  const n = b.shape[b.shape.length - 1];
  const left = expand(reshape(a, [...batch, m, 1, k]), [...batch, m, n, k]);
  const right = expand(reshape(matrixTranspose(b), [...batch, 1, n, k]), [...batch, m, n, k]);
  return sum(mul(left, right), [batch.length + 2]);
}

function productOfBatch([a, b]: readonly Node[], [batchedA, batchedB]: readonly boolean[]): Node {
  if (batchedA && batchedB) return matmul(a, b);
  const size = (batchedA ? a : b).shape[0];
  if (batchedA && b.shape.length === 2) return foldRows(a, b);
  if (batchedB && a.shape.length === 2) return foldColumns(a, b);
  return batchedA ? matmul(a, withBatch(b, size)) : matmul(withBatch(a, size), b);
}

/** The interpreter holds floats of every dtype in float64. */
function floats({ data }: CpuArray): Float64Array {
  return data as Float64Array;
}

/** [v, m, k] · [k, n] as one product of v·m rows. */
function foldRows(a: Node, b: Node): Node {
  const [v, m, k] = a.shape;
  return reshape(matmul(reshape(a, [v * m, k]), b), [v, m, b.shape[1]]);
}

/** [m, k] · [v, k, n] as one product of v·n columns. */
function foldColumns(a: Node, b: Node): Node {
  const [v, k, n] = b.shape;
  const columns = reshape(moveAxis(b, 0, 1), [k, v * n]);
  return moveAxis(reshape(matmul(a, columns), [a.shape[0], v, n]), 1, 0);
}

export function matrixTranspose(x: Node): Node {
  const last = x.shape.length - 1;
  return permute(x, [...x.shape.map((_, d) => d).slice(0, -2), last, last - 1]);
}

export function matmul(a: Node, b: Node): Node {
  const k = a.shape[a.shape.length - 1];
  if (k === 0 && b.shape[b.shape.length - 2] === 0) {
    const shape = [...a.shape.slice(0, -1), b.shape[b.shape.length - 1]];
    return constant(0, { shape, dtype: a.dtype }, a.device);
  }
  return apply(isFloat(a.dtype) ? matmulOp : wholeMatmulOp, [a, b]);
}
