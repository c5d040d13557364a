/** Batched matrix product. */
import { apply, type Aval, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/interpret";
import { isFloat, type TypedArray } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, sameShape, sizeOf } from "../util/shapes";
import { mul } from "./binary";
import { constant, requireFloat } from "./define";
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
  wgsl: { kind: "contract" },
  cpu: ([a, b], _attrs, out) => {
    const result = cpuArray(out);
    const [m, k] = a.shape.slice(-2);
    const n = out.shape[out.shape.length - 1];
    const rows = sizeOf(out.shape.slice(0, -2)) * m;
    for (let i = 0; i < rows; i++)
      addRow(a.data, i * k, b.data, Math.floor(i / m) * k * n, result.data, i * n, k, n);
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
  wgsl: { kind: "expand", build: ([a, b]) => summedProducts(a, b) },
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

/** Adds a row of `left` times the matrix of `right` to a row of `out`, four steps of k at a time: `out` is stored less often. */
function addRow(
  left: TypedArray,
  leftAt: number,
  right: TypedArray,
  rightAt: number,
  out: TypedArray,
  outAt: number,
  k: number,
  n: number,
): void {
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const [x0, x1] = [left[leftAt + p], left[leftAt + p + 1]];
    const [x2, x3] = [left[leftAt + p + 2], left[leftAt + p + 3]];
    const r0 = rightAt + p * n;
    const [r1, r2, r3] = [r0 + n, r0 + 2 * n, r0 + 3 * n];
    for (let j = 0; j < n; j++) {
      out[outAt + j] += x0 * right[r0 + j] + x1 * right[r1 + j] + (x2 * right[r2 + j] + x3 * right[r3 + j]);
    }
  }
  for (; p < k; p++) {
    const x = left[leftAt + p];
    const r = rightAt + p * n;
    for (let j = 0; j < n; j++) out[outAt + j] += x * right[r + j];
  }
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
