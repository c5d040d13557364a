import type { Node } from "../graph/node";
import { less, where } from "./binary";
import { constantLike } from "./define";
import { pad } from "./view";

/** `x` with `value` before and after the elements along each axis. */
export function padWith(x: Node, before: readonly number[], after: readonly number[], value: number): Node {
  const padded = pad(x, before, after);
  if (Object.is(value, 0) || padded === x) return padded;
  const inside = pad(constantLike(x, 1, "int32"), before, after);
  return where(less(constantLike(inside, 0), inside), padded, constantLike(padded, value));
}
