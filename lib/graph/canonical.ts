/** The part of a graph that is to be computed, numbered, with a key that equal computations share. */
import { isRealized, topological, type Attrs, type Node } from "./node";

export interface Canonical {
  /** Equal for graphs that differ only in their values: one plan serves them all. */
  readonly key: string;
  /** Inputs before those that use them. */
  readonly nodes: readonly Node[];
  /** Positions in `nodes` of each node's inputs; empty for leaves. */
  readonly inputs: readonly (readonly number[])[];
  /** Positions of the nodes that have a value already, each the first that has its storage. */
  readonly leaves: readonly number[];
  /** Positions of the run-time scalars. */
  readonly scalars: readonly number[];
  /** Positions of what computes each root. */
  readonly roots: readonly number[];
}

/** `placeholders` are nodes without a value that count as leaves; their values are given when the plan is run. */
export function canonicalize(roots: readonly Node[], placeholders: ReadonlySet<Node> = noNodes): Canonical {
  const isLeaf = (node: Node): boolean => isRealized(node) || placeholders.has(node);
  const nodes = topological(roots, isLeaf, expanded);
  const position = new Map<Node, number>();
  const inputs: number[][] = [];
  const leaves: number[] = [];
  const scalars: number[] = [];
  const isRoot = new Set(roots.map(expanded));
  let key = "";
  nodes.forEach((node, i) => {
    position.set(node, i);
    const from = isLeaf(node) ? [] : node.inputs.map((n) => position.get(expanded(n))!);
    inputs.push(from);
    if (isLeaf(node)) {
      leaves.push(i);
      key += `x${node.dtype}[${node.shape.join()}]${isRoot.has(node) ? "!" : ""};`;
      return;
    }
    if (node.op.wgsl.kind === "scalar") scalars.push(i);
    const mark = isRoot.has(node) ? "!" : node.kept ? "?" : "";
    key += `${mark}${node.op.name}(${from.join()})${attrsKey(node)}${node.dtype}[${node.shape.join()}];`;
  });
  return { key, nodes, inputs, leaves, scalars, roots: roots.map((r) => position.get(expanded(r))!) };
}

const noNodes: ReadonlySet<Node> = new Set();
const expansions = new WeakMap<Node, Node>();

/** What computes `node` on a device: itself, unless its op stands for others. */
export function expanded(node: Node): Node {
  let target = node;
  while (!isRealized(target) && target.op.wgsl.kind === "expand") {
    let next = expansions.get(target);
    if (next === undefined) expansions.set(target, (next = target.op.wgsl.build(target.inputs, target)));
    target = next;
  }
  return target;
}

function attrsKey(node: Node): string {
  return node.op.wgsl.kind === "scalar" ? "" : keyOfAttrs(node.attrs);
}

const attrKeys = new WeakMap<Attrs, string>();

function keyOfAttrs(attrs: Attrs): string {
  let key = attrKeys.get(attrs);
  if (key === undefined) attrKeys.set(attrs, (key = JSON.stringify(attrs)));
  return key;
}
