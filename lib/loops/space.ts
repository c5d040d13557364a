/** Iteration spaces: which kernel dimensions can be walked as one, and along which one several elements lie together. */
import { constant, dimension, groupStride, startsGroups, strideIn, substitute, type Affine } from "./affine";
import { forEachAffine, mapAffines, type Expr } from "./expr";

export interface Space {
  /** Sizes of the kernel's dimensions: first those of the output, then those reduced over. */
  readonly sizes: readonly number[];
  readonly outputDims: number;
}

/**
 * Joins neighbouring dimensions that every index walks as one, within the output's and within the reduced ones, and
 * drops dimensions of length 1. Fewer dimensions mean fewer divisions an element.
 */
export function mergeDimensions(space: Space, exprs: readonly Expr[]): { space: Space; exprs: Expr[] } {
  const affines: Affine[] = [];
  for (const e of exprs) forEachAffine(e, (a) => affines.push(a));
  const groups: { from: number; to: number; size: number }[] = [];
  const outputGroups: number[] = [];
  space.sizes.forEach((size, d) => {
    const isOutput = d < space.outputDims;
    const last = groups[groups.length - 1];
    const sameSide = last && (isOutput || last.from >= space.outputDims);
    const joins = sameSide && affines.every((a) => walksAsOne(a, last.to, d, size));
    if (size === 1) return;
    if (joins) {
      last.to = d;
      last.size *= size;
    } else {
      groups.push({ from: d, to: d, size });
      if (isOutput) outputGroups.push(d);
    }
  });
  const replaced = space.sizes.map(() => constant(0));
  const merged = groups.map((g, i) => dimension(i, g.size));
  groups.forEach((g, i) => {
    replaced[g.to] = merged[i];
    for (let d = g.from; d < g.to; d++) replaced[d] = constant(0);
  });
  const memo = new Map<Expr, Expr>();
  return {
    space: { sizes: groups.map((g) => g.size), outputDims: outputGroups.length },
    exprs: exprs.map((e) => mapAffines(e, (a, self) => substitute(a, replaced, self), memo)),
  };
}

/** Whether `a` treats (outer, inner) as one dimension: outer's stride is inner's stride × inner's size. */
function walksAsOne(a: Affine, outer: number, inner: number, innerSize: number): boolean {
  const so = strideIn(a, outer);
  const si = strideIn(a, inner);
  return so !== undefined && si !== undefined && so === si * innerSize;
}

/** Whether `lanes` neighbours along `dim` can be computed as one vector: each index grows evenly among them. */
export function vectorizes(dim: number, size: number, exprs: readonly Expr[], lanes: number): boolean {
  if (size % lanes !== 0) return false;
  let fits = true;
  for (const e of exprs) {
    forEachAffine(e, (a) => {
      if (groupStride(a, dim, lanes) === undefined) fits = false;
    });
  }
  return fits;
}

/** Slots that some load reads otherwise than as aligned vectors of `lanes` along `dim`; they are bound as scalars. */
export function scalarSlots(dim: number | undefined, exprs: readonly Expr[], lanes: number): Set<number> {
  const slots = new Set<number>();
  for (const e of exprs) {
    forEachAffine(e, (a, owner) => {
      if (owner.kind !== "load") return;
      if (dim === undefined || groupStride(a, dim, lanes) !== 1 || !startsGroups(a, dim, lanes))
        slots.add(owner.slot);
    });
  }
  return slots;
}
