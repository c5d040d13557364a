import { apply, type Node, type Op } from "../graph/node";
import { withBatch } from "./sum";

/** The identity, through which no derivative passes. */
export const stopGradientOp: Op = {
  name: "stopGradient",
  shape: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  lowering: { kind: "expand", build: ([x]) => x },
  cpu: ([x]) => x,
  jvp: () => [],
  transpose: "nonlinear",
  batch: ([x]) => stopGradient(x),
};

export function stopGradient(x: Node): Node {
  return apply(stopGradientOp, [x]);
}

/** A fresh name for a value, by which a transformation follows what is computed from it. */
export const aliasOp: Op = {
  name: "alias",
  shape: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  lowering: { kind: "expand", build: ([x]) => x },
  cpu: ([x]) => x,
  jvp: ([t]) => [t!],
  transpose: (ct) => ct,
  batch: ([x]) => x,
};

export function alias(x: Node): Node {
  return apply(aliasOp, [x]);
}

/** The value of the first input, computed only when the second has been. */
export const afterOp: Op = {
  name: "after",
  shape: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  // A view, so that the second input stays in the graph, which is computed inputs first.
  lowering: { kind: "view", read: (at) => ({ at: [...at] }) },
  cpu: ([x]) => x,
  jvp: ([t]) => (t ? [t] : []),
  transpose: (ct, _node, input) => (input === 0 ? ct : undefined),
  batch: ([x, token], [batched]) => after(batched ? x : withBatch(x, token.shape[0]), token),
};

export function after(x: Node, token: Node): Node {
  return apply(afterOp, [x, token]);
}
