/** The part of a graph that is to be computed, numbered, with a key that equal computations share. */
import { sizeOf, stridesOf } from "../util/shapes";
import { isRealized, topological, type Attrs, type Node } from "./node";
import type { LaneCount, Traits } from "./target";

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
  /** Windows into values, by position. A loop over batches of its data moves one window. */
  readonly windows: ReadonlyMap<number, Window>;
  /** Positions of what computes each root. */
  readonly roots: readonly number[];
}

/** Where a view of a value starts along each axis, which is passed at run time. */
export interface Window {
  /** The attribute that has the starts. */
  readonly attribute: string;
  readonly starts: readonly number[];
  /** What each start is a multiple of: where several side by side are read at once, that has to be known. */
  readonly units: readonly LaneCount[];
}

/**
 * `placeholders` are nodes without a value that count as leaves; their values are given when the plan is run. `lanes` is
 * the trait of the target that it will be planned for.
 */
export function canonicalize(
  roots: readonly Node[],
  { lanes }: Pick<Traits, "lanes">,
  placeholders: ReadonlySet<Node> = noNodes,
): Canonical {
  const isLeaf = (node: Node): boolean => isRealized(node) || placeholders.has(node);
  const expanded = expander();
  const nodes = topological(roots, isLeaf, expanded);
  const position = new Map<Node, number>();
  const inputs: number[][] = [];
  const leaves: number[] = [];
  const scalars: number[] = [];
  const windows = new Map<number, Window>();
  const isRoot = new Set(roots.map(expanded));
  const arranged = new Set<Node>();
  let key = "";
  nodes.forEach((node, i) => {
    position.set(node, i);
    if (isArranged(node, arranged)) arranged.add(node);
    const from = isLeaf(node) ? [] : node.inputs.map((n) => position.get(expanded(n))!);
    inputs.push(from);
    if (isLeaf(node)) {
      leaves.push(i);
      key += `x${node.dtype}[${node.shape.join()}]${isRoot.has(node) ? "!" : ""};`;
      return;
    }
    if (node.op.lowering.kind === "scalar") scalars.push(i);
    const mark = isRoot.has(node) ? "!" : node.kept ? "?" : "";
    const window = windowOf(node, arranged, lanes([node.dtype]));
    if (window) windows.set(i, window);
    const attrs = window
      ? JSON.stringify({ ...node.attrs, [window.attribute]: window.units })
      : attrsKey(node);
    key += `${mark}${node.op.name}(${from.join()})${attrs}${node.dtype}[${node.shape.join()}];`;
  });
  const computed = roots.map((r) => position.get(expanded(r))!);
  return { key, nodes, inputs, leaves, scalars, windows, roots: computed };
}

const noNodes: ReadonlySet<Node> = new Set();
const expansions = new WeakMap<Node, Node>();

/** Gives what computes a node on a device: itself, unless its op stands for others. */
function expander(): (node: Node) => Node {
  // Of ops that stand for others that stand for others, each is followed once.
  const ends = new Map<Node, Node>();
  return (node) => {
    if (node.op.lowering.kind !== "expand") return node;
    const passed: Node[] = [];
    const next = (n: Node): Node => ends.get(n) ?? expansionOf(n);
    let end = node;
    while (next(end) !== end) {
      passed.push(end);
      end = next(end);
    }
    for (const p of passed) ends.set(p, end);
    return end;
  };
}

function expansionOf(node: Node): Node {
  if (isRealized(node) || node.op.lowering.kind !== "expand") return node;
  let next = expansions.get(node);
  if (next === undefined) expansions.set(node, (next = node.op.lowering.build(node.inputs, node)));
  return next;
}

/** Undefined for what is no window into a value, one of those `arranged` in some order. */
function windowOf(
  { op, attrs, inputs }: Node,
  arranged: ReadonlySet<Node>,
  lanes: LaneCount,
): Window | undefined {
  if (op.lowering.kind !== "view" || op.lowering.starts === undefined || !arranged.has(inputs[0]))
    return undefined;
  const attribute = op.lowering.starts;
  const starts = attrs[attribute] as readonly number[];
  const strides = stridesOf(inputs[0].shape);
  const units = starts.map((start, d) => (strides[d] % lanes !== 0 && start % lanes === 0 ? lanes : 1));
  return { attribute, starts, units };
}

/** Whether `node` is a value with all its elements in some order, where those before it that are lie in `arranged`. */
function isArranged(node: Node, arranged: ReadonlySet<Node>): boolean {
  if (isRealized(node)) return true;
  const [from] = node.inputs;
  return node.op.lowering.kind === "view" && sizeOf(node.shape) === sizeOf(from.shape) && arranged.has(from);
}

function attrsKey(node: Node): string {
  return node.op.lowering.kind === "scalar" ? "" : keyOfAttrs(node.attrs);
}

const attrKeys = new WeakMap<Attrs, string>();

function keyOfAttrs(attrs: Attrs): string {
  let key = attrKeys.get(attrs);
  if (key === undefined) attrKeys.set(attrs, (key = JSON.stringify(attrs)));
  return key;
}
