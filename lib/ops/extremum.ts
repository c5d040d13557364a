/** Largest and smallest element along axes. */
import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { maxCombiner, minCombiner, type Combiner } from "../scalar/combiner";
import { refuse } from "../util/errors";
import { formatShape, reduceShape, sizeOf } from "../util/shapes";
import { div, equal, mul } from "./binary";
import { cast } from "./cast";
import { forEachReduced } from "./define";
import { expand, sum } from "./sum";
import { reshape } from "./view";

function reduction(combiner: Combiner, tangent: (t: Node, node: Node) => Node): Op {
  const { name } = combiner;
  const combine = combiner.combine.exact;
  const axesOf = (node: Node): readonly number[] => node.attrs.axes as number[];
  return {
    name,
    shape: ([x], attrs) => {
      if (x.dtype === "bool") refuse(name, "is not defined for bool; convert it first");
      return { shape: reduceShape(x.shape, attrs.axes as number[]), dtype: x.dtype };
    },
    lowering: { kind: "reduce", combiner, axes: axesOf },
    cpu: ([x], attrs, out) => {
      const result = cpuArray(out);
      const [from, to] = [x.data, result.data];
      // From each row's first element on: the combiner's identity is what plans begin with, and is tested against this.
      const isBegun = new Uint8Array(to.length);
      forEachReduced(x, attrs.axes as number[], to.length, (o, at, length, stride) => {
        if (isBegun[o] === 0) to[o] = from[at];
        isBegun[o] = 1;
        for (let i = 0; i < length; i++) to[o] = combine(to[o], from[at + i * stride]);
      });
      return result;
    },
    jvp: (tangents, node) => [tangent(tangents[0]!, node)],
    transpose: "nonlinear",
    batch: ([x], _batched, node) => apply(node.op, [x], { axes: axesOf(node).map((a) => a + 1) }),
  };
}

/** `y` repeated over the axes that its reduction from `x` dropped. */
function spreadBack(y: Node, node: Node): Node {
  const { shape } = node.inputs[0];
  return expand(reshape(y, reduceShape(shape, node.attrs.axes as number[], true)), shape);
}

/** Tied elements share the derivative, as in JAX. */
function tiedTangent(t: Node, node: Node): Node {
  const axes = node.attrs.axes as number[];
  const [x] = node.inputs;
  const hit = cast(equal(x, spreadBack(node, node)), x.dtype);
  return div(sum(mul(t, hit), axes), sum(hit, axes));
}

export const maxOp = reduction(maxCombiner, tiedTangent);
export const minOp = reduction(minCombiner, tiedTangent);

function extremum(op: Op): (x: Node, axes: readonly number[]) => Node {
  return (x, axes) => {
    if (axes.length === 0) return x;
    const shape = reduceShape(x.shape, axes);
    if (sizeOf(x.shape) === 0 && sizeOf(shape) > 0) {
      refuse(op.name, `the axes reduced over hold no element in shape ${formatShape(x.shape)}`);
    }
    return apply(op, [x], { axes: [...axes] });
  };
}

export const max = extremum(maxOp);
export const min = extremum(minOp);

export const extremumOps = [maxOp, minOp];
