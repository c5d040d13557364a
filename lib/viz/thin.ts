/**
 * What a screen can show of more than it has pixels for. Extremes are kept, so that a thinned figure looks like the whole
 * (as M4 does, Jugel et al. 2014).
 */

/** A page takes some twenty bytes a point, and about ten a cell of a grid. */
const mostPoints = 20_000;
const mostCells = 80_000;
/** Of a line, about as many as a screen is wide. */
const mostColumns = 1000;
const mostBars = 2000;

export interface Points {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Whether the point is left out, which breaks the line. */
  readonly isGap: (index: number) => boolean;
  readonly logX?: boolean;
}

/**
 * Which points of a line are drawn, in order: all of a short one; of a long one, for each column of the screen, the
 * first, the last, the lowest, the highest and a gap. Where x does not ascend, columns are stretches of equal length, of
 * which the leftmost and rightmost point is kept too. `lines` share the page.
 */
export function thinnedLine(points: Points, lines = 1): number[] {
  const count = points.y.length;
  const most = Math.max(Math.floor(mostPoints / Math.max(lines, 1)), 40);
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const columnOf = columnsOf(points, Math.min(mostColumns, Math.floor(most / 8)));
  const kept: number[] = [];
  let [from, column] = [0, columnOf(0)];
  for (let i = 1; i <= count; i++) {
    const next = i === count ? undefined : columnOf(i);
    if (i < count && (next === undefined || next === column)) continue;
    keepExtremes(points, from, i, kept);
    [from, column] = [i, next];
  }
  return kept;
}

/** Adds which of the points [from, to) stand for them all. */
function keepExtremes({ x, y, isGap }: Points, from: number, to: number, kept: number[]): void {
  const chosen: Record<string, number> = {};
  for (let i = from; i < to; i++) {
    if (isGap(i)) {
      chosen["gap"] ??= i;
      continue;
    }
    chosen["first"] ??= i;
    chosen["last"] = i;
    if (!(y[i] >= y[chosen["lowest"]])) chosen["lowest"] = i;
    if (!(y[i] <= y[chosen["highest"]])) chosen["highest"] = i;
    if (!(x[i] >= x[chosen["leftmost"]])) chosen["leftmost"] = i;
    if (!(x[i] <= x[chosen["rightmost"]])) chosen["rightmost"] = i;
  }
  kept.push(...[...new Set(Object.values(chosen))].sort((a, b) => a - b));
}

/** The column of each point; a gap is in that of the point before it. */
function columnsOf({ x, isGap, logX }: Points, columns: number): (index: number) => number | undefined {
  const count = x.length;
  let [first, last, isAscending] = [-1, -1, true];
  for (let i = 0; i < count && isAscending; i++) {
    if (isGap(i)) continue;
    isAscending = last === -1 || x[i] >= x[last];
    first = first === -1 ? i : first;
    last = i;
  }
  const place = (value: number): number => (logX ? Math.log10(value) : value / 2); // halves, whose difference is finite
  const [from, to] = first === -1 ? [0, 0] : [place(x[first]), place(x[last])];
  if (!isAscending || !(to > from)) return (i) => Math.floor((i / count) * columns);
  return (i) =>
    isGap(i) ? undefined : Math.min(Math.floor(((place(x[i]) - from) / (to - from)) * columns), columns - 1);
}

/** Places [from, to) along an axis that are drawn as one. */
export type Block = readonly [from: number, to: number];

/** At most `most` blocks of equal length of `count` places. */
export function blocksOf(count: number, most = mostBars): Block[] {
  const length = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / length) }, (_, i) => [
    i * length,
    Math.min((i + 1) * length, count),
  ]);
}

/** The index in a block of the value of greatest magnitude. */
export function greatestIn(values: readonly number[], [from, to]: Block): number {
  let greatest = from;
  for (let i = from + 1; i < to; i++) {
    if (!(Math.abs(values[i]) <= Math.abs(values[greatest]))) greatest = i;
  }
  return greatest;
}

export interface ThinnedGrid {
  readonly z: readonly (readonly number[])[];
  readonly rows: readonly Block[];
  readonly columns: readonly Block[];
  /** Whether cells were left out. */
  readonly isThinned: boolean;
}

/** Of a grid with more cells than a page bears, for each block the one that lies farthest from the mean of all. */
export function thinnedGrid(z: readonly (readonly number[])[], most = mostCells): ThinnedGrid {
  const [height, width] = [z.length, z[0]?.length ?? 0];
  const side = Math.floor(Math.sqrt(most));
  const blocks = (length: number, other: number): Block[] =>
    blocksOf(length, Math.max(side, Math.floor(most / Math.max(Math.min(other, side), 1))));
  const isThinned = height * width > most;
  if (!isThinned) return { z, rows: blocksOf(height, height), columns: blocksOf(width, width), isThinned };
  const [rows, columns] = [blocks(height, width), blocks(width, height)];
  const mean = meanOf(z);
  const farthest = ([top, bottom]: Block, [left, right]: Block): number => {
    let found = NaN;
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const value = z[row][column];
        if (Number.isFinite(value) && !(Math.abs(value - mean) <= Math.abs(found - mean))) found = value;
      }
    }
    return found;
  };
  return { z: rows.map((row) => columns.map((column) => farthest(row, column))), rows, columns, isThinned };
}

/** Of the finite values. */
function meanOf(z: readonly (readonly number[])[]): number {
  let [mean, count] = [0, 0];
  for (const row of z) {
    for (const value of row) {
      if (Number.isFinite(value)) mean += value / ++count - mean / count;
    }
  }
  return mean;
}

/** The middle of each block of `places`. */
export function middles(places: readonly number[], blocks: readonly Block[]): number[] {
  return blocks.map(([from, to]) => places[from] / 2 + places[to - 1] / 2);
}

/** That part of `count` stands for all: points of a curve, or bars. */
export function thinningNote(noun: string, shown: number, count: number, name?: string): string[] {
  if (shown >= count) return [];
  const prefix = name === undefined ? "" : `${name}: `;
  return [`${prefix}${shown} of ${count} ${noun}s drawn, extremes kept; all in figure.numbers`];
}

/** That a grid is drawn in blocks. */
export function blocksNote(
  { isThinned, rows, columns }: ThinnedGrid,
  height: number,
  width: number,
): string[] {
  if (!isThinned) return [];
  return [
    `${height} × ${width} drawn as ${rows.length} × ${columns.length}, extremes kept; all in figure.numbers`,
  ];
}

/** Sizes of marks that show the points to which no line leads, between two gaps; undefined where there are none. */
export function marksOfLone(isGap: readonly boolean[], size = 9): number[] | undefined {
  const sizes = isGap.map((gap, i) => (!gap && (isGap[i - 1] ?? true) && (isGap[i + 1] ?? true) ? size : 0));
  return sizes.some((each) => each > 0) ? sizes : undefined;
}
