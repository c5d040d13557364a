/** What the work of one step does, element by element: the meaning of plans, in as few words as there can be. */
import { groupStride, startsGroups } from "../loops/affine";
import type { Contraction } from "../loops/contraction";
import type { Expr } from "../loops/expr";
import { merge, type Merged, type Rows } from "../loops/rows";
import { mergeDimensions, scalarSlots, vectorizes } from "../loops/space";
import type { Bindings, Work } from "../loops/work";
import { wrapped } from "../util/conversion";
import { isFloat, type DType, type TypedArray } from "../util/dtypes";
import { NumberSite, type Grouping, type KernelInputs } from "./site";

/** Writes what a step computes of `reads` into `y`. */
export type NumberKernel = (reads: KernelInputs, y: TypedArray) => void;

/** `lanes` neighbours are computed side by side where that can be. */
export function numberKernel(work: Work, { inputs }: Bindings, lanes: number): NumberKernel {
  switch (work.kind) {
    case "map":
      return mapKernel(work.sizes, work.value, lanes);
    case "rows":
      return rowsKernel(work.rows, lanes);
    case "contract":
      return contractionKernel(work.contraction, lanes, inputs.length);
  }
}

/** The coordinates of every element of a space, in row-major order. */
function* coordinatesOf(sizes: readonly number[]): Generator<readonly number[]> {
  const at = sizes.map(() => 0);
  if (sizes.includes(0)) return;
  for (;;) {
    yield at;
    let d = sizes.length - 1;
    while (d >= 0 && ++at[d] === sizes[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

/** How elements along `dim` are computed together, or undefined where each is by itself. */
function groupingOf(
  dim: number,
  size: number | undefined,
  exprs: readonly Expr[],
  lanes: number,
): Grouping | undefined {
  if (lanes === 1 || size === undefined || !vectorizes(dim, size, exprs, lanes)) return undefined;
  return { lanes, dim, scalarSlots: scalarSlots(dim, exprs, lanes) };
}

/** The site of the element at `at`, computed with its group if it has one. */
function siteAt(
  reads: KernelInputs,
  at: readonly number[],
  grouping: Grouping | undefined,
  totals: readonly number[] = [],
): NumberSite {
  if (grouping === undefined) return new NumberSite(reads, at, totals, undefined, 0);
  const lane = at[grouping.dim] % grouping.lanes;
  const first = at.map((x, d) => (d === grouping.dim ? x - lane : x));
  return new NumberSite(reads, first, totals, grouping, lane);
}

function mapKernel(sizes: readonly number[], value: Expr, lanes: number): NumberKernel {
  const { space, exprs } = mergeDimensions({ sizes, outputDims: sizes.length }, [value]);
  const last = space.sizes.length - 1;
  const grouping = groupingOf(last, space.sizes.at(-1), exprs, lanes);
  return (reads, y) => {
    let item = 0;
    for (const at of coordinatesOf(space.sizes)) y[item++] = siteAt(reads, at, grouping).valueOf(exprs[0]);
  };
}

function rowsKernel(rows: Rows, lanes: number): NumberKernel {
  const merged = merge(rows);
  const { kept, reduced, result, at } = merged;
  const grouping = rowGrouping(merged, lanes);
  return (reads, y) => {
    if (reads.words[2 * rows.boundScalar] !== reduced.reduce((a, b) => a * b, 1)) {
      throw new RangeError("a kernel is passed another length of its rows than they have");
    }
    let item = 0;
    for (const row of coordinatesOf(kept)) {
      const totals: number[] = [];
      for (const stage of merged.stages)
        totals.push(accumulate(stage, reads, row, reduced, grouping, totals));
      if (at?.kind !== "index") {
        y[item++] = siteAt(reads, row, undefined, totals).valueOf(result);
        continue;
      }
      for (const along of coordinatesOf(reduced)) {
        const site = siteAt(reads, [...row, ...along], grouping, totals);
        const place = site.at(at.index);
        if (place >= y.length) throw new RangeError(`a kernel writes element ${place} of ${y.length}`);
        y[place] = site.valueOf(result);
      }
    }
  };
}

function rowGrouping({ kept, reduced, stages, result, at }: Merged, lanes: number): Grouping | undefined {
  const sizes = [...kept, ...reduced];
  const dim = sizes.length - 1;
  const isStoredTogether =
    at?.kind !== "index" || (groupStride(at.index, dim, lanes) === 1 && startsGroups(at.index, dim, lanes));
  if (!isStoredTogether || reduced.length === 0) return undefined;
  const inLoops = [...stages.map((s) => s.value), ...(at ? [result] : [])];
  const grouping = groupingOf(dim, sizes[dim], inLoops, lanes);
  if (grouping === undefined || at) return grouping;
  return {
    ...grouping,
    scalarSlots: new Set([...grouping.scalarSlots, ...scalarSlots(undefined, [result], lanes)]),
  };
}

function accumulate(
  { combiner, value }: Merged["stages"][number],
  reads: KernelInputs,
  row: readonly number[],
  reduced: readonly number[],
  grouping: Grouping | undefined,
  totals: readonly number[],
): number {
  const { dtype } = value;
  const { exact, exactWhole = exact } = combiner.combine;
  const combine = isFloat(dtype) ? exact : exactWhole;
  let total = combiner.identity(dtype);
  for (const along of coordinatesOf(reduced)) {
    const term = siteAt(reads, [...row, ...along], grouping, totals).valueOf(value);
    total = held(combine(total, term), dtype);
  }
  return total;
}

const held = (value: number, dtype: DType): number =>
  dtype === "bool" ? Number(value !== 0) : wrapped(value, dtype);

function contractionKernel(c: Contraction, lanes: number, inputs: number): NumberKernel {
  const { batch, m, n, k, left, right, epilogue, boundScalar } = c;
  const [nDim, kDim] = [batch.length + 1, batch.length + 2];
  const leftGroups = groupingOf(kDim, k, [left], lanes);
  const rightGroups = groupingOf(nDim, n, [right], lanes);
  // An input is bound in one way: what any operand reads one by one, all do.
  const alone = new Set<number>();
  for (const [groups, expr] of [
    [leftGroups, left],
    [rightGroups, right],
    [undefined, epilogue],
  ] as const) {
    for (const slot of groups?.scalarSlots ?? scalarSlots(undefined, [expr], lanes)) alone.add(slot);
  }
  const bound = (g: Grouping | undefined): Grouping | undefined => g && { ...g, scalarSlots: alone };
  return (reads, y) => {
    if (reads.words[2 * boundScalar] !== k || reads.inputs.length !== inputs) {
      throw new RangeError("a product is passed another length than it has");
    }
    let item = 0;
    for (const at of coordinatesOf([...batch, m, n])) {
      let total = 0;
      for (let step = 0; step < k; step++) {
        const place = [...at, step];
        const product = siteAt(reads, place, bound(leftGroups)).valueOf(left);
        total += product * siteAt(reads, place, bound(rightGroups)).valueOf(right);
      }
      y[item++] = siteAt(reads, at, undefined, [total]).valueOf(epilogue);
    }
  };
}
