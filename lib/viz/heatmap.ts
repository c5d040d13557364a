import { checkOptions, refuse } from "../util/errors";
import { Figure } from "./figure";
import {
  divergingScale,
  figureOptionNames,
  planeLayout,
  sequentialScale,
  type FigureOptions,
  type PlotlyJson,
} from "./theme";
import { notesOn, placed } from "./gaps";
import { blocksNote, thinnedGrid, type Block } from "./thin";
import { checkMatrix, drawable, finiteExtent, roundingWithin, sixDigits, type Matrix } from "./values";

export interface HeatmapOptions extends FigureOptions {
  /** Colours that tell signs apart, zero in the middle; by default where the matrix has both signs. */
  readonly diverging?: boolean;
  /** Names of the columns, in order. */
  readonly columns?: readonly string[];
  /** Names of the rows, in order. */
  readonly rows?: readonly string[];
  /** What the colour stands for. */
  readonly zLabel?: string;
}

export interface HeatmapNumbers {
  readonly matrix: readonly (readonly number[])[];
}

/**
 * A matrix as colours, row 0 at the top as it is written; a square one has square cells. NaN and infinity leave holes,
 * and a note says how many. A matrix of more cells than a screen can show is drawn in blocks, each in the colour of what
 * lies farthest from the mean; the whole is in the figure's `numbers`. Refuses ragged rows.
 */
export function heatmap(matrix: Matrix, options: HeatmapOptions = {}): Figure<HeatmapNumbers> {
  checkOptions("heatmap", options, [...figureOptionNames, "diverging", "columns", "rows", "zLabel"]);
  const z = checkMatrix("heatmap", "matrix", matrix);
  const width = z[0]?.length ?? 0;
  checkNames("columns", options.columns, width);
  checkNames("rows", options.rows, z.length);

  const flat = z.flat();
  const range = finiteExtent(flat);
  const [least, greatest] = range ?? [0, 0];
  const round = roundingWithin(range);
  const thinned = thinnedGrid(z);
  const trace = {
    type: "heatmap",
    z: thinned.z.map((row) => row.map((value) => placed(value, "linear", round))),
    ...placesOf("x", options.columns, thinned.columns, thinned.isThinned),
    ...placesOf("y", options.rows, thinned.rows, thinned.isThinned),
    ...colours(options.diverging ?? (least < 0 && greatest > 0), least, greatest),
    colorbar: { title: { text: options.zLabel ?? "" } },
  };
  const layout = planeLayout(options, { x: "column", y: "row" });
  const axes = {
    xaxis: { ...(layout.xaxis as PlotlyJson), ...wholeTicks(width), constrain: "domain" },
    yaxis: {
      ...(layout.yaxis as PlotlyJson),
      ...wholeTicks(z.length),
      autorange: "reversed",
      ...(z.length === width && width > 0 && { scaleanchor: "x", constrain: "domain" }),
    },
  };
  const span = range === undefined ? "none finite" : `min ${sixDigits(least)}, max ${sixDigits(greatest)}`;
  const text = `${options.title ?? "Heatmap"}\n${z.length} × ${width}, ${span}`;
  const notes = [...notesOn(flat, "cell"), ...blocksNote(thinned, z.length, width)];
  return new Figure([trace], { ...layout, ...axes }, text, { numbers: { matrix: z }, notes });
}

/** Where the blocks along an axis are, by name or number; Plotly counts cells that are all drawn itself. */
function placesOf(
  axis: "x" | "y",
  names: readonly string[] | undefined,
  blocks: readonly Block[],
  isThinned: boolean,
): PlotlyJson {
  if (names !== undefined) return { [axis]: isThinned ? blocks.map(([from]) => names[from]) : names };
  return isThinned ? { [axis]: blocks.map(([from, to]) => (from + to - 1) / 2) } : {};
}

function colours(diverging: boolean, least: number, greatest: number): PlotlyJson {
  if (!diverging) return { colorscale: sequentialScale };
  const greatestMagnitude = Math.max(Math.abs(least), Math.abs(greatest));
  const reach = greatestMagnitude < drawable.least ? 1 : greatestMagnitude;
  return { colorscale: divergingScale, zmin: -reach, zmax: reach };
}

/** Few rows or columns are each numbered; many are left to Plotly. */
function wholeTicks(count: number): PlotlyJson {
  return count <= 20 ? { tickmode: "linear", tick0: 0, dtick: 1 } : {};
}

function checkNames(name: string, names: readonly string[] | undefined, count: number): void {
  if (names !== undefined && names.length !== count) {
    refuse("heatmap", `${name} has ${names.length} names, the matrix has ${count} ${name}`);
  }
}
