/**
 * Which nodes get a buffer of their own, and which are computed inside the kernel of another. Elementwise chains and
 * views fuse into whatever reads them; a reduction or contraction takes the elementwise chain after it as its epilogue.
 */
import { sizeOf, sameShape } from "../util/shapes";
import type { Canonical } from "./canonical";
import type { Node } from "./node";

export interface Partition {
  /** Positions of nodes with a buffer of their own, in an order in which they can be computed. */
  readonly kernels: readonly number[];
  /** The reduction or contraction inside each kernel, by the kernel's position; the kernel itself when it is one. */
  readonly core: ReadonlyMap<number, number>;
}

/** Beyond this many ops a kernel costs more to compile than a round trip through memory. */
const maxOpsPerKernel = 96;

/** `forced` are positions that must have a buffer, whatever the rules say. */
export function partition(graph: Canonical, forced: ReadonlySet<number>): Partition {
  return new Partitioner(graph, forced).run();
}

class Partitioner {
  private readonly consumers: number[][];
  private readonly owners: Set<number>[];
  private readonly direct: boolean[];
  private readonly materialized: boolean[];
  private readonly core = new Map<number, number>();
  private readonly leaves: ReadonlySet<number>;
  private readonly opCount = new Map<number, number>();

  constructor(
    private readonly graph: Canonical,
    private readonly forced: ReadonlySet<number>,
  ) {
    const { nodes, inputs } = graph;
    this.leaves = new Set(graph.leaves);
    this.consumers = nodes.map(() => []);
    inputs.forEach((from, i) => new Set(from).forEach((j) => this.consumers[j].push(i)));
    this.owners = nodes.map(() => new Set<number>());
    this.direct = nodes.map(() => false);
    this.materialized = nodes.map(() => false);
  }

  run(): Partition {
    const { nodes, roots } = this.graph;
    const isRoot = new Set(roots);
    for (let i = nodes.length - 1; i >= 0; i--) {
      if (this.leaves.has(i)) continue;
      this.inherit(i);
      const own = isRoot.has(i) || this.forced.has(i) || this.needsBuffer(i);
      if (own) this.makeKernel(i);
      else this.count(i);
    }
    const kernels = nodes.map((_, i) => i).filter((i) => this.materialized[i]);
    return { kernels, core: this.core };
  }

  /** The kernels that `i` is computed in, were it to have no buffer, and whether at their very coordinates. */
  private inherit(i: number): void {
    const node = this.graph.nodes[i];
    let direct = true;
    for (const c of this.consumers[i]) {
      for (const owner of this.owners[c]) this.owners[i].add(owner);
      const consumer = this.graph.nodes[c];
      direct &&=
        this.direct[c] && consumer.op.wgsl.kind === "elementwise" && sameShape(consumer.shape, node.shape);
    }
    this.direct[i] = direct;
  }

  private makeKernel(i: number): void {
    this.materialized[i] = true;
    this.owners[i] = new Set([i]);
    this.opCount.set(i, 1);
    this.direct[i] = this.graph.nodes[i].op.wgsl.kind === "elementwise";
    if (isHeavy(this.graph.nodes[i])) this.core.set(i, i);
  }

  private count(i: number): void {
    if (this.graph.nodes[i].op.wgsl.kind !== "elementwise") return;
    for (const owner of this.owners[i]) this.opCount.set(owner, this.opCount.get(owner)! + 1);
  }

  private needsBuffer(i: number): boolean {
    const node = this.graph.nodes[i];
    const owners = this.owners[i];
    if (owners.size === 0) return false;
    if (isHeavy(node)) return !this.becomesCore(i);
    if (node.op.wgsl.kind === "gather") return owners.size > 1;
    if (node.op.wgsl.kind !== "elementwise") return false;
    if (this.isCheap(i)) return false;
    if (owners.size > 1 || this.isReread(i)) return true;
    const [owner] = owners;
    return this.opCount.get(owner)! >= maxOpsPerKernel;
  }

  private becomesCore(i: number): boolean {
    const owners = this.owners[i];
    if (owners.size !== 1 || !this.direct[i]) return false;
    const [owner] = owners;
    if (this.core.has(owner)) return false;
    this.core.set(owner, i);
    return true;
  }

  /** Computing it again costs no more than loading it: one op over at most one value from memory. */
  private isCheap(i: number): boolean {
    const loads = this.graph.inputs[i].filter((j) => this.graph.nodes[j].op.wgsl.kind !== "scalar");
    return loads.length <= 1 && loads.every((j) => this.isView(j));
  }

  private isView(i: number): boolean {
    const node = this.graph.nodes[i];
    if (this.leaves.has(i)) return true;
    const { kind } = node.op.wgsl;
    return kind === "view" ? this.isView(this.graph.inputs[i][0]) : kind === "index" || kind === "scalar";
  }

  /** Whether readers compute it several times over: a contraction, a view that repeats elements, two different views. */
  private isReread(i: number): boolean {
    const consumers = this.consumers[i];
    return consumers.some((c) => {
      const consumer = this.graph.nodes[c];
      const { kind } = consumer.op.wgsl;
      if (kind === "contract" || kind === "gather") return true;
      if (kind !== "view") return false;
      if (consumers.length > 1) return true;
      return sizeOf(consumer.shape) > sizeOf(this.graph.nodes[i].shape) || this.isReread(c);
    });
  }
}

function isHeavy(node: Node): boolean {
  return node.op.wgsl.kind === "reduce" || node.op.wgsl.kind === "contract";
}
