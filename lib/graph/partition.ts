/**
 * Which nodes get a buffer of their own, and which are computed inside the kernel of another. Elementwise chains and
 * views fuse into whatever reads them. A contraction takes the elementwise chain after it as its epilogue. Reductions
 * of the same axes of the same shape share a kernel with each other and with what is computed from them, so that softmax
 * or layer normalisation reads its rows once from memory.
 *
 * A kernel may need a node at several places, and each of those at several of what it reads: how often is counted as the
 * graph is walked from its roots to its leaves, so that what a kernel evaluates, and the time to plan it, stay bounded.
 */
import { sameShape, sizeOf } from "../util/shapes";
import type { Canonical } from "./canonical";
import { Chains, fitsRows, sameRows, type RowSpace } from "./chains";
import { demandOf, moved, noDemand, onlyPlace, together, type Demand } from "./demand";
import type { Node } from "./node";
import {
  coordinatesOf,
  isInOrder,
  keysOf,
  placeAt,
  placeInContraction,
  Reads,
  repeats,
  type Place,
} from "./places";

export type { RowSpace } from "./chains";

export interface KernelPlan {
  /** Position of the node whose value the kernel stores. */
  readonly root: number;
  /** Positions of the reductions inside, inputs first; or of the one contraction. */
  readonly cores: readonly number[];
  readonly rows?: RowSpace;
}

/** Beyond this many ops a kernel costs more to compile than a round trip through memory. */
const maxOpsPerKernel = 96;
/** The same for all that a kernel evaluates: views too, and again in each of its stages. */
const maxEvaluations = 4 * maxOpsPerKernel;
/** Places of one kernel at which a node is computed again sooner than it is stored and loaded. */
const maxPlaces = 4;
/** Terms of a place beyond which its index arithmetic costs more than a round trip through memory. */
const maxTerms = 64;
/** The same for the views on the way there: each kernel that shares them goes through them all. */
const maxViews = 48;

/** `forced` are positions that must have a buffer, whatever the rules say. Kernels come in an order they can run in. */
export function partition(graph: Canonical, forced: ReadonlySet<number>): KernelPlan[] {
  return new Partitioner(graph, forced).run();
}

/** What one kernel evaluates so far. */
interface Effort {
  ops: number;
  evaluations: number;
}

class Partitioner {
  private readonly consumers: number[][];
  private readonly demands: Demand[];
  private readonly efforts = new Map<number, Effort>();
  private readonly cores = new Map<number, number[]>();
  private readonly rows = new Map<number, RowSpace>();
  private readonly coreOf = new Map<number, number>();
  private readonly leaves: ReadonlySet<number>;
  private readonly chains: Chains;
  private readonly reads: Reads;

  constructor(
    private readonly graph: Canonical,
    private readonly forced: ReadonlySet<number>,
  ) {
    const { nodes, inputs } = graph;
    this.leaves = new Set(graph.leaves);
    this.consumers = nodes.map(() => []);
    inputs.forEach((from, i) => new Set(from).forEach((j) => this.consumers[j].push(i)));
    this.demands = nodes.map(() => noDemand);
    this.chains = new Chains(graph, this.leaves);
    this.reads = new Reads(graph);
  }

  run(): KernelPlan[] {
    const { nodes, roots } = this.graph;
    const isRoot = new Set(roots);
    for (let i = nodes.length - 1; i >= 0; i--) {
      const own = isRoot.has(i) || this.forced.has(i);
      if (this.leaves.has(i) || (!own && isGiven(nodes[i]))) continue;
      if (!own) this.demands[i] = this.inherited(i);
      if (own || this.needsBuffer(i)) this.makeKernel(i);
      else this.count(i);
    }
    return nodes.flatMap((_, root) => {
      if (!this.efforts.has(root)) return [];
      const cores = [...(this.cores.get(root) ?? [])].sort((a, b) => a - b);
      return [{ root, cores, rows: this.rows.get(root) }];
    });
  }

  /** What the consumers of `i` demand of it, were it to have no buffer. */
  private inherited(i: number): Demand {
    const demands: Demand[] = [];
    for (const c of this.consumers[i]) {
      this.graph.inputs[c].forEach((j, k) => {
        if (j === i) demands.push(this.passedOn(c, k));
      });
    }
    return together(demands);
  }

  /** What consumer `c` demands of its input number `k`. */
  private passedOn(c: number, k: number): Demand {
    const owner = this.coreOf.get(c);
    if (owner !== undefined) {
      const rows = this.rows.get(owner);
      const place = rows
        ? placeAt(coordinatesOf(rows.shape), !rows.perElement, true)
        : placeInContraction(this.graph, c, k);
      return demandOf([{ owner, stage: c, place, views: 0 }]);
    }
    const demand = this.demands[c];
    const { kind } = this.graph.nodes[c].op.lowering;
    if (kind === "elementwise") return demand;
    return moved(demand, kind === "view" ? 1 : 0, (place) => this.reads.through(c, k, place));
  }

  private makeKernel(i: number): void {
    const place = placeAt(coordinatesOf(this.graph.nodes[i].shape), false, true);
    this.demands[i] = demandOf([{ owner: i, stage: undefined, place, views: 0 }]);
    this.efforts.set(i, { ops: 1, evaluations: 1 });
    if (isHeavy(this.graph.nodes[i])) this.joinAsCore(i);
  }

  private count(i: number): void {
    const counts = isOp(this.graph.nodes[i]);
    for (const { owner, evaluations, places } of this.demands[i].shares) {
      const effort = this.efforts.get(owner)!;
      effort.evaluations += evaluations;
      if (counts) effort.ops += places;
    }
  }

