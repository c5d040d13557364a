/** Batched matrix product. */
import { apply, type CpuArray, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/interpret";
import { refuse } from "../util/errors";
import { formatShape, sameShape, sizeOf } from "../util/shapes";
import { now } from "../blas/computation";
import { constant, requireFloat } from "./define";
import { addProducts } from "./gemm";
import { withBatch } from "./sum";
import { moveAxis, permute, reshape } from "./view";

/** [...b, m, k] · [...b, k, n] → [...b, m, n] with equal leading axes. */
export const matmulOp: Op = {
  name: "matmul",
  shape: ([a, b]) => {
    requireFloat("matmul", a);
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
  },
  wgsl: { kind: "contract" },
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
  batch: ([a, b], [batchedA, batchedB]) => {
    if (batchedA && batchedB) return matmul(a, b);
    const size = (batchedA ? a : b).shape[0];
    if (batchedA && b.shape.length === 2) return foldRows(a, b);
    if (batchedB && a.shape.length === 2) return foldColumns(a, b);
    return batchedA ? matmul(a, withBatch(b, size)) : matmul(withBatch(a, size), b);
  },
};

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
  return apply(matmulOp, [a, b]);
}
