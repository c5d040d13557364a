import { apply, type Node, type Op } from "../graph/node";

/** The identity, through which no derivative passes. */
export const stopGradientOp: Op = {
  name: "stopGradient",
  shape: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  wgsl: { kind: "expand", build: ([x]) => x },
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
  wgsl: { kind: "expand", build: ([x]) => x },
  cpu: ([x]) => x,
  jvp: ([t]) => [t!],
  transpose: (ct) => ct,
  batch: ([x]) => x,
};

export function alias(x: Node): Node {
  return apply(aliasOp, [x]);
}
