/** What the elementwise functions and views before each node read, found in one walk from the leaves on. */
import { sameShape, sizeOf, type Shape } from "../util/shapes";
import type { Canonical } from "./canonical";

/** What the reductions of a kernel have in common. */
export interface RowSpace {
  /** The shape of what is reduced, and the axes reduced over. */
  readonly shape: Shape;
  readonly axes: readonly number[];
  /** Whether the kernel stores every element of `shape` rather than one a row. */
  readonly perElement: boolean;
}

/** Ops that are done again sooner than their result is stored and loaded. */
const quickOps = 4;
/** Rows this long are left to kernels that share each among many invocations, one reduction at a time. */
const longRow = 16_384;
/** Kinds of rows behind one node that are told apart. */
const maxKinds = 8;

const noRows: readonly RowSpace[] = [];

export class Chains {
  /** The one node with a buffer that each node's elementwise chain reads. */
  private readonly sources: (number | "none" | "several")[] = [];
  private readonly lengths: number[] = [];
  /** Whether each node is a leaf or a constant, looked at through views alone. */
  private readonly isLeafView: boolean[] = [];
  private readonly rows: (readonly RowSpace[])[] = [];

  constructor(
    private readonly graph: Canonical,
    private readonly leaves: ReadonlySet<number>,
  ) {
    graph.nodes.forEach((_, i) => this.follow(i));
  }

  /** Computing it again costs no more than loading it: one op over at most one value from memory. */
  isCheap(i: number): boolean {
    const loads = this.graph.inputs[i].filter((j) => this.graph.nodes[j].op.lowering.kind !== "scalar");
    return loads.length <= 1 && loads.every((j) => this.isLeafView[j]);
  }

  /** A few ops over one value from memory: each kernel that needs it computes it for the price of loading it. */
  isQuick(i: number): boolean {
    return this.sources[i] !== "several" && this.lengths[i] <= quickOps;
  }

  /** The rows of a reduction of shape `shape` that `i` is an elementwise function of, one element a row. */
  rowsBehind(i: number, shape: Shape): RowSpace | undefined {
    return this.rows[i].find((r) => sameShape(r.shape, shape));
  }

  private follow(i: number): void {
    const { kind } = this.graph.nodes[i].op.lowering;
    const isLeaf = this.leaves.has(i);
    const inputs = this.graph.inputs[i];
    this.isLeafView[i] =
      isLeaf || kind === "index" || kind === "scalar" || (kind === "view" && this.isLeafView[inputs[0]]);
    this.rows[i] = isLeaf ? noRows : this.rowsOf(i);
    if (isLeaf || (kind !== "elementwise" && kind !== "view")) {
      this.sources[i] = kind === "scalar" || kind === "index" ? "none" : i;
      this.lengths[i] = 0;
      return;
    }
    const from = new Set(inputs.map((j) => this.sources[j]).filter((s) => s !== "none"));
    this.sources[i] = from.size > 1 ? "several" : ([...from][0] ?? "none");
    this.lengths[i] = inputs.reduce((sum, j) => sum + this.lengths[j], kind === "elementwise" ? 1 : 0);
  }

  private rowsOf(i: number): readonly RowSpace[] {
    const { shape, op } = this.graph.nodes[i];
    const inputs = this.graph.inputs[i];
    if (op.lowering.kind === "reduce") {
      const [reduced] = inputs.map((j) => this.graph.nodes[j].shape);
      const axes = op.lowering.axes(this.graph.nodes[i]);
      return fitsRows(reduced, axes) ? [{ shape: reduced, axes, perElement: true }] : noRows;
    }
    if (op.lowering.kind !== "elementwise" && op.lowering.kind !== "view") return noRows;
    if (inputs.every((j) => this.rows[j].length === 0)) return noRows;
    const lists = inputs
      .filter((j) => sizeOf(this.graph.nodes[j].shape) === sizeOf(shape))
      .map((j) => this.rows[j])
      .filter((list) => list.length > 0);
    return lists.length > 0 ? lists.reverse().reduce(joined) : noRows;
  }
}

function joined(a: readonly RowSpace[], b: readonly RowSpace[]): readonly RowSpace[] {
  if (a === b) return a;
  const others = b.filter((r) => !a.some((known) => sameRows(known, r)));
  return others.length === 0 ? a : [...a, ...others].slice(0, maxKinds);
}

export function sameRows(a: RowSpace, b: RowSpace): boolean {
  return sameShape(a.shape, b.shape) && a.axes.join() === b.axes.join();
}

export function fitsRows(shape: Shape, axes: readonly number[]): boolean {
  return sizeOf(axes.map((a) => shape[a])) <= longRow;
}
