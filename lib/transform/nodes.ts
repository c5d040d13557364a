/**
 * The transformations as interpreters over the ops' rules: each walks the part of a graph that depends on given nodes
 * and builds another graph (Radul et al., "You Only Linearize Once", 2022: reverse mode is the transpose of the
 * linear part of forward mode).
 */
import { makeNode, topological, type Node } from "../graph/node";
import { add } from "../ops/binary";
import { constantLike } from "../ops/define";
import { SaddleError } from "../util/errors";

/** What `outputs` are computed from that depends on `inputs`, those included, inputs before users. */
function dependents(
  outputs: readonly Node[],
  inputs: readonly Node[],
): { order: Node[]; depends: Set<Node> } {
  const depends = new Set(inputs);
  // Ids grow with creation: what is older than every input cannot depend on one.
  const oldest = Math.min(...inputs.map((n) => n.id));
  const order = topological(outputs, (n) => n.id < oldest || depends.has(n) || n.storage !== undefined);
  const dependent = order.filter((n) => {
    if (depends.has(n)) return true;
    if (n.storage !== undefined || !n.inputs.some((i) => depends.has(i))) return false;
    depends.add(n);
    return true;
  });
  return { order: dependent, depends };
}

/** The tangents of `outputs` given those of `inputs`; undefined stands for zero. */
export function jvpNodes(
  outputs: readonly Node[],
  inputs: readonly Node[],
  tangents: readonly (Node | undefined)[],
): (Node | undefined)[] {
  const known = new Map<Node, Node | undefined>();
  inputs.forEach((n, i) => known.set(n, tangents[i]));
  for (const node of dependents(outputs, inputs).order) {
    if (known.has(node) || node.op.jvp === "nondifferentiable") continue;
    const given = node.inputs.map((i) => known.get(i));
    if (given.every((t) => t === undefined)) continue;
    const terms = node.op.jvp(given, node);
    if (terms.length > 0) known.set(node, terms.reduce(add));
  }
  return outputs.map((n) => known.get(n));
}

/** The cotangents of `inputs` given those of `outputs`, which depend linearly on them; undefined stands for zero. */
export function transposeNodes(
  outputs: readonly (Node | undefined)[],
  inputs: readonly Node[],
  cotangents: readonly (Node | undefined)[],
): (Node | undefined)[] {
  const total = new Map<Node, Node>();
  const accumulate = (node: Node, ct: Node): void => {
    const before = total.get(node);
    total.set(node, before ? add(before, ct) : ct);
  };
  outputs.forEach((n, i) => {
    const ct = cotangents[i];
    if (n && ct) accumulate(n, ct);
  });
  const { order, depends } = dependents(
    outputs.filter((n) => n !== undefined),
    inputs,
  );
  const isInput = new Set(inputs);
  for (const node of order.reverse()) {
    const ct = total.get(node);
    if (ct === undefined || isInput.has(node)) continue;
    const { transpose } = node.op;
    if (transpose === "nonlinear") {
      throw new SaddleError(
        `${node.op.name}: its derivative is not linear; the op's rules contradict each other`,
      );
    }
    node.inputs.forEach((input, i) => {
      const part = depends.has(input) ? transpose(ct, node, i) : undefined;
      if (part) accumulate(input, part);
    });
  }
  return inputs.map((n) => total.get(n));
}

/** `outputs` computed anew with `values` in place of `inputs`; what does not depend on them is shared. */
export function copyNodes(
  outputs: readonly Node[],
  inputs: readonly Node[],
  values: readonly Node[],
): Node[] {
  const known = new Map<Node, Node>();
  inputs.forEach((n, i) => known.set(n, values[i]));
  for (const node of dependents(outputs, inputs).order) {
    if (known.has(node)) continue;
    const from = node.inputs.map((n) => known.get(n) ?? n);
    known.set(node, makeNode(node.op, from, node.attrs, node.device, node));
  }
  return outputs.map((n) => known.get(n) ?? n);
}

export interface Batched {
  readonly node: Node;
  /** Whether `node` has the batch as its leading axis; otherwise it is the same for the whole batch. */
  readonly batched: boolean;
}

/** `outputs` for a whole batch, given `inputs` with a leading batch axis. */
export function batchNodes(
  outputs: readonly Node[],
  inputs: readonly Node[],
  batches: readonly Node[],
): Batched[] {
  const known = new Map<Node, Node>();
  inputs.forEach((n, i) => known.set(n, batches[i]));
  for (const node of dependents(outputs, inputs).order) {
    if (known.has(node)) continue;
    const batched = node.inputs.map((i) => known.has(i));
    known.set(
      node,
      node.op.batch(
        node.inputs.map((i) => known.get(i) ?? i),
        batched,
        node,
      ),
    );
  }
  return outputs.map((n) => ({ node: known.get(n) ?? n, batched: known.has(n) }));
}

export function orZeros(tangent: Node | undefined, like: Node): Node {
  return tangent ?? constantLike(like, 0);
}
