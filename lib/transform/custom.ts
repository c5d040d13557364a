import { apply, type Node, type Op } from "../graph/node";
import { constantLike } from "../ops/define";
import { alias } from "../ops/stop";
import { allBatched, withBatch } from "../ops/sum";
import { reshape, slice } from "../ops/view";
import { concatenate } from "../tensor/shape";
import { Tensor, traced, wrap } from "../tensor/tensor";
import { checkFunction } from "../util/checks";
import { isFloat } from "../util/dtypes";
import { describe, refuse } from "../util/errors";
import { unflatten, type Flat } from "../util/trees";
import { batchNodes, jvpNodes, transposeNodes } from "./nodes";
import { flattenTensors, flattenTrees, matchTree, placeholder, unflattenTree, type Arguments } from "./trees";

/** What a backward rule gives: a cotangent for each argument, or null where there is none. */
export type Cotangents<A extends readonly unknown[]> = { readonly [K in keyof A]: A[K] | null };

/**
 * `f` with a derivative of its own: `fwd(...args)` gives `[y, residuals]`, and `bwd(residuals, cotangent)` an array with
 * the cotangent of each argument, which may be any function of the cotangent (to clip it, say). It nests in every
 * transformation; forward mode takes the transpose of `bwd` at zero. Derivatives in what `f` closes over are lost: pass
 * it as an argument.
 */
export function customVjp<A extends readonly unknown[], Y, R>(
  f: (...args: A) => Y,
  fwd: (...args: A) => readonly [Y, R],
  bwd: (residuals: R, cotangent: Y) => Cotangents<A>,
): (...args: Arguments<A>) => Y {
  checkFunction("customVjp", f);
  checkFunction("customVjp", fwd, "fwd");
  checkFunction("customVjp", bwd, "bwd");
  return (...args) => {
    const given = flattenTrees(args);
    const inputs = given.map(({ leaves }) => leaves.map((t) => alias(t.node)));
    const passed = given.map(({ structure }, i) =>
      unflatten(
        structure,
        inputs[i].map((n) => new Tensor(n)),
      ),
    );
    const result: unknown = traced(() => fwd(...(passed as unknown as A)));
    if (!Array.isArray(result) || result.length !== 2) {
      return refuse("customVjp", `fwd must return [y, residuals], got ${describe(result)}`);
    }
    const y = flattenTensors(result[0]);
    const residuals = flattenTensors(result[1]);
    const rule: BackwardRule = (kept, ct) =>
      traced(() => {
        const cotangent = unflattenTree(y.structure, unpack(ct, y.leaves)) as Y;
        return cotangentsOf(bwd(unflattenTree(residuals.structure, kept) as R, cotangent), given);
      });
    const kept = residuals.leaves.map((t) => t.node);
    const node = apply(customOp(rule, kept.length), [pack(y.leaves), ...kept, ...inputs.flat()]);
    return unflattenTree(y.structure, unpack(node, y.leaves)) as Y;
  };
}

/** Cotangents of the arguments' leaves, from the residuals and the cotangent of the packed result. */
type BackwardRule = (residuals: readonly Node[], cotangent: Node) => (Node | undefined)[];

function cotangentsOf(back: unknown, given: readonly Flat<Tensor>[]): (Node | undefined)[] {
  if (!Array.isArray(back) || back.length !== given.length) {
    return refuse(
      "customVjp",
      `bwd must return an array of ${given.length} cotangents, one an argument, got ${describe(back)}`,
    );
  }
  return given.flatMap((flat, i) => {
    const part: unknown = back[i];
    if (part === null || part === undefined) return flat.leaves.map(() => undefined);
    return matchTree("customVjp", `the cotangent of argument ${i}`, part, flat);
  });
}

/** Several results as one, so that `bwd` sees all of their cotangents at once. */
function pack(leaves: readonly Tensor[]): Node {
  const bad = leaves.find((t) => !isFloat(t.dtype));
  if (bad || leaves.length === 0) {
    refuse("customVjp", bad ? `f must return floats, got ${bad.dtype}` : "f must return a tensor");
  }
  if (leaves.length === 1) return leaves[0].node;
  return concatenate(leaves.map((t) => wrap(reshape(t.node, [t.size])))).node;
}