  private needsBuffer(i: number): boolean {
    const node = this.graph.nodes[i];
    const { shares } = this.demands[i];
    if (shares.length === 0) return false;
    if (isHeavy(node)) return this.exceeds(i) || !this.joinAsCore(i);
    if (!repeats(this.graph, i) && this.exceeds(i)) return true;
    if (!isOp(node)) return false;
    if (node.op.lowering.kind === "gather") return shares.length > 1 || this.isTooMuch(i);
    if (this.chains.isCheap(i)) return false;
    return this.isReread(i) || (shares.length > 1 && !this.chains.isQuick(i)) || this.isTooMuch(i);
  }

  /** Whether some kernel would evaluate too much, or where it is too long to say. */
  private exceeds(i: number): boolean {
    const { shares, terms, views } = this.demands[i];
    const isFull = shares.some(
      (s) => this.efforts.get(s.owner)!.evaluations + s.evaluations > maxEvaluations,
    );
    return isFull || terms > maxTerms || views > maxViews;
  }

  private isTooMuch(i: number): boolean {
    return this.demands[i].shares.some(
      ({ owner, places }) => places > maxPlaces || this.efforts.get(owner)!.ops + places > maxOpsPerKernel,
    );
  }

  /** Makes `i` a reduction or the contraction of the kernel that needs it, if that can be. */
  private joinAsCore(i: number): boolean {
    const found = onlyPlace(this.demands[i]);
    if (!found) return false;
    const { owner, place } = found;
    const cores = this.cores.get(owner) ?? [];
    const node = this.graph.nodes[i];
    if (node.op.lowering.kind === "contract") {
      if (cores.length > 0 || place.inner || !this.covers(place, node, owner)) return false;
    } else {
      const rows = this.rowsWith(i, place, owner);
      if (!rows) return false;
      this.rows.set(owner, rows);
    }
    cores.push(i);
    this.cores.set(owner, cores);
    this.coreOf.set(i, owner);
    return true;
  }

  /** The row space that kernel `owner` would have with reduction `i`, or undefined where that does not fit. */
  private rowsWith(i: number, place: Place, owner: number): RowSpace | undefined {
    const node = this.graph.nodes[i];
    if (node.op.lowering.kind !== "reduce") return undefined;
    const { shape } = this.graph.nodes[this.graph.inputs[i][0]];
    const axes = node.op.lowering.axes(node);
    const rows: RowSpace = { shape, axes, perElement: true };
    const isRow = isAtRows(place, rows);
    const known = this.rows.get(owner);
    if (!known) {
      if (this.cores.has(owner) || place.inner) return undefined;
      if (this.covers(place, node, owner)) return { ...rows, perElement: false };
      const root = this.graph.nodes[owner];
      const fits = isRow && sameShape(root.shape, shape) && fitsRows(shape, axes);
      return fits ? rows : undefined;
    }
    if (!sameRows(known, rows) || !fitsRows(shape, axes)) return undefined;
    const fits = known.perElement || place.inner ? isRow : this.covers(place, node, owner);
    return fits ? known : undefined;
  }

  /** Whether the kernel's root reads each element of `node` once and in order. */
  private covers({ at, inner }: Place, node: Node, owner: number): boolean {
    return !inner && at !== undefined && isInOrder(at, node.shape, this.graph.nodes[owner].shape);
  }

  /** Whether readers compute it several times over: a contraction, a view that repeats elements, two different views. */
  private isReread(i: number): boolean {
    const consumers = this.consumers[i];
    return consumers.some((c) => {
      const consumer = this.graph.nodes[c];
      const { kind } = consumer.op.lowering;
      if (kind === "contract") return true;
      if (kind === "gather") return this.isGatheredAgain(i, c);
      if (kind !== "view" || this.isOnceARow(i, c)) return false;
      const grows = sizeOf(consumer.shape) > sizeOf(this.graph.nodes[i].shape);
      // Who reads a view that is stored reads no more than what is stored.
      return consumers.length > 1 || grows || (!this.efforts.has(c) && this.isReread(c));
    });
  }

  /** Whether gather `c` reads `i` in places, or as indices that it repeats; indices that it reads once are computed on the way. */
  private isGatheredAgain(i: number, c: number): boolean {
    const [source] = this.graph.inputs[c];
    return source === i || sizeOf(this.graph.nodes[c].shape) > sizeOf(this.graph.nodes[i].shape);
  }

  /** Whether `i`, which view `c` repeats along rows, comes from reductions of those rows: computed with them, it is cheap. */
  private isOnceARow(i: number, c: number): boolean {
    const found = onlyPlace(this.demands[c]);
    if (!found) return false;
    const rows = this.rows.get(found.owner) ?? this.chains.rowsBehind(i, this.graph.nodes[found.owner].shape);
    return rows !== undefined && isAtRows(this.reads.through(c, 0, found.place), rows);
  }
}

/** Whether `place` is that of one element for each row. */
function isAtRows({ at }: Place, { shape, axes }: RowSpace): boolean {
  const kept = coordinatesOf(shape).filter((_, d) => !axes.includes(d));
  return at !== undefined && keysOf(at) === keysOf(kept);
}

/** Needs no computing: a number that is passed, or a coordinate. */
function isGiven(node: Node): boolean {
  return node.op.lowering.kind === "scalar" || node.op.lowering.kind === "index";
}

function isOp(node: Node): boolean {
  return node.op.lowering.kind === "elementwise" || node.op.lowering.kind === "gather";
}

function isHeavy(node: Node): boolean {
  return node.op.lowering.kind === "reduce" || node.op.lowering.kind === "contract";
}
