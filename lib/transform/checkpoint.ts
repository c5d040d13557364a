import { apply, topological, type Node, type Op } from "../graph/node";
import { after, alias } from "../ops/stop";
import { withBatch } from "../ops/sum";
import { Tensor, traced } from "../tensor/tensor";
import { checkFunction } from "../util/checks";
import { unflatten } from "../util/trees";
import { copyNodes, jvpNodes, transposeNodes } from "./nodes";
import { flattenTensors, flattenTrees, placeholder, unflattenTree, type Arguments } from "./trees";

/**
 * `f`, whose intermediate values are not kept for the backward pass but computed again there: memory is paid with one
 * more forward pass (Griewank 1992; Chen et al. 2016). The values and derivatives are those of `f`.
 */
export function checkpoint<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
): (...args: Arguments<A>) => Y {
  checkFunction("checkpoint", f);
  return (...args) => {
    const given = flattenTrees(args);
    const inputs = given.map(({ leaves }) => leaves.map((t) => alias(t.node)));
    const first = inputs.flat()[0]?.id ?? Infinity;
    const passed = given.map(({ structure }, i) =>
      unflatten(
        structure,
        inputs[i].map((n) => new Tensor(n)),
      ),
    );
    const { leaves, structure } = flattenTensors(traced(() => f(...(passed as unknown as A))));
    const outputs = leaves.map((t) => t.node);
    const boundary = [...inputs.flat(), ...outerNodes(outputs, first)];
    return unflattenTree(
      structure,
      outputs.map((y) => apply(checkpointOp, [y, ...boundary])),
    ) as Y;
  };
}

/** What `outputs` use from before node `first`, values apart: what `f` closes over and may be differentiated in. */
function outerNodes(outputs: readonly Node[], first: number): Node[] {
  const isOuter = (n: Node): boolean => n.storage !== undefined || n.id < first;
  return topological(outputs, isOuter).filter(
    (n) => n.id < first && n.storage === undefined && n.op.lowering.kind !== "scalar",
  );
}

/** The first input; the others are those from which it can be computed again. */
const checkpointOp: Op = {
  name: "checkpoint",
  shape: ([y]) => ({ shape: y.shape, dtype: y.dtype }),
  lowering: { kind: "expand", build: ([y]) => y },
  cpu: ([y]) => y,
  jvp: ([t, ...along], node) => {
    if (!t) return [];
    const given = along.flatMap((tangent, i) => (tangent ? [i] : []));
    const tangents = given.map((i) => along[i]!);
    return [apply(checkpointTangentOp, [t, ...node.inputs, ...tangents], { given })];
  },
  transpose: "nonlinear",
  batch: batchFirst,
};

/**
 * The tangent of a checkpointed value: inputs are the tangent, the value, what it is computed from, and the tangents of
 * those of these that `given` lists. Its transpose computes the value again, once the cotangent is there.
 */
const checkpointTangentOp: Op = {
  name: "checkpointTangent",
  shape: ([t]) => ({ shape: t.shape, dtype: t.dtype }),
  lowering: { kind: "expand", build: ([t]) => t },
  cpu: ([t]) => t,
  jvp: ([t]) => (t ? [t] : []),
  transpose: (ct, node, input) => {
    const given = node.attrs.given as readonly number[];
    const boundary = node.inputs.slice(2, node.inputs.length - given.length);
    const which = input - 2 - boundary.length;
    return which < 0 ? undefined : recompute(ct, node, boundary)[which];
  },
  batch: batchFirst,
};

function batchFirst(inputs: readonly Node[], batched: readonly boolean[], node: Node): Node {
  const [size] = inputs[batched.indexOf(true)].shape;
  const [first, ...rest] = inputs;
  return apply(node.op, [batched[0] ? first : withBatch(first, size), ...rest], node.attrs);
}

/** One recomputation serves all inputs of the node that asked for it. */
const recomputed = new WeakMap<Node, { readonly by: Node; readonly cotangents: (Node | undefined)[] }>();

/** The cotangents of those of `boundary` that have tangents; the value is computed again from there, after `ct`. */
function recompute(ct: Node, by: Node, boundary: readonly Node[]): (Node | undefined)[] {
  const known = recomputed.get(ct);
  if (known?.by === by) return known.cotangents;
  const late = boundary.map((n) => after(n, ct));
  const again = copyNodes([by.inputs[1]], boundary, late);
  const from = (by.attrs.given as readonly number[]).map((i) => late[i]);
  const tangents = from.map(placeholder);
  const cotangents = transposeNodes(jvpNodes(again, from, tangents), tangents, [ct]);
  recomputed.set(ct, { by, cotangents });
  return cotangents;
}
