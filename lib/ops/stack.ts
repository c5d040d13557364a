/** Many tensors of one shape as the slices of one. */
import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { refuse } from "../util/errors";
import { formatShape, sameShape } from "../util/shapes";
import { add } from "./binary";
import { cast } from "./cast";
import { constant, constantLike } from "./define";
import { take } from "./gather";
import { allBatched } from "./sum";
import { moveAxis, placed, reshape } from "./view";

/** [...shape] many times → [count, ...shape]. */
export const stackOp: Op = {
  name: "stack",
  shape: (inputs) => {
    const [{ shape, dtype }] = inputs;
    const odd = inputs.find((x) => !sameShape(x.shape, shape) || x.dtype !== dtype);
    if (odd) {
      refuse("stack", `${dtype} ${formatShape(shape)} and ${odd.dtype} ${formatShape(odd.shape)} differ`);
    }
    return { shape: [inputs.length, ...shape], dtype };
  },
  lowering: { kind: "expand", build: (inputs) => joined(inputs) },
  cpu: (inputs, _attrs, out) => {
    const result = cpuArray(out);
    let at = 0;
    for (const { data } of inputs) {
      result.data.set(data, at);
      at += data.length;
    }
    return result;
  },
  jvp: (tangents, node) => [stack(tangents.map((t, i) => t ?? constantLike(node.inputs[i], 0)))],
  // The position is a run-time number, so that all slices share one pipeline.
  transpose: (ct, _node, input) => sliceAt(ct, input),
  batch: (inputs, batched) => moveAxis(stack(allBatched(inputs, batched)), 1, 0),
};

export function stack(nodes: readonly Node[]): Node {
  return apply(stackOp, nodes);
}

/** x[position], the position a run-time number. */
export function sliceAt(x: Node, position: number): Node {
  return take(x, constant(position, { shape: [], dtype: "int32" }, x.device), 0);
}

/** Slices that one kernel joins. */
const fanIn = 8;

/** Joins neighbours, then those, …: kernels of one level are alike, and each element is copied log n times. */
function joined(nodes: readonly Node[]): Node {
  const { dtype, shape } = nodes[0];
  // Slices are placed by adding zeros, which bool lacks.
  let parts = nodes.map((n) => reshape(dtype === "bool" ? cast(n, "int32") : n, [1, ...shape]));
  while (parts.length > 1) {
    const groups = Array.from({ length: Math.ceil(parts.length / fanIn) }, (_, g) =>
      parts.slice(g * fanIn, (g + 1) * fanIn),
    );
    parts = groups.map(place);
  }
  return cast(parts[0], dtype);
}

function place(parts: readonly Node[]): Node {
  return placed(parts, 0).reduce(add);
}
