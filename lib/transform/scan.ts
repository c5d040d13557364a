import { wrap, type Tensor } from "../tensor/tensor";
import { stack } from "../tensor/shape";
import { sliceAt } from "../ops/stack";
import { checkFlag, checkFunction, checkWhole } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import { formatStructure, leafPaths, sameStructure, unflatten, type Flat } from "../util/trees";
import { flattenTensors, flattenTrees, type Argument } from "./trees";

export interface ScanOptions {
  /** The number of steps, where `xs` is null. */
  readonly length?: number;
  /** From the last slice to the first; the results stay in the order of the slices. */
  readonly reverse?: boolean;
}

/**
 * A recurrence: `f(carry, x)` gives `[carry, y]` and is called with each slice of `xs` along axis 0 in turn. The result
 * is the last carry and all y, stacked along axis 0. `xs` may be null where `length` says how many steps to take. The
 * steps are written out one after the other, so a thousand of them make a large program: give it to `jit`.
 */
export function scan<C, X, Y>(
  f: (carry: C, x: X) => readonly [C, Y],
  init: Argument<C>,
  xs: Argument<X>,
  options: ScanOptions = {},
): [C, Y] {
  checkFunction("scan", f);
  checkOptions("scan", options, ["length", "reverse"]);
  const [given, first] = flattenTrees([xs, init]);
  const length = stepsOf(given, options.length);
  const reverse = checkFlag("scan", "reverse", options.reverse);
  let carry = unflatten(first.structure, first.leaves) as C;
  const ys = new Array<Flat<Tensor>>(length);
  for (let step = 0; step < length; step++) {
    const at = reverse ? length - 1 - step : step;
    const result: unknown = f(
      carry,
      unflatten(
        given.structure,
        given.leaves.map((t) => wrap(sliceAt(t.node, at))),
      ) as X,
    );
    if (!Array.isArray(result) || result.length !== 2) {
      return refuse("scan", `f must return [carry, y], got ${describe(result)}`);
    }
    checkCarry(result[0], first);
    carry = result[0] as C;
    ys[at] = flattenTensors(result[1]);
  }
  if (length === 0) refuse("scan", "needs at least one step, got none");
  const stacked = ys[0].leaves.map((_, i) => stack(ys.map((y) => y.leaves[i])));
  return [carry, unflatten(ys[0].structure, stacked) as Y];
}

function stepsOf({ leaves, structure }: Flat<Tensor>, length: number | undefined): number {
  if (length !== undefined) checkWhole("scan", "length", length, 1);
  if (leaves.length === 0) return length ?? refuse("scan", "needs xs or the option length, got neither");
  const paths = leafPaths(structure);
  const scalar = leaves.findIndex((t) => t.ndim === 0);
  if (scalar >= 0) refuse("scan", `xs ${paths[scalar]} is a scalar and has no slices`.replace("  ", " "));
  const steps = length ?? leaves[0].shape[0];
  const bad = leaves.find((t) => t.shape[0] !== steps);
  if (bad) refuse("scan", `xs must have ${steps} slices along axis 0, got shape ${formatShape(bad.shape)}`);
  return steps;
}

function checkCarry(carry: unknown, first: Flat<Tensor>): void {
  const { leaves, structure } = flattenTensors(carry);
  if (!sameStructure(structure, first.structure)) {
    refuse(
      "scan",
      `f must return a carry like init, ${formatStructure(first.structure)}, got ${formatStructure(structure)}`,
    );
  }
  leaves.forEach((t, i) => {
    const wanted = first.leaves[i];
    if (sameShape(t.shape, wanted.shape) && t.dtype === wanted.dtype) return;
    refuse(
      "scan",
      `f must return a carry like init, ${wanted.dtype} ${formatShape(wanted.shape)}, got ${t.dtype} ${formatShape(t.shape)}`,
    );
  });
}
