/**
 * Which nodes get a buffer of their own, and which are computed inside the kernel of another. Elementwise chains and
 * views fuse into whatever reads them. A contraction takes the elementwise chain after it as its epilogue. Reductions
 * of the same axes of the same shape share a kernel with each other and with what is computed from them, so that softmax
 * or layer normalisation reads its rows once from memory.
 */
import { sizeOf, sameShape, stridesOf, type Shape } from "../util/shapes";
import { dimension, keyOf, linear, type Affine } from "../wgsl/affine";
import type { Canonical } from "./canonical";
import type { Node } from "./node";

export interface KernelPlan {
  /** Position of the node whose value the kernel stores. */
  readonly root: number;
  /** Positions of the reductions inside, inputs first; or of the one contraction. */
  readonly cores: readonly number[];
  readonly rows?: RowSpace;
}

/** What the reductions of a kernel have in common. */
export interface RowSpace {
  /** The shape of what is reduced, and the axes reduced over. */
  readonly shape: Shape;
  readonly axes: readonly number[];
  /** Whether the kernel stores every element of `shape` rather than one a row. */
  readonly perElement: boolean;
}

/** Beyond this many ops a kernel costs more to compile than a round trip through memory. */
const maxOpsPerKernel = 96;
/** Ops that are done again sooner than their result is stored and loaded. */
const quickOps = 4;
/** Rows this long are left to kernels that share each among many invocations, one reduction at a time. */
const longRow = 16_384;

/** `forced` are positions that must have a buffer, whatever the rules say. Kernels come in an order they can run in. */
export function partition(graph: Canonical, forced: ReadonlySet<number>): KernelPlan[] {
  return new Partitioner(graph, forced).run();
}

/** Where a node is evaluated within the one kernel that computes it. */
interface Place {
  readonly at: readonly Affine[];
  /** Over the dimensions of the reduced shape, where the kernel's root has others. */
  readonly inner: boolean;
}

class Partitioner {
  private readonly consumers: number[][];
  private readonly owners: Set<number>[];
  private readonly places: (Place | undefined)[];
  private readonly materialized: boolean[];
  private readonly cores = new Map<number, number[]>();
  private readonly rows = new Map<number, RowSpace>();
  private readonly coreOf = new Map<number, number>();
  private readonly leaves: ReadonlySet<number>;
  private readonly opCount = new Map<number, number>();
  /** The one node with a buffer that each node's elementwise chain reads. */
  private readonly sources: (number | "none" | "several")[] = [];
  private readonly chainLength: number[] = [];

  constructor(
    private readonly graph: Canonical,
    private readonly forced: ReadonlySet<number>,
  ) {
    const { nodes, inputs } = graph;
    this.leaves = new Set(graph.leaves);
    this.consumers = nodes.map(() => []);
    inputs.forEach((from, i) => new Set(from).forEach((j) => this.consumers[j].push(i)));
    this.owners = nodes.map(() => new Set<number>());
    this.places = nodes.map(() => undefined);
    this.materialized = nodes.map(() => false);
    this.followChains();
  }

  run(): KernelPlan[] {
    const { nodes, roots } = this.graph;
    const isRoot = new Set(roots);
    for (let i = nodes.length - 1; i >= 0; i--) {
      if (this.leaves.has(i)) continue;
      this.inherit(i);
      const own = isRoot.has(i) || this.forced.has(i) || this.needsBuffer(i);
      if (own) this.makeKernel(i);
      else this.count(i);
    }
    return nodes.flatMap((_, root) => {
      if (!this.materialized[root]) return [];
      const cores = [...(this.cores.get(root) ?? [])].sort((a, b) => a - b);
      return [{ root, cores, rows: this.rows.get(root) }];
    });
  }

  /** The kernels that `i` is computed in, were it to have no buffer, and where if there is but one. */
  private inherit(i: number): void {
    for (const c of this.consumers[i]) for (const owner of this.owners[c]) this.owners[i].add(owner);
    const [first, ...others] = this.consumers[i].map((c) => this.placeOfInput(c));
    const key = first && keyOfPlace(first);
    this.places[i] = others.every((p) => p && keyOfPlace(p) === key) ? first : undefined;
  }

