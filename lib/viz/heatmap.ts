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
import { checkMatrix, extent, rounded, sixDigits, type Matrix } from "./values";

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

/** A matrix as colours, row 0 at the top as it is written; a square one has square cells. Refuses ragged rows and values that are not finite. */
export function heatmap(matrix: Matrix, options: HeatmapOptions = {}): Figure {
  checkOptions("heatmap", options, [...figureOptionNames, "diverging", "columns", "rows", "zLabel"]);
  const z = checkMatrix("heatmap", "matrix", matrix);
  checkNames("columns", options.columns, z[0].length);
  checkNames("rows", options.rows, z.length);

  const flat = z.flat();
  const [least, greatest] = extent(flat);
  const trace = {
    type: "heatmap",
    z: z.map((row) => row.map(rounded)),
    ...(options.columns && { x: options.columns }),
    ...(options.rows && { y: options.rows }),
    ...colours(options.diverging ?? (least < 0 && greatest > 0), least, greatest),
    colorbar: { title: { text: options.zLabel ?? "" } },
  };
  const layout = planeLayout(options, { x: "column", y: "row" });
  const axes = {
    xaxis: { ...(layout.xaxis as PlotlyJson), ...wholeTicks(z[0].length), constrain: "domain" },
    yaxis: {
      ...(layout.yaxis as PlotlyJson),
      ...wholeTicks(z.length),
      autorange: "reversed",
      ...(z.length === z[0].length && { scaleanchor: "x", constrain: "domain" }),
    },
  };
  const size = `${z.length} × ${z[0].length}, min ${sixDigits(least)}, max ${sixDigits(greatest)}`;
  return new Figure([trace], { ...layout, ...axes }, `${options.title ?? "Heatmap"}\n${size}`);
}

function colours(diverging: boolean, least: number, greatest: number): PlotlyJson {
  if (!diverging) return { colorscale: sequentialScale };
  const reach = Math.max(Math.abs(least), Math.abs(greatest));
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
