/** What a kernel over rows computes, and how its invocations share the work. */
import type { DType } from "../util/dtypes";
import { groupStride, startsGroups, type Affine } from "./affine";
import { forEachAffine, type Expr, type WgslType } from "./expr";
import { hasNarrowSubgroups, product, workgroupSize, type DeviceLimits } from "./kernel";
import { mergeDimensions, vectorizes } from "./space";

/** An associative combination, its identity, as WGSL. */
export interface Combiner {
  readonly name: string;
  readonly combine: (a: string, b: string, type: WgslType) => string;
  /** A quicker `combine` for what is not NaN, where `combine` takes care to keep NaN: loops then look for NaN apart. */
  readonly combineNumbers?: (a: string, b: string) => string;
  readonly identity: (dtype: DType) => string;
  /** The built-in function that combines the values of a subgroup, where one does exactly that. */
  readonly subgroup?: string;
  /** Module-scope declarations that the texts need. */
  readonly declarations?: string;
}

export interface Stage {
  readonly combiner: Combiner;
  /** What is reduced, over kept then reduced dimensions. */
  readonly value: Expr;
}

export interface Rows {
  /** Lengths of the kept dimensions, then of the reduced ones. */
  readonly sizes: readonly number[];
  readonly keptDims: number;
  readonly stages: readonly Stage[];
  /** What is stored: over the kept dimensions, or over all where `elementAt` is given. */
  readonly result: Expr;
  /** Where the result's elements go, if there is one for each element of the row. */
  readonly elementAt?: Affine;
  /** Index into the run-time scalars of the row's length; a constant bound would be unrolled. */
  readonly boundScalar: number;
}

/** How invocations share the work. */
export interface Layout {
  /** Elements that an invocation takes at once, side by side along `vectorDim` or `apart` rows from one another. */
  readonly width: 1 | 4;
  readonly vectorDim: number | undefined;
  readonly apart: number | undefined;
  /** Whether the four elements belong to four rows, rather than to one. */
  readonly acrossRows: boolean;
  /** Invocations that share a row (or four), and whether those lie side by side in a subgroup. */
  readonly members: number;
  readonly subgroups: boolean;
}

/** Enough invocations to fill a device; with fewer rows, rows are shared. */
const fullDevice = 2048;

export interface Merged {
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  readonly stages: readonly Stage[];
  readonly result: Expr;
  readonly at: Expr | undefined;
}

export function merge(rows: Rows): Merged {
  const at: Expr[] = rows.elementAt ? [{ kind: "index", index: rows.elementAt, dtype: "uint32" }] : [];
  const values = rows.stages.map((s) => s.value);
  const { space, exprs } = mergeDimensions({ sizes: rows.sizes, outputDims: rows.keptDims }, [
    ...values,
    rows.result,
    ...at,
  ]);
  return {
    kept: space.sizes.slice(0, space.outputDims),
    reduced: space.sizes.slice(space.outputDims),
    stages: rows.stages.map((s, i) => ({ ...s, value: exprs[i] })),
    result: exprs[values.length],
    at: exprs[values.length + 1],
  };
}

export function chooseLayout(m: Merged, limits: DeviceLimits): Layout {
  const rows = product(m.kept);
  const length = product(m.reduced);
  const inLoops = [...m.stages.map((s) => s.value), ...(m.at ? [m.result] : [])];
  const innermost = m.kept.length + m.reduced.length - 1;
  const lastKept = m.kept.length - 1;
  // Where all reduced axes have length 1, the innermost is one of those that stay.
  const alongRow = m.reduced.length === 0 ? -Infinity : contiguity(innermost, inLoops);
  const acrossRows = lastKept < 0 ? -Infinity : contiguity(lastKept, inLoops);
  const wide = (dim: number, exprs: readonly Expr[]): boolean => {
    const storesTogether =
      m.at?.kind !== "index" || (groupStride(m.at.index, dim) === 1 && startsGroups(m.at.index, dim));
    return storesTogether && vectorizes(dim, [...m.kept, ...m.reduced][dim], exprs);
  };
  if (alongRow >= acrossRows) {
    const width = wide(innermost, inLoops) ? 4 : 1;
    const vectorDim = width === 4 ? innermost : undefined;
    return {
      width,
      vectorDim,
      apart: undefined,
      acrossRows: false,
      ...shareRows(rows, length / width, limits),
    };
  }
  const width = wide(lastKept, [...inLoops, m.result]) ? 4 : 1;
  const vectorDim = width === 4 ? lastKept : undefined;
  const apart = width === 1 ? distance(m, length, limits) : undefined;
  if (apart !== undefined) {
    return { width: 4, vectorDim, apart, acrossRows: true, members: 1, subgroups: false };
  }
  return { width, vectorDim, apart, acrossRows: true, ...shareColumns(rows / width, length) };
}

/**
 * How far apart four rows lie that an invocation takes although they do not align to fours: a narrow subgroup that loads a
 * number of each of its rows leaves most of a cache line to others, which load it again.
 */
function distance(m: Merged, length: number, limits: DeviceLimits): number | undefined {
  const isWorthIt = hasNarrowSubgroups(limits) && product(m.kept) >= fullDevice && length >= 4;
  return isWorthIt && m.at === undefined ? limits.subgroupSize : undefined;
}

/** How many loads find neighbours along `dim` side by side in memory, less those that find them apart. */
function contiguity(dim: number, exprs: readonly Expr[]): number {
  let score = 0;
  for (const e of exprs) {
    forEachAffine(e, (a, owner) => {
      if (owner.kind !== "load") return;
      const stride = groupStride(a, dim);
      if (stride === 1) score++;
      else if (stride !== 0) score--;
    });
  }
  return score;
}

/** Members that walk one row together: a subgroup, or all of a workgroup where rows are few and long and barriers cheap. */
function shareRows(rows: number, steps: number, limits: DeviceLimits): Pick<Layout, "members" | "subgroups"> {
  const { subgroupSize } = limits;
  const lanes = subgroupSize ?? 32;
  if (steps < 2 * lanes || lanes > workgroupSize) return { members: 1, subgroups: false };
  const few = rows * lanes < fullDevice && steps >= 4 * workgroupSize && !hasNarrowSubgroups(limits);
  return { members: few ? workgroupSize : lanes, subgroups: subgroupSize !== undefined };
}

/** Members that walk neighbouring rows together, each a part of the length. */
function shareColumns(rows: number, steps: number): Pick<Layout, "members" | "subgroups"> {
  let members = 1;
  while (members < 16 && rows * members < fullDevice && steps >= 32 * members) members *= 2;
  return { members, subgroups: false };
}
