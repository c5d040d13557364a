/** Where the kernels compute the nodes inside them: the same node may be needed at several coordinates of one kernel. */
import { sizeOf, stridesOf, type Shape } from "../util/shapes";
import {
  dimension,
  keyOf,
  linear,
  passed,
  plus,
  termsOf,
  times,
  computed,
  type Affine,
} from "../loops/affine";
import type { Canonical } from "./canonical";
import type { Lowering, Node, ViewRead } from "./node";
import type { LaneCount } from "./target";

/** Coordinates within a kernel. */
export interface Place {
  /** Undefined where only the order matters in which things are computed. */
  readonly at: readonly Affine[] | undefined;
  /** Over the dimensions of the reduced shape, where the kernel's root has others. */
  readonly inner: boolean;
  /** Whether all between here and the kernel's root or a reduction of it is elementwise or a view. */
  readonly direct: boolean;
  /** Equal for equal places. */
  readonly key: string;
  /** Terms of all coordinates: what the index arithmetic costs. */
  readonly terms: number;
}

export function placeAt(at: readonly Affine[] | undefined, inner: boolean, direct: boolean): Place {
  const coordinates = at ? at.map(keyOf).join("|") : "?";
  const key = `${inner ? "inner" : "outer"} ${direct ? "" : "behind "}${coordinates}`;
  return { at, inner, direct, key, terms: (at ?? []).reduce((sum, a) => sum + termsOf(a), 0) };
}

export function coordinatesOf(shape: Shape): Affine[] {
  return shape.map((n, d) => dimension(d, n));
}

/** Whether a view gives its input's elements many times over: storing what it shows costs more than showing it. */
export function repeats(graph: Canonical, i: number): boolean {
  const node = graph.nodes[i];
  if (node.op.lowering.kind !== "view") return false;
  return sizeOf(node.shape) >= 2 * sizeOf(graph.nodes[graph.inputs[i][0]].shape);
}

/** What view `i` reads at `at`; `start` gives the number that is passed for where a window starts, which is below `size`. */
export function readOfView(
  graph: Canonical,
  i: number,
  at: readonly Affine[],
  start: (axis: number, unit: LaneCount, size: number) => Affine,
): ViewRead {
  const node = graph.nodes[i];
  const { read } = node.op.lowering as Extract<Lowering, { kind: "view" }>;
  const window = graph.windows.get(i);
  if (window === undefined) return read(at, node);
  const { attribute, starts, units } = window;
  const atRest = read(at, { ...node, attrs: { ...node.attrs, [attribute]: starts.map(() => 0) } });
  const { shape } = graph.nodes[graph.inputs[i][0]];
  const moved = atRest.at.map((a, axis) => {
    if (shape[axis] === node.shape[axis]) return a;
    const unit = units[axis];
    return plus(a, times(start(axis, unit, Math.ceil(shape[axis] / unit)), unit));
  });
  return { ...atRest, at: moved };
}

/** Where nodes read their inputs, with names for what is known only when a kernel runs. */
export class Reads {
  private readonly names = new Map<string, number>();

  constructor(private readonly graph: Canonical) {}

  /** Where `c`, computed at `place` as part of no stage of its own, reads its input number `k`. */
  through(c: number, k: number, place: Place): Place {
    const node = this.graph.nodes[c];
    const { lowering } = node.op;
    if (place.at === undefined || lowering.kind === "elementwise") return place;
    const { at, inner, direct } = place;
    if (lowering.kind === "view" && k === 0) {
      const read = readOfView(this.graph, c, at, (axis, _unit, size) =>
        passed(this.nameOf(`start ${c} ${axis}`), size),
      );
      return placeAt(read.at, inner, direct);
    }
    if (lowering.kind === "gather") {
      const indexAt = lowering.indexAt(at, node);
      return placeAt(k === 1 ? indexAt : this.gathered(c, node, at, indexAt), inner, false);
    }
    return placeAt(undefined, inner, false);
  }

  private gathered(c: number, node: Node, at: readonly Affine[], indexAt: readonly Affine[]): Affine[] {
    const { read, limit } = node.op.lowering as Extract<Lowering, { kind: "gather" }>;
    const name = this.nameOf(`${this.graph.inputs[c][1]}@${indexAt.map(keyOf).join("|")}`);
    const index = computed({ kind: "literal", value: 0, dtype: "int32" }, limit(node), `value${name}`);
    return read(at, index, node);
  }

  /** A number for `text`: names that contain names would double with each. */
  private nameOf(text: string): number {
    let name = this.names.get(text);
    if (name === undefined) this.names.set(text, (name = this.names.size));
    return name;
  }
}

/** Where contraction `c` reads its input number `k`: over its batch, rows, columns and the axis that is summed over. */
export function placeInContraction(graph: Canonical, c: number, k: number): Place {
  const [left, right] = graph.inputs[c].map((j) => graph.nodes[j].shape);
  const columns = right[right.length - 1];
  const [batch, [m, depth]] = [left.slice(0, -2), left.slice(-2)];
  const all = coordinatesOf([...batch, m, columns, depth]);
  const [mAt, nAt, kAt] = all.slice(batch.length);
  return placeAt([...all.slice(0, batch.length), ...(k === 0 ? [mAt, kAt] : [kAt, nAt])], true, false);
}

/** Coordinates as one text; axes of length 1 say nothing. */
export function keysOf(at: readonly Affine[]): string {
  return at
    .map(keyOf)
    .filter((key) => key !== "+0")
    .join("|");
}

/** Whether a kernel over `shape` that is at `at` in a node of shape `own` reads each of its elements once and in order. */
export function isInOrder(at: readonly Affine[], own: Shape, shape: Shape): boolean {
  if (sizeOf(shape) !== sizeOf(own)) return false;
  const [mine, whole] = [linear(at, stridesOf(own)), linear(coordinatesOf(shape), stridesOf(shape))];
  return keyOf(mine) === keyOf(whole);
}
