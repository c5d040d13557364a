import { checkWhole } from "../util/checks";
import { checkOptions } from "../util/errors";
import { Figure } from "./figure";
import { gapAt, gapNotes, placed } from "./gaps";
import {
  landscapeOptionNames,
  readGrid,
  readPaths,
  type Grid,
  type GridNumbers,
  type Landscape,
  type LandscapeOptions,
} from "./grid";
import { withSlider, type Stop } from "./slider";
import { figureOptionNames, groundScale, palette, planeLayout, type PlotlyJson } from "./theme";
import { thinnedLine, thinningNote } from "./thin";
import { finiteExtent, rounded, sixDigits, type Matrix } from "./values";

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

/** The numbers in full; of paths and marks by their names. */
export interface ContourNumbers extends GridNumbers {
  readonly paths: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly marks: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/**
 * Contour lines of a landscape of two parameters, with paths over it:
 * `contour((x, y) => x * x + 5 * y * y, { x: [-2, 2], y: [-2, 2], paths: { "gradient descent": points } })`.
 * Where a value is NaN or infinite there is a gap, and a note says how many there are.
 */
export function contour(landscape: Landscape, options: ContourOptions = {}): Figure<ContourNumbers> {
  checkOptions("contour", options, [
    ...figureOptionNames,
    ...landscapeOptionNames,
    "levels",
    "equalAxes",
    "animate",
    "marks",
  ]);
  const { x, y, z, range, notes, numbers } = readGrid("contour", landscape, options);
  const paths = readPaths("contour", "paths", options.paths);
  const marks = readPaths("contour", "marks", options.marks);
  const frame = { x: finiteExtent(x) ?? [0, 1], y: finiteExtent(y) ?? [0, 1] } as const;
  const shown = (points: readonly number[][], among: number): number[][] =>
    thinnedPath(points, among).map((point) => withinReach(point, frame));
  const ground = {
    type: "contour",
    x,
    y,
    z,
    ncontours: checkWhole("contour", "levels", options.levels ?? 24, 1),
    colorscale: groundScale,
    line: { color: "#5b7fa6", width: 1 },
    ...(isLevel(z, range) && levelGround(z)),
    colorbar: { title: { text: options.zLabel ?? (options.logZ ? "log₁₀" : "") } },
    hovertemplate: "(%{x}, %{y}): %{z}<extra></extra>",
  };
  const data = [
    ground,
    ...paths.map(([name, points], index) => pathTrace(name, shown(points, paths.length), index)),
    ...marks.map(([name, points], index) =>
      markTrace(name, shown(points, marks.length), paths.length + index),
    ),
  ];
  const layout = limited(
    planeLayout({ height: 560, ...options }, { x: "x", y: "y" }),
    x,
    y,
    options.equalAxes === true,
  );
  const summary = summarizeLandscape(options.title ?? "Contour figure", range, paths, marks);
  const isGrowing = options.animate === true && paths.some(([, points]) => points.length > 1);
  const drawn = [...paths, ...marks];
  return new Figure(data, isGrowing ? growing(layout, paths, shown) : layout, summary, {
    numbers: { ...numbers, paths: Object.fromEntries(paths), marks: Object.fromEntries(marks) },
    notes: [
      ...notes,
      ...levelNote(z, range),
      ...drawn.flatMap(([name, points]) => pathNotes(name, points, drawn.length)),
    ],
  });
}

/** Whether there are contour lines to draw: Plotly finds none on a grid of one row or column, or of one height. */
function isLevel(z: Grid["z"], range: Grid["range"]): boolean {
  return z.length < 2 || z[0].length < 2 || range === undefined || range[0] === range[1];
}

function levelNote(z: Grid["z"], range: Grid["range"]): string[] {
  if (range === undefined || !isLevel(z, range)) return [];
  return [
    range[0] === range[1]
      ? `${sixDigits(range[0])} all over: no contour lines`
      : "one row or column: no contour lines",
  ];
}

/** What the ground is where it has no contour lines: colour alone. */
function levelGround(z: Grid["z"]): PlotlyJson {
  const [least, greatest] = finiteExtent(z.flat().filter((value) => value !== null)) ?? [0, 0];
  const reach = least === greatest ? Math.abs(least) / 10 || 1 : 0;
  return { type: "heatmap", zmin: least - reach, zmax: greatest + reach };
}

/** Why a point of a path is left out. */
function pathGap(points: readonly (readonly number[])[]): (index: number) => string | undefined {
  return (index) => gapAt(points[index][0]) ?? gapAt(points[index][1]);
}

/** Which points of a path are drawn: all, or as many as a page bears. */
function drawnOf(points: readonly (readonly number[])[], paths: number): number[] {
  const gapOf = pathGap(points);
  const [x, y] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return thinnedLine({ x, y, isGap: (i) => gapOf(i) !== undefined }, paths);
}

function thinnedPath(points: readonly number[][], paths: number): number[][] {
  return drawnOf(points, paths).map((i) => points[i]);
}

type Ends = readonly [number, number];

/** In widths and heights of the frame: farther off, nothing is told apart from within, and Plotly cannot draw. */
const farOff = 1e4;

/** A point, or where it would be in its direction from the middle of the frame if that is far off. */
function withinReach(point: number[], frame: { readonly x: Ends; readonly y: Ends }): number[] {
  const ends = [frame.x, frame.y];
  const [middle, size] = [
    ends.map(([from, to]) => from / 2 + to / 2),
    ends.map(([from, to]) => to - from || 1),
  ];
  const away = [0, 1].map((axis) => (point[axis] - middle[axis]) / size[axis]);
  const distance = Math.max(...away.map(Math.abs));
  if (!(distance > farOff) || !Number.isFinite(distance)) return point;
  const near = away.map((part, axis) => middle[axis] + farOff * (part / distance) * size[axis]);
  return [...near, ...point.slice(2)];
}

function pathNotes(name: string, points: readonly number[][], paths: number): string[] {
  const gaps = gapNotes({ name, noun: "point", count: points.length, gapOf: pathGap(points) });
  return [...gaps, ...thinningNote("point", drawnOf(points, paths).length, points.length, name)];
}

/** Positions of a slider at most; each brings its own copy of the paths so far. */
const mostFrames = 40;

/** `layout` with a slider over the steps of the paths; the figure opens on the last. */
function growing(
  layout: PlotlyJson,
  paths: readonly [string, number[][]][],
  shown: (points: readonly number[][], among: number) => number[][],
): PlotlyJson {
  const longest = Math.max(...paths.map(([, points]) => points.length - 1));
  const stride = Math.ceil(longest / mostFrames);
  const ends = [...Array.from({ length: Math.ceil(longest / stride) }, (_, i) => i * stride), longest];
  const until = (end: number, axis: number): (number | null)[][] =>
    paths.map(([, points]) =>
      shown(points.slice(0, end + 1), paths.length * ends.length).map((point) => placed(point[axis])),
    );
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
    x: points.map(([x]) => placed(x)),
    y: points.map(([, y]) => placed(y)),
    line: { color: colour, width: 3 },
    marker: { color: colour, size: 9, line: { color: "#ffffff", width: 1.5 }, ...fading(points) },
    ...(points[0]?.length === 3 && {
      customdata: points.map(([, , distance]) => placed(distance)),
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
    x: points.map(([x]) => placed(x)),
    y: points.map(([, y]) => placed(y)),
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
  if (!isOffPlane(points)) return {};
  const farthest = farthestOf(points) || 1;
  const opacity = (distance: number): number =>
    Number.isFinite(distance) ? 1 - 0.75 * (distance / farthest) : 0;
  return { opacity: points.map(([, , distance]) => rounded(opacity(distance))) };
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

function isOffPlane(points: readonly (readonly number[])[]): boolean {
  return points.length > 0 && points[0].length === 3;
}

/** The greatest distance from the plane. */
function farthestOf(points: readonly (readonly number[])[]): number {
  return finiteExtent(points.map(([, , distance]) => distance))?.[1] ?? 0;
}

function offPlane(points: readonly (readonly number[])[]): string {
  return isOffPlane(points) ? `, at most ${sixDigits(farthestOf(points))} off the plane` : "";
}

/** The text of a landscape: its range, and where each path begins and ends. */
export function summarizeLandscape(
  title: string,
  range: Grid["range"],
  paths: readonly [string, readonly number[][]][],
  marks: readonly [string, readonly number[][]][] = [],
): string {
  const point = (coordinates: readonly number[]) => `(${coordinates.map(sixDigits).join(", ")})`;
  const ends = paths.flatMap(([name, points]) => {
    if (points.length === 0) return [];
    const [first, last] = [points[0], points[points.length - 1]].map((end) => point(end.slice(0, 2)));
    return [`${name}: ${points.length} points, ${first} → ${last}${offPlane(points)}`];
  });
  const marked = marks.map(([name, points]) => `${name}: ${listed(points.map(point))}`);
  return [title, rangeText(range), ...ends, ...marked].join("\n");
}

function rangeText(range: Grid["range"]): string {
  if (range === undefined) return "no finite value on the grid";
  const [least, greatest] = range.map(sixDigits);
  return range[0] === range[1] ? `${least} all over the grid` : `min ${least}, max ${greatest} on the grid`;
}

const mostListed = 50;

function listed(words: readonly string[]): string {
  const rest = words.length - mostListed;
  return `${words.slice(0, mostListed).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
