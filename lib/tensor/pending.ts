/** Tensors whose values are not computed yet, and when they must be. */
import { disposed, topological, type Device, type Lowering, type Node } from "../graph/node";
import { DeviceError } from "../util/errors";
import { sizeOf } from "../util/shapes";

/** Beyond this many nodes since the last computation, what is pending is computed without being asked. */
const maxPendingNodes = 4096;

interface Pending {
  /** Nodes that users hold and nothing was built on; weak, for a dropped tensor need not be computed. */
  readonly held: Map<number, WeakRef<Node>>;
  /** The id of the newest node at the last computation. */
  since: number;
}

const pendingOf = new WeakMap<Device, Pending>();

function pendingOn(device: Device): Pending {
  let pending = pendingOf.get(device);
  if (!pending) pendingOf.set(device, (pending = { held: new Map(), since: 0 }));
  return pending;
}

/** Notes that a user holds `node`. A loop that never reads is computed from here every few thousand nodes. */
export function hold(node: Node): void {
  if (node.storage) return;
  node.kept = true;
  const pending = pendingOn(node.device);
  pending.held.set(node.id, new WeakRef(node));
  if (node.id - pending.since < maxPendingNodes) return;
  pending.since = node.id;
  if (node.device.isOpen) computeUnasked(node.device, sinks(pending));
}

/** What cannot be computed fails when it is read: who holds a tensor that is too large has not asked for it. */
function computeUnasked(device: Device, nodes: readonly Node[]): void {
  try {
    device.realize(nodes);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    if (nodes.length === 1) return;
    // By halves, so that a few failures do not have all the others planned one by one.
    const half = nodes.length >> 1;
    computeUnasked(device, nodes.slice(0, half));
    computeUnasked(device, nodes.slice(half));
  }
}

/**
 * The nodes to compute when `node` is read: itself, and what users hold that shares unfinished work with it, so that
 * a step's new parameters and its loss come out of one pass over the graph. What an earlier computation has passed through
 * and not stored, having no need to, is needed again: were it not stored now, a loop's state (a velocity that only moves the
 * parameters) would be computed from the loop's beginning in each step, by a program that is longer each time.
 */
export function computedWith(node: Node): Node[] {
  const pending = pendingOn(node.device);
  pending.since = node.id;
  const needed = new Set(topological([node], isDone));
  const others = sinks(pending).filter((sink) => sink !== node);
  const related = those(others, (n) => needed.has(n) && !isDone(n));
  const roots = new Set([node, ...others.filter((sink) => related.has(sink))]);
  for (const n of topological([...roots], isDone)) {
    if (n.storage || !n.kept) continue;
    if (n.passed && fits(n)) roots.add(n);
    n.passed = true;
  }
  return [...roots];
}

/** What is larger than any buffer can only be computed within other work. */
function fits({ shape, device }: Node): boolean {
  return 4 * sizeOf(shape) <= (device.limits.maxStorageBufferBindingSize ?? Infinity);
}

/** What users hold and nothing was built on, but for what waits for the host, or for a value that was disposed of. */
function sinks(pending: Pending): Node[] {
  const out: Node[] = [];
  for (const [id, reference] of pending.held) {
    const node = reference.deref();
    if (!node || node.storage || node.consumed) pending.held.delete(id);
    else out.push(node);
  }
  const waiting = those(out, (n) => (isDone(n) ? n.storage === disposed : isGiven(n.op.lowering.kind)));
  return out.filter((sink) => !waiting.has(sink));
}

/** What `is` holds for, and what is computed from that, of all that `roots` need: found in one walk for all of them. */
function those(roots: readonly Node[], is: (node: Node) => boolean): Set<Node> {
  const found = new Set<Node>();
  for (const n of topological(roots, isDone)) if (is(n) || n.inputs.some((x) => found.has(x))) found.add(n);
  return found;
}

function isDone(node: Node): boolean {
  return node.storage !== undefined;
}

function isGiven(kind: Lowering["kind"]): boolean {
  return kind === "leaf" || kind === "host";
}
