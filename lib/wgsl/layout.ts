/** How the invocations of a kernel over rows share the work. */
import { groupStride, startsGroups } from "../loops/affine";
import { forEachAffine, type Expr } from "../loops/expr";
import type { Merged } from "../loops/rows";
import { vectorizes } from "../loops/space";
import { hasNarrowSubgroups, product, workgroupSize, type DeviceLimits } from "./kernel";
import { vectorWidth } from "./text";

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
      m.at?.kind !== "index" ||
      (groupStride(m.at.index, dim, vectorWidth) === 1 && startsGroups(m.at.index, dim, vectorWidth));
    return storesTogether && vectorizes(dim, [...m.kept, ...m.reduced][dim], exprs, vectorWidth);
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
      const stride = groupStride(a, dim, vectorWidth);
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
