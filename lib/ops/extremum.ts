/** Largest and smallest element along axes. */
import { apply, type Node, type Op } from "../graph/node";
import { cpuArray } from "../graph/array";
import { converted } from "../util/conversion";
import { isFloat, type DType } from "../util/dtypes";
import { refuse } from "../util/errors";
import { formatShape, reduceShape, sizeOf } from "../util/shapes";
import { isNaNText } from "../wgsl/text";
import type { Combiner } from "../loops/rows";
import { div, equal, mul } from "./binary";
import { cast } from "./cast";
import { forEachReduced } from "./define";
import { expand, sum } from "./sum";
import { reshape } from "./view";

interface Reduction {
  readonly combiner: Combiner;
  readonly start: number;
  readonly fold: (a: number, b: number) => number;
  readonly tangent: (t: Node, node: Node) => Node;
}

function reduction(name: string, rule: Reduction): Op {
  const axesOf = (node: Node): readonly number[] => node.attrs.axes as number[];
  return {
    name,
    shape: ([x], attrs) => {
      if (x.dtype === "bool") refuse(name, "is not defined for bool; convert it first");
      return { shape: reduceShape(x.shape, attrs.axes as number[]), dtype: x.dtype };
    },
    lowering: { kind: "reduce", combiner: rule.combiner, axes: axesOf },
    cpu: ([x], attrs, out) => {
      const result = cpuArray(out);
      // An integer has no infinity to start from.
      result.data.fill(converted(rule.start, out.dtype));
      const [from, to] = [x.data, result.data];
      forEachReduced(x, attrs.axes as number[], to.length, (o, at, length, stride) => {
        for (let i = 0; i < length; i++) to[o] = rule.fold(to[o], from[at + i * stride]);
      });
      return result;
    },
    jvp: (tangents, node) => [rule.tangent(tangents[0]!, node)],
    transpose: "nonlinear",
    batch: ([x], _batched, node) => apply(node.op, [x], { axes: axesOf(node).map((a) => a + 1) }),
  };
}

/** `y` repeated over the axes that its reduction from `x` dropped. */
function spreadBack(y: Node, node: Node): Node {
  const { shape } = node.inputs[0];
  return expand(reshape(y, reduceShape(shape, node.attrs.axes as number[], true)), shape);
}

function nanAware(name: "max" | "min"): Combiner["combine"] {
  return (a, b, type) => {
    if (!isFloat(type.dtype)) return `${name}(${a}, ${b})`;
    return `select(${name}(${a}, ${b}), ${a} + ${b}, ${isNaNText(a, type.width)} | ${isNaNText(b, type.width)})`;
  };
}

const lowest: Partial<Record<DType, string>> = { int32: "i32(-2147483647 - 1)", uint32: "0u" };
const greatest: Partial<Record<DType, string>> = { int32: "2147483647i", uint32: "4294967295u" };
/** WGSL refuses constants that are infinite, so infinity comes from a variable. */
const infinity = "var<private> infinity_bits: u32 = 0x7f800000u;";

/** Tied elements share the derivative, as in JAX. */
function tiedTangent(t: Node, node: Node): Node {
  const axes = node.attrs.axes as number[];
  const [x] = node.inputs;
  const hit = cast(equal(x, spreadBack(node, node)), x.dtype);
  return div(sum(mul(t, hit), axes), sum(hit, axes));
}

export const maxOp = reduction("max", {
  combiner: {
    name: "max",
    combine: nanAware("max"),
    combineNumbers: (a, b) => `max(${a}, ${b})`,
    identity: (dtype) => lowest[dtype] ?? "-bitcast<f32>(infinity_bits)",
    declarations: infinity,
  },
  start: -Infinity,
  fold: Math.max,
  tangent: tiedTangent,
});

export const minOp = reduction("min", {
  combiner: {
    name: "min",
    combine: nanAware("min"),
    combineNumbers: (a, b) => `min(${a}, ${b})`,
    identity: (dtype) => greatest[dtype] ?? "bitcast<f32>(infinity_bits)",
    declarations: infinity,
  },
  start: Infinity,
  fold: Math.min,
  tangent: tiedTangent,
});

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
