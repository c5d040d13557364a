/** Running sums. */
import { apply, type Attrs, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { refuse } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { add, less, lessEqual, where } from "./binary";
import { constantLike, linearJvp } from "./define";
import { take } from "./gather";
import { iota } from "./iota";
import { broadcastTo } from "./sum";
import { reshape } from "./view";

interface Running {
  readonly axis: number;
  /** From the end to the start. */
  readonly reverse: boolean;
}

const runningOf = (attrs: Attrs): Running => attrs as unknown as Running;

/** out[…, i, …] = Σ x[…, j, …] over j ≤ i, or over j ≥ i. */
export const cumsumOp: Op = {
  name: "cumsum",
  shape: ([x]) => {
    if (x.dtype === "bool") refuse("cumsum", "cannot add bool; convert it first");
    return { shape: x.shape, dtype: x.dtype };
  },
  lowering: { kind: "expand", build: ([x], node) => byDoubling(x, runningOf(node.attrs)) },
  cpu: ([x], attrs, out) => {
    const { axis, reverse } = runningOf(attrs);
    const result = cpuArray(out);
    const n = x.shape[axis];
    const inner = sizeOf(x.shape.slice(axis + 1));
    for (let i = 0; i < x.data.length; i++) {
      const at = reverse ? x.data.length - 1 - i : i;
      const place = Math.floor(at / inner) % n;
      const isFirst = place === (reverse ? n - 1 : 0);
      result.data[at] = x.data[at] + (isFirst ? 0 : result.data[at + (reverse ? inner : -inner)]);
    }
    return result;
  },
  jvp: linearJvp,
  transpose: (ct, node) => {
    const { axis, reverse } = runningOf(node.attrs);
    return cumsum(ct, axis, !reverse);
  },
  batch: ([x], _batched, node) => {
    const { axis, reverse } = runningOf(node.attrs);
    return cumsum(x, axis + 1, reverse);
  },
};

export function cumsum(x: Node, axis: number, reverse = false): Node {
  return x.shape[axis] <= 1 ? x : apply(cumsumOp, [x], { axis, reverse });
}

/**
 * Hillis and Steele 1986: log₂ n additions of the sums so far to themselves, moved by 1, 2, 4, … The distances are
 * run-time numbers: all additions share one pipeline.
 */
function byDoubling(x: Node, { axis, reverse }: Running): Node {
  const n = x.shape[axis];
  const line = iota(n, "int32", x.device);
  const zero = constantLike(x, 0);
  let sums = x;
  for (let distance = 1; distance < n; distance *= 2) {
    const from = add(line, constantLike(line, reverse ? distance : -distance));
    const inside = reverse ? less(from, constantLike(from, n)) : lessEqual(constantLike(from, 0), from);
    const mask = broadcastTo(reshape(inside, [n, ...x.shape.slice(axis + 1).map(() => 1)]), x.shape);
    sums = add(sums, where(mask, take(sums, from, axis), zero));
  }
  return sums;
}
