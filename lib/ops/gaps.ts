/** What the derivatives of eigenvectors and singular vectors divide by, which must not be zero. */
import { cpuArray } from "../graph/array";
import { apply, type Aval, type CpuArray, type Node, type Op } from "../graph/node";
import { SaddleError } from "../util/errors";
import { mul, neg, sub } from "./binary";
import { matrixTranspose } from "./matmul";
import { expand } from "./sum";
import { reshape } from "./view";

const epsilons = { float64: 2 ** -52, float32: 2 ** -23, float16: 2 ** -10 } as const;

/** Of [...batch, n]: 1/(w_j − w_i) off the diagonal and 0 on it. Refuses values that coincide. */
export const inverseGapsOp: Op = {
  name: "inverseGaps",
  shape: ([w]) => ({ shape: [...w.shape, w.shape[w.shape.length - 1]], dtype: w.dtype }),
  lowering: { kind: "host" },
  cpu: ([w], _attrs, out) => inverseGapsOf(w, out),
  jvp: ([t], node) => {
    const across = expand(asRow(t!), node.shape);
    return [neg(mul(mul(node, node), sub(across, matrixTranspose(across))))];
  },
  transpose: "nonlinear",
  batch: ([w]) => inverseGaps(w),
};

/** 1/(w_j − w_i) of ascending or descending w [..., n], where these differ. */
export function inverseGaps(w: Node): Node {
  return apply(inverseGapsOp, [w]);
}

/** Visits each row of values, with the size below which a difference is rounding. */
function forEachRow(w: CpuArray, visit: (values: number[], start: number, tolerance: number) => void): void {
  const n = w.shape[w.shape.length - 1];
  const epsilon = epsilons[w.dtype as keyof typeof epsilons];
  for (let start = 0; start < w.data.length; start += n) {
    const values = Array.from(w.data.subarray(start, start + n));
    visit(values, start, n * epsilon * values.reduce((most, v) => Math.max(most, Math.abs(v)), 0));
  }
}

function inverseGapsOf(w: CpuArray, out: Aval): CpuArray {
  const result = cpuArray(out);
  const n = w.shape[w.shape.length - 1];
  forEachRow(w, (values, start, tolerance) => {
    values.forEach((a, i) =>
      values.forEach((b, j) => {
        if (i === j) return;
        if (Math.abs(b - a) <= tolerance) refuseCoinciding(Math.min(i, j), Math.max(i, j));
        result.data[(start + i) * n + j] = 1 / (b - a);
      }),
    );
  });
  return result;
}

function refuseCoinciding(i: number, j: number): never {
  throw new SaddleError(
    `the eigenvectors (or singular vectors) ${i} and ${j} belong to values that coincide, so they can be any basis of ` +
      "their space and have no derivative; differentiate the values, or a function of the matrix itself",
  );
}

/** 1/w of singular values [..., n]. Refuses those that are zero. */
export const inversesOp: Op = {
  name: "inverses",
  shape: ([w]) => ({ shape: w.shape, dtype: w.dtype }),
  lowering: { kind: "host" },
  cpu: ([w], _attrs, out) => {
    const result = cpuArray(out);
    forEachRow(w, (values, start, tolerance) =>
      values.forEach((v, i) => {
        if (Math.abs(v) <= tolerance) refuseZero(i);
        result.data[start + i] = 1 / v;
      }),
    );
    return result;
  },
  jvp: ([t], node) => [neg(mul(mul(node, node), t!))],
  transpose: "nonlinear",
  batch: ([w]) => inverses(w),
};

export function inverses(w: Node): Node {
  return apply(inversesOp, [w]);
}

function refuseZero(i: number): never {
  throw new SaddleError(
    `the singular vectors ${i} belong to the value 0, so they can be any basis of their space and have no derivative; ` +
      "differentiate the values, or a function of the matrix itself",
  );
}

export function asRow(w: Node): Node {
  return reshape(w, [...w.shape.slice(0, -1), 1, w.shape[w.shape.length - 1]]);
}

export const gapOps = [inverseGapsOp, inversesOp];