  /** Where consumer `c` reads its input `i`. */
  private placeOfInput(c: number): Place | undefined {
    const consumer = this.graph.nodes[c];
    const owner = this.coreOf.get(c);
    if (owner !== undefined) {
      const rows = this.rows.get(owner);
      return rows && { at: coordinatesOf(rows.shape), inner: !rows.perElement };
    }
    const place = this.places[c];
    if (!place) return undefined;
    const { wgsl } = consumer.op;
    if (wgsl.kind === "elementwise") return place;
    return wgsl.kind === "view" ? { at: wgsl.read(place.at, consumer).at, inner: place.inner } : undefined;
  }

  private makeKernel(i: number): void {
    this.materialized[i] = true;
    this.owners[i] = new Set([i]);
    this.opCount.set(i, 1);
    this.places[i] = { at: coordinatesOf(this.graph.nodes[i].shape), inner: false };
    if (isHeavy(this.graph.nodes[i])) this.joinAsCore(i);
  }

  private count(i: number): void {
    if (this.graph.nodes[i].op.wgsl.kind !== "elementwise") return;
    for (const owner of this.owners[i]) this.opCount.set(owner, this.opCount.get(owner)! + 1);
  }

  private needsBuffer(i: number): boolean {
    const node = this.graph.nodes[i];
    const owners = this.owners[i];
    if (owners.size === 0) return false;
    if (isHeavy(node)) return !this.joinAsCore(i);
    if (node.op.wgsl.kind === "gather") return owners.size > 1;
    if (node.op.wgsl.kind !== "elementwise") return false;
    if (this.isCheap(i)) return false;
    if (this.isReread(i) || (owners.size > 1 && !this.isQuick(i))) return true;
    const [owner] = owners;
    return this.opCount.get(owner)! >= maxOpsPerKernel;
  }

  /** Makes `i` a reduction or the contraction of the kernel that needs it, if that can be. */
  private joinAsCore(i: number): boolean {
    const owners = this.owners[i];
    const place = this.places[i];
    if (owners.size !== 1 || !place) return false;
    const [owner] = owners;
    const cores = this.cores.get(owner) ?? [];
    const node = this.graph.nodes[i];
    if (node.op.wgsl.kind === "contract") {
      if (cores.length > 0 || place.inner || !this.covers(place, node, owner)) return false;
    } else {
      const rows = this.rowsWith(i, place, owner);
      if (!rows) return false;
      this.rows.set(owner, rows);
    }
    this.cores.set(owner, [...cores, i]);
    this.coreOf.set(i, owner);
    return true;
  }

  /** The row space that kernel `owner` would have with reduction `i`, or undefined where that does not fit. */
  private rowsWith(i: number, place: Place, owner: number): RowSpace | undefined {
    const node = this.graph.nodes[i];
    if (node.op.wgsl.kind !== "reduce") return undefined;
    const { shape } = this.graph.nodes[this.graph.inputs[i][0]];
    const axes = node.op.wgsl.axes(node);
    const isRow = keysOf(place.at) === keysOf(coordinatesOf(shape).filter((_, d) => !axes.includes(d)));
    const known = this.rows.get(owner);
    if (!known) {
      if (this.cores.has(owner) || place.inner) return undefined;
      if (this.covers(place, node, owner)) return { shape, axes, perElement: false };
      const root = this.graph.nodes[owner];
      const fits = isRow && sameShape(root.shape, shape) && fitsRows(shape, axes);
      return fits ? { shape, axes, perElement: true } : undefined;
    }
    const same = sameShape(known.shape, shape) && known.axes.join() === axes.join();
    if (!same || !fitsRows(shape, axes)) return undefined;
    const fits = known.perElement || place.inner ? isRow : this.covers(place, node, owner);
    return fits ? known : undefined;
  }

  /** Whether the kernel's root reads each element of `node` once and in order. */
  private covers(place: Place, node: Node, owner: number): boolean {
    const { shape } = this.graph.nodes[owner];
    if (place.inner || sizeOf(shape) !== sizeOf(node.shape)) return false;
    const [mine, whole] = [
      linear(place.at, stridesOf(node.shape)),
      linear(coordinatesOf(shape), stridesOf(shape)),
    ];
    return keyOf(mine) === keyOf(whole);
  }

  /** Computing it again costs no more than loading it: one op over at most one value from memory. */
  private isCheap(i: number): boolean {
    const loads = this.graph.inputs[i].filter((j) => this.graph.nodes[j].op.wgsl.kind !== "scalar");
    return loads.length <= 1 && loads.every((j) => this.isView(j));
  }

