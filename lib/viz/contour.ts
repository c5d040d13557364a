import { checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";
import { Figure } from "./figure";
import { landscapeOptionNames, readGrid, readPaths, type Landscape, type LandscapeOptions } from "./grid";
import { withSlider, type Stop } from "./slider";
import { figureOptionNames, groundScale, palette, planeLayout, type PlotlyJson } from "./theme";
import { rounded, sixDigits, type Matrix } from "./values";

export interface ContourOptions extends LandscapeOptions {
  /** About how many contour lines. */
  readonly levels?: number;
  /** A slider that lets the paths grow step by step. */
  readonly animate?: boolean;
  /** One unit of x as long as one of y, so that angles are what they are. */
  readonly equalAxes?: boolean;
  /** Named sets of points to mark, each a list of points `[x, y]`. */
  readonly marks?: Readonly<Record<string, Matrix>>;
}

const pathColours = [
  palette.vermillion,
  palette.green,
  palette.purple,
  palette.blue,
  palette.orange,
  palette.sky,
];

/**
 * Contour lines of a landscape of two parameters, with paths over it:
 * `contour((x, y) => x * x + 5 * y * y, { x: [-2, 2], y: [-2, 2], paths: { "gradient descent": points } })`.
 */
export function contour(landscape: Landscape, options: ContourOptions = {}): Figure {
  checkOptions("contour", options, [
    ...figureOptionNames,
    ...landscapeOptionNames,
    "levels",
    "equalAxes",
    "animate",
    "marks",
  ]);
  const { x, y, z, range } = readGrid("contour", landscape, options);
  const paths = readPaths("contour", "paths", options.paths);
  const marks = readPaths("contour", "marks", options.marks);
  const ground = {
    type: "contour",
    x,
    y,
    z,
    ncontours: checkWhole("contour", "levels", options.levels ?? 24, 1),
    colorscale: groundScale,
    line: { color: "#5b7fa6", width: 1 },
    colorbar: { title: { text: options.zLabel ?? (options.logZ ? "log₁₀" : "") } },
    hovertemplate: "(%{x}, %{y}): %{z}<extra></extra>",
  };
  const data = [
    ground,
    ...paths.map(([name, points], index) => pathTrace(name, points, index)),
    ...marks.map(([name, points], index) => markTrace(name, points, paths.length + index)),
  ];
  const layout = limited(
    planeLayout({ height: 560, ...options }, { x: "x", y: "y" }),
    x,
    y,
    options.equalAxes === true,
  );
  const summary = summarizeLandscape(options.title ?? "Contour figure", range, paths, marks);
  const isGrowing = options.animate === true && paths.some(([, points]) => points.length > 1);
  return new Figure(data, isGrowing ? growing(layout, paths) : layout, summary);
}

/** Positions of a slider at most; each brings its own copy of the paths so far. */
const mostFrames = 40;

/** `layout` with a slider over the steps of the paths; the figure opens on the last. */
function growing(layout: PlotlyJson, paths: readonly [string, number[][]][]): PlotlyJson {
  const longest = Math.max(...paths.map(([, points]) => points.length - 1));
  const stride = Math.ceil(longest / mostFrames);
  const ends = [...Array.from({ length: Math.ceil(longest / stride) }, (_, i) => i * stride), longest];
  const until = (end: number, axis: number): number[][] =>
    paths.map(([, points]) => points.slice(0, end + 1).map((point) => rounded(point[axis])));
  const traces = paths.map((_, index) => index + 1);
  const stops = ends.map((end): Stop => {
    return { label: String(end), args: [{ x: until(end, 0), y: until(end, 1) }, {}, traces] };
  });
  return withSlider(layout, stops, { active: stops.length - 1, prefix: "step " });
}

function pathTrace(name: string, points: readonly number[][], index: number): PlotlyJson {
  const colour = pathColours[index % pathColours.length];
  return {
    type: "scatter",
    mode: "lines+markers",
    name,
    x: points.map(([x]) => x),
    y: points.map(([, y]) => y),
    line: { color: colour, width: 3 },
    marker: { color: colour, size: 9, line: { color: "#ffffff", width: 1.5 }, ...fading(points) },
    ...(points[0].length === 3 && {
      customdata: points.map(([, , distance]) => rounded(distance)),
      hovertemplate: "(%{x}, %{y}), %{customdata} from the plane<extra>%{fullData.name}</extra>",
    }),
  };
}

// Shapes as well as colours tell the sets apart.
const symbols = ["circle", "diamond", "triangle-up", "square", "star", "cross"];

function markTrace(name: string, points: readonly number[][], index: number): PlotlyJson {
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: points.map(([x]) => x),
    y: points.map(([, y]) => y),
    marker: {
      color: pathColours[index % pathColours.length],
      symbol: symbols[index % symbols.length],
      size: 15,
      line: { color: "#ffffff", width: 1.5 },
    },
  };
}

/** Points off the plane are fainter, the farther the more. */
function fading(points: readonly number[][]): PlotlyJson {
  if (points[0].length < 3) return {};
  const farthest = Math.max(...points.map(([, , distance]) => distance), Number.MIN_VALUE);
  return { opacity: points.map(([, , distance]) => rounded(1 - (0.75 * distance) / farthest)) };
}

/** The axes end where the landscape does, however far a path leaps. */
function limited(layout: PlotlyJson, x: readonly number[], y: readonly number[], equal: boolean): PlotlyJson {
  const ends = (places: readonly number[]) => [places[0], places[places.length - 1]];
  return {
    ...layout,
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    margin: { t: 100 },
    xaxis: { ...(layout.xaxis as PlotlyJson), range: ends(x), ...(equal && { constrain: "domain" }) },
    yaxis: {
      ...(layout.yaxis as PlotlyJson),
      range: ends(y),
      ...(equal && { scaleanchor: "x", constrain: "domain" }),
    },
  };
}

function offPlane(points: readonly (readonly number[])[]): string {
  if (points[0].length < 3) return "";
  return `, at most ${sixDigits(Math.max(...points.map(([, , distance]) => distance)))} off the plane`;
}

/** The text of a landscape: its range, and where each path begins and ends. */
export function summarizeLandscape(
  title: string,
  [least, greatest]: readonly [number, number],
  paths: readonly [string, readonly number[][]][],
  marks: readonly [string, readonly number[][]][] = [],
): string {
  const point = (coordinates: readonly number[]) => `(${coordinates.map(sixDigits).join(", ")})`;
  const ends = paths.map(
    ([name, points]) =>
      `${name}: ${points.length} points, ${point(points[0].slice(0, 2))} → ${point(points[points.length - 1].slice(0, 2))}${offPlane(points)}`,
  );
  const marked = marks.map(([name, points]) => `${name}: ${points.map(point).join(", ")}`);
  const grid = `min ${sixDigits(least)}, max ${sixDigits(greatest)} on the grid`;
  return [title, grid, ...ends, ...marked].join("\n");
}
