import { topological, type Node } from "../graph/node";
import { constant } from "../ops/define";
import { withBatch } from "../ops/sum";
import { moveAxis, reshape, slice } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import { wrap } from "../tensor/tensor";
import { eye } from "../tensor/create";
import { withDevice } from "../tensor/device";
import { concatenate } from "../tensor/shape";
import { checkFunction } from "../util/checks";
import { checkOptions, describe, refuse } from "../util/errors";
import { sizeOf } from "../util/shapes";
import { unflatten, type Flat } from "../util/trees";
import { gradientOf } from "./grad";
import { pushforward } from "./jvp";
import { batchNodes, jvpNodes, orZeros, transposeNodes } from "./nodes";
import {
  checkArgnums,
  flattenTensors,
  placeholder,
  trace,
  unflattenTree,
  type Argument,
  type Arguments,
  type Given,
} from "./trees";

export interface JacobianOptions {
  /** The argument to differentiate in; 0 unless given. */
  readonly argnums?: number;
}

/** A node of a basis chunk times the chunk's length may have this many elements: 64 MiB in float32. */
const chunkElements = 2 ** 24;

/** Derivatives of type `X` of each tensor of `Y`: the structure of `Y`, with an `X` in place of each tensor. */
export type Jacobian<Y, X> = Y extends Tensor ? X : { [K in keyof Y]: Jacobian<Y[K], X> };

/** `f` at a point: the leaves of the argument, the nodes that stand for them, and what was computed from these. */
interface Evaluated {
  readonly x: Flat<Tensor>;
  readonly inputs: readonly Node[];
  readonly y: Flat<Tensor>;
  readonly outputs: readonly Node[];
}

function evaluate(
  where: string,
  f: (...args: never) => unknown,
  options: JacobianOptions,
  args: readonly unknown[],
): Evaluated {
  const argnums = checkArgnums(where, options.argnums ?? 0, args.length);
  const { inputs, given, result } = trace(where, f, args, argnums);
  const y = flattenTensors(result);
  return { x: given[0], inputs, y, outputs: y.leaves.map((t) => t.node) };
}

function jacobianFunction(
  where: string,
  f: (...args: never) => unknown,
  options: JacobianOptions,
  entries: (at: Evaluated) => Node[][],
): (...args: readonly unknown[]) => unknown {
  checkFunction(where, f);
  checkOptions(where, options, ["argnums"]);
  if (options.argnums !== undefined && !Number.isInteger(options.argnums)) {
    refuse(where, `argnums must be an integer, got ${describe(options.argnums)}`);
  }
  return (...args) => {
    const at = evaluate(where, f, options, args);
    const rows = entries(at).map((row) => unflattenTree(at.x.structure, row));
    return unflatten(at.y.structure, rows);
  };
}

/**
 * The Jacobian by forward mode, a pass for each element of the argument, in one batch: entries [...y.shape, ...x.shape].
 * Prefer it where the argument is smaller than the result.
 */
export function jacfwd<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options: JacobianOptions = {},
): (...args: Arguments<A>) => Jacobian<Y, Given<A[0]>> {
  const run = jacobianFunction("jacfwd", f, options, forwardEntries);
  return run as (...args: Arguments<A>) => Jacobian<Y, Given<A[0]>>;
}

/** The Jacobian by reverse mode, a pass for each element of the result, in one batch: entries [...y.shape, ...x.shape]. */
export function jacrev<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  options: JacobianOptions = {},
): (...args: Arguments<A>) => Jacobian<Y, Given<A[0]>> {
  const run = jacobianFunction("jacrev", f, options, reverseEntries);
  return run as (...args: Arguments<A>) => Jacobian<Y, Given<A[0]>>;
}

function forwardEntries({ x, inputs, y, outputs }: Evaluated): Node[][] {
  const columns = x.leaves.map((xl, j) => {
    const tangent = placeholder(xl.node);
    const along = inputs.map((_, k) => (k === j ? tangent : undefined));
    const pushed = jvpNodes(outputs, inputs, along).map((t, i) => orZeros(t, outputs[i]));
    return overBasis(xl.node, tangent, pushed).map((node, i) => {
      const { shape, size } = y.leaves[i];
      return reshape(moveAxis(reshape(node, [xl.size, size]), 0, 1), [...shape, ...xl.shape]);
    });
  });
  return y.leaves.map((_, i) => columns.map((column) => column[i]));
}

function reverseEntries({ x, inputs, y, outputs }: Evaluated): Node[][] {
  const tangents = inputs.map(placeholder);
  const linear = jvpNodes(outputs, inputs, tangents);
  return y.leaves.map((yl, i) => {
    const cotangent = placeholder(yl.node);
    const pulled = transposeNodes([linear[i]], tangents, [cotangent]).map((ct, j) => orZeros(ct, inputs[j]));
    return overBasis(yl.node, cotangent, pulled).map((node, j) =>
      reshape(node, [...yl.shape, ...x.leaves[j].shape]),
    );
  });
}

/** `outputs`, linear in the placeholder `input`, for each unit vector of its space: [size, ...output shape]. */
function overBasis(like: Node, input: Node, outputs: readonly Node[]): Node[] {
  const n = sizeOf(like.shape);
  if (n === 0)
    return outputs.map((o) => constant(0, { shape: [0, ...o.shape], dtype: o.dtype }, like.device));
  const basis = withDevice(like.device, () => eye(n, n, { dtype: like.dtype })).node;
  const chunk = chunkLength(outputs, n);
  const parts: Tensor[][] = [];
  for (let start = 0; start < n; start += chunk) {
    const rows = Math.min(chunk, n - start);
    const seeds = reshape(slice(basis, [start, 0], [rows, n], [1, 1]), [rows, ...like.shape]);
    parts.push(overBatch(outputs, input, seeds).map(wrap));
  }
  return outputs.map((_, i) =>
    parts.length === 1
      ? parts[0][i].node
      : concatenate(
          parts.map((p) => p[i]),
          0,
        ).node,
  );
}

function overBatch(outputs: readonly Node[], input: Node, seeds: Node): Node[] {
  const [rows] = seeds.shape;
  return batchNodes(outputs, [input], [seeds]).map(({ node, batched }) =>
    batched ? node : withBatch(node, rows),
  );
}

function chunkLength(outputs: readonly Node[], n: number): number {
  const widest = topological(outputs, (node) => node.storage !== undefined)
    .filter((node) => node.storage === undefined && node.op.lowering.kind !== "view")
    .reduce((most, node) => Math.max(most, sizeOf(node.shape)), 1);
  const chunks = Math.ceil(n / Math.max(1, Math.floor(chunkElements / widest)));
  return Math.ceil(n / chunks);
}

/**
 * The matrix of second derivatives of a scalar function in its first argument: entries [...x.shape, ...x.shape], for
 * trees a tree of trees. Forward over reverse mode, in one batch over the basis (in parts where that would not fit).
 */
export function hessian<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
): (...args: Arguments<A>) => Jacobian<Given<A[0]>, Given<A[0]>> {
  const run = jacobianFunction("hessian", gradientOf("hessian", f), {}, forwardEntries);
  return run as (...args: Arguments<A>) => Jacobian<Given<A[0]>, Given<A[0]>>;
}

/** The Hessian of `f` at `x` times `v`, which has the structure of `x`, without forming it (Pearlmutter 1994). */
export function hvp<X>(f: (x: X) => Tensor, x: Argument<X>, v: Argument<X>): X {
  return pushforward("hvp", gradientOf("hvp", f), [x], [v], () => "v")[1] as X;
}