  /** A few ops over one value from memory: each kernel that needs it computes it for the price of loading it. */
  private isQuick(i: number): boolean {
    const source = this.sources[i];
    return source !== "several" && this.chainLength[i] <= quickOps;
  }

  /** For each node, what its elementwise chain reads and how many ops it takes. */
  private followChains(): void {
    const { nodes, inputs } = this.graph;
    nodes.forEach((node, i) => {
      const { kind } = node.op.wgsl;
      const passes = !this.leaves.has(i) && (kind === "elementwise" || kind === "view");
      if (!passes) {
        this.sources[i] = kind === "scalar" || kind === "index" ? "none" : i;
        this.chainLength[i] = 0;
        return;
      }
      const from = new Set(inputs[i].map((j) => this.sources[j]).filter((s) => s !== "none"));
      this.sources[i] = from.size > 1 ? "several" : ([...from][0] ?? "none");
      const own = kind === "elementwise" ? 1 : 0;
      this.chainLength[i] = inputs[i].reduce((sum, j) => sum + this.chainLength[j], own);
    });
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
      if (kind === "contract") return true;
      if (kind === "gather") return this.isGatheredAgain(i, c);
      if (kind !== "view" || this.isOnceARow(i, c)) return false;
      const grows = sizeOf(consumer.shape) > sizeOf(this.graph.nodes[i].shape);
      return consumers.length > 1 || grows || this.isReread(c);
    });
  }

  /** Whether gather `c` reads `i` in places, or as indices that it repeats; indices that it reads once are computed on the way. */
  private isGatheredAgain(i: number, c: number): boolean {
    const [source] = this.graph.inputs[c];
    return source === i || sizeOf(this.graph.nodes[c].shape) > sizeOf(this.graph.nodes[i].shape);
  }

  /** Whether `i`, which view `c` repeats along rows, comes from reductions of those rows: computed with them, it is cheap. */
  private isOnceARow(i: number, c: number): boolean {
    const place = this.places[c];
    const { wgsl } = this.graph.nodes[c].op;
    if (this.owners[c].size !== 1 || !place || wgsl.kind !== "view") return false;
    const [owner] = this.owners[c];
    const rows = this.rows.get(owner) ?? this.rowsBehind(i, this.graph.nodes[owner].shape);
    if (!rows) return false;
    const kept = coordinatesOf(rows.shape).filter((_, d) => !rows.axes.includes(d));
    return keysOf(wgsl.read(place.at, this.graph.nodes[c]).at) === keysOf(kept);
  }

  /** The rows of a reduction of shape `shape` that `i` is an elementwise function of, one element a row. */
  private rowsBehind(i: number, shape: Shape): RowSpace | undefined {
    const size = sizeOf(this.graph.nodes[i].shape);
    const stack = [i];
    while (stack.length > 0) {
      const j = stack.pop()!;
      const node = this.graph.nodes[j];
      if (this.leaves.has(j) || sizeOf(node.shape) !== size) continue;
      const [input] = this.graph.inputs[j];
      if (node.op.wgsl.kind === "reduce") {
        const axes = node.op.wgsl.axes(node);
        const fits = sameShape(this.graph.nodes[input].shape, shape) && fitsRows(shape, axes);
        if (fits) return { shape, axes, perElement: true };
      } else if (node.op.wgsl.kind === "elementwise" || node.op.wgsl.kind === "view") {
        stack.push(...this.graph.inputs[j]);
      }
    }
    return undefined;
  }
}

function fitsRows(shape: Shape, axes: readonly number[]): boolean {
  return sizeOf(axes.map((a) => shape[a])) <= longRow;
}

function coordinatesOf(shape: Shape): Affine[] {
  return shape.map((n, d) => dimension(d, n));
}

/** Coordinates as one text; axes of length 1 say nothing. */
function keysOf(at: readonly Affine[]): string {
  return at
    .map(keyOf)
    .filter((key) => key !== "+0")
    .join("|");
}

function keyOfPlace({ at, inner }: Place): string {
  return `${inner ? "inner" : "outer"} ${keysOf(at)}`;
}

function isHeavy(node: Node): boolean {
  return node.op.wgsl.kind === "reduce" || node.op.wgsl.kind === "contract";
}