function unpack(packed: Node, leaves: readonly Tensor[]): Node[] {
  if (leaves.length === 1) return [packed];
  let start = 0;
  return leaves.map(({ shape, size }) => {
    const part = slice(packed, [start], [size], [1]);
    start += size;
    return reshape(part, shape);
  });
}

/** The first input; the next `count` are residuals, the rest the arguments that `rule` gives cotangents of. */
function customOp(rule: BackwardRule, count: number): Op {
  return {
    name: "customVjp",
    shape: ([y]) => ({ shape: y.shape, dtype: y.dtype }),
    lowering: { kind: "expand", build: ([y]) => y },
    cpu: ([y]) => y,
    jvp: (tangents, node) => {
      const given = tangents.slice(1 + count).flatMap((t, i) => (t ? [i] : []));
      if (given.length === 0) return [];
      const along = given.map((i) => tangents[1 + count + i]!);
      const residuals = node.inputs.slice(1, 1 + count);
      const forward = pushForward(rule, residuals, node, given, along);
      return [apply(tangentOp(rule, count, given), [forward, ...residuals, ...along])];
    },
    transpose: "nonlinear",
    batch: (inputs, batched) => {
      const [size] = inputs[batched.indexOf(true)].shape;
      return apply(customOp(batchedRule(rule, size), count), allBatched(inputs, batched));
    },
  };
}

/** The tangent of a result, for its value; its transpose is the rule. Inputs: the tangent, residuals, given tangents. */
function tangentOp(rule: BackwardRule, count: number, given: readonly number[]): Op {
  let latest: { ct: Node; cotangents: (Node | undefined)[] } | undefined;
  return {
    name: "customVjpTangent",
    shape: ([t]) => ({ shape: t.shape, dtype: t.dtype }),
    lowering: { kind: "expand", build: ([t]) => t },
    cpu: ([t]) => t,
    jvp: ([t]) => (t ? [t] : []),
    transpose: (ct, node, input) => {
      if (input <= count) return undefined;
      if (latest?.ct !== ct) latest = { ct, cotangents: rule(node.inputs.slice(1, 1 + count), ct) };
      return latest.cotangents[given[input - 1 - count]];
    },
    batch: (inputs, batched) => {
      const [size] = inputs[batched.indexOf(true)].shape;
      return apply(tangentOp(batchedRule(rule, size), count, given), allBatched(inputs, batched));
    },
  };
}

/** The transpose of `rule` at the cotangent zero, applied to tangents. */
function pushForward(
  rule: BackwardRule,
  residuals: readonly Node[],
  like: Node,
  given: readonly number[],
  tangents: readonly Node[],
): Node {
  const ct = alias(constantLike(like, 0));
  const direction = placeholder(like);
  const back = rule(residuals, ct);
  const used = given.flatMap((i, k) => (back[i] ? [{ node: back[i], tangent: tangents[k] }] : []));
  const linear = jvpNodes(
    used.map((u) => u.node),
    [ct],
    [direction],
  );
  const [pushed] = transposeNodes(
    linear,
    [direction],
    used.map((u) => u.tangent),
  );
  return pushed ?? constantLike(like, 0);
}

/** `rule` for each of a batch of residuals and cotangents. */
function batchedRule(rule: BackwardRule, size: number): BackwardRule {
  return (residuals, ct) => {
    const one = [...residuals, ct].map((n) => placeholder({ ...n, shape: n.shape.slice(1) }));
    const back = rule(one.slice(0, -1), one[one.length - 1]);
    const there = back.filter((n) => n !== undefined);
    const results = batchNodes(there, one, [...residuals, ct]);
    let next = 0;
    return back.map((n) => {
      if (n === undefined) return undefined;
      const { node, batched } = results[next++];
      return batched ? node : withBatch(node, size);
    });
  };
}
