/** Random words, by Threefry. */
import { apply, type Node, type Op } from "../graph/node";
import { threefryWords } from "../scalar/threefry";
import type { ScalarFunction } from "../scalar/lanes";
import { refuse } from "../util/errors";
import { elementwise } from "./elementwise";

/** Inputs k0, k1, x0, x1. */
function threefryOp(f: ScalarFunction): Op {
  return elementwise(f, {
    dtype: (inputs) => {
      const wrong = inputs.find((x) => x.dtype !== "uint32");
      return wrong ? refuse(f.name, `needs uint32 tensors, got ${wrong.dtype}`) : "uint32";
    },
    partials: "nondifferentiable",
  });
}

export const threefryOps = threefryWords.map(threefryOp);

/** Word `position` of Threefry-2x32 of each counter (x0, x1) under each key (k0, k1): four uint32 nodes of one shape. */
export function threefry(position: 0 | 1, k0: Node, k1: Node, x0: Node, x1: Node): Node {
  return apply(threefryOps[position], [k0, k1, x0, x1]);
}
