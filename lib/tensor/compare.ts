/** Comparisons. They are of values: a number and integers, or integers of two kinds, are compared as the numbers they are. */
import type { Node } from "../graph/node";
import * as binary from "../ops/binary";
import { cast } from "../ops/cast";
import { constantLike } from "../ops/define";
import { integerRanges } from "../util/conversion";
import { isFloat } from "../util/dtypes";
import { broadcastNodes, broadcastOperands } from "./lift";
import { Tensor, wrap, type TensorLike } from "./tensor";

/** How a is to b. */
type Relation = "equal" | "less" | "lessEqual";

function comparison(where: string, relation: Relation, isSwapped: boolean, isNegated: boolean) {
  return (a: TensorLike, b: TensorLike): Tensor => {
    const [x, y] = isSwapped ? [b, a] : [a, b];
    const found =
      againstNumber(relation, x, y) ??
      ofBothKinds(where, relation, [x, y], isSwapped ? ["b", "a"] : ["a", "b"]) ??
      binary[relation](...pairOf(where, relation, [a, b], isSwapped));
    return wrap(isNegated ? binary.not(found) : found);
  };
}

function pairOf(
  where: string,
  relation: Relation,
  operands: readonly TensorLike[],
  isSwapped: boolean,
): [Node, Node] {
  const [x, y] = broadcastOperands(where, operands).map((node) =>
    node.dtype === "bool" && relation !== "equal" ? cast(node, "int32") : node,
  );
  return isSwapped ? [y, x] : [x, y];
}

/** Where one side is a number and the other a tensor of integers, which need not be able to hold it. */
function againstNumber(relation: Relation, a: TensorLike, b: TensorLike): Node | undefined {
  const numberFirst = typeof a === "number";
  const [x, value] = numberFirst ? [b, a] : [a, b];
  if (typeof value !== "number" || !(x instanceof Tensor) || isFloat(x.dtype)) return undefined;
  const node = x.dtype === "bool" ? cast(x.node, "int32") : x.node;
  if (Number.isNaN(value)) return constantLike(node, 0, "bool");
  if (relation === "equal") return equalTo(node, value);
  if (!numberFirst) return atMost(node, relation === "less" ? Math.ceil(value) - 1 : Math.floor(value));
  // value < x is what x ≤ value is not.
  return binary.not(atMost(node, relation === "less" ? Math.floor(value) : Math.ceil(value) - 1));
}

const rangeOf = (x: Node): readonly [number, number] => integerRanges[x.dtype as keyof typeof integerRanges];

function equalTo(x: Node, value: number): Node {
  const [least, most] = rangeOf(x);
  const isHeld = Number.isInteger(value) && value >= least && value <= most;
  return isHeld ? binary.equal(x, constantLike(x, value)) : constantLike(x, 0, "bool");
}

function atMost(x: Node, bound: number): Node {
  const [least, most] = rangeOf(x);
  if (bound < least || bound >= most) return constantLike(x, bound < least ? 0 : 1, "bool");
  return binary.lessEqual(x, constantLike(x, bound));
}

/** Where one tensor is of int32 and the other of uint32: what is negative is below all of the other. */
function ofBothKinds(
  where: string,
  relation: Relation,
  [a, b]: readonly TensorLike[],
  names: readonly string[],
): Node | undefined {
  if (!(a instanceof Tensor && b instanceof Tensor)) return undefined;
  if ([a.dtype, b.dtype].sort().join() !== "int32,uint32") return undefined;
  const [x, y] = broadcastNodes(where, [a.node, b.node], names);
  const signed = x.dtype === "int32" ? x : y;
  const isNegative = binary.less(signed, constantLike(signed, 0));
  const found = binary[relation](cast(x, "uint32"), cast(y, "uint32"));
  return relation !== "equal" && signed === x
    ? binary.or(isNegative, found)
    : binary.and(binary.not(isNegative), found);
}

/** Whether a = b; a bool tensor. */
export const equal = comparison("equal", "equal", false, false);
/** Whether a ≠ b. */
export const notEqual = comparison("notEqual", "equal", false, true);
/** Whether a < b. */
export const less = comparison("less", "less", false, false);
/** Whether a ≤ b. */
export const lessEqual = comparison("lessEqual", "lessEqual", false, false);
/** Whether a > b. */
export const greater = comparison("greater", "less", true, false);
/** Whether a ≥ b. */
export const greaterEqual = comparison("greaterEqual", "lessEqual", true, false);
