import { checkOptions, refuse } from "../util/errors";
import { Figure } from "./figure";
import { gapAt, gapNotes, notesOn, placed } from "./gaps";
import { withLogAxes } from "./line";
import { figureOptionNames, palette, planeLayout, type FigureOptions, type PlotlyJson } from "./theme";
import { marksOfLone, thinnedLine, thinningNote } from "./thin";
import {
  checkNumbers,
  drawable,
  finiteExtent,
  rounded,
  roundingWithin,
  sixDigits,
  type Numbers,
} from "./values";

export interface DensityCurve {
  readonly grid: Numbers;
  readonly density: Numbers;
  /** Of the density; drawn as a band of two of them on either side. */
  readonly standardError?: Numbers;
}

export interface DensityOptions extends FigureOptions {
  /** Places to mark, such as eigenvalues that are known exactly. */
  readonly marks?: Numbers;
}

/** Densities below this part of the greatest are not shown on the logarithmic axis. */
const floor = 1e-5;

export interface DensityNumbers {
  readonly grid: readonly number[];
  readonly density: readonly number[];
  readonly standardError?: readonly number[];
  readonly marks?: readonly number[];
}

/**
 * A density of eigenvalues on a logarithmic axis, with its error as a band. Of a long one the page has what a screen can
 * show; all is in the figure's `numbers`.
 */
export function density(curve: DensityCurve, options: DensityOptions = {}): Figure<DensityNumbers> {
  checkOptions("density", options, [...figureOptionNames, "marks"]);
  const numbers = readDensity(curve, options);
  const { grid: x, density: y, standardError: error, marks } = numbers;
  const greatest = finiteExtent(y)?.[1] ?? 0;
  const least = greatest * floor;
  // What is zero everywhere has no floor to stand on.
  const shown = (value: number): number | null =>
    value >= 0 && least > 0 && value <= drawable.greatest ? rounded(Math.max(least, value)) : null;
  const gapOf = (i: number): string | undefined =>
    gapAt(y[i], y[i] === 0 && least > 0 ? "linear" : "log") ?? (gapAt(x[i]) && `${gapAt(x[i])} in the grid`);
  const points = thinnedLine({ x, y, isGap: (i) => gapOf(i) !== undefined }, error ? 3 : 1);
  const round = roundingWithin(finiteExtent(x));
  const places = points.map((i) => placed(x[i], "linear", round));
  const lone = marksOfLone(points.map((i) => gapOf(i) !== undefined));
  const line = {
    type: "scatter",
    mode: lone ? "lines+markers" : "lines",
    name: "density",
    x: places,
    y: points.map((i) => (gapOf(i) === undefined ? shown(y[i]) : null)),
    line: { color: palette.blue, width: 3 },
    ...(lone && { marker: { size: lone, color: palette.blue } }),
  };
  const data = [
    ...(error?.every(Number.isFinite) ? [bandOf(places, edgesOf(y, error, points), shown)] : []),
    line,
    ...(marks === undefined
      ? []
      : [
          marksAt(
            marks.filter((mark) => gapAt(mark) === undefined),
            least || 1,
          ),
        ]),
  ];
  const layout = planeLayout(options, { x: "eigenvalue", y: "density" });
  const span =
    x.length === 0
      ? ""
      : ` from ${sixDigits(x[0])} to ${sixDigits(x[x.length - 1])}, highest ${sixDigits(greatest)}`;
  return new Figure(
    data,
    withLogAxes(layout, { logY: true }),
    `${options.title ?? "Density"}\n${x.length} points${span}`,
    {
      numbers,
      notes: [
        ...gapNotes({ noun: "point", count: y.length, gapOf }),
        ...thinningNote("point", points.length, y.length),
        ...(marks === undefined ? [] : notesOn(marks, "mark")),
      ],
    },
  );
}

function readDensity(curve: DensityCurve, options: DensityOptions): DensityNumbers {
  const read = (name: "grid" | "density" | "standardError"): number[] | undefined =>
    curve[name] === undefined ? undefined : checkNumbers("density", name, curve[name]);
  const grid = checkNumbers("density", "grid", curve.grid);
  const lists = {
    density: checkNumbers("density", "density", curve.density),
    standardError: read("standardError"),
  };
  for (const [name, values] of Object.entries(lists)) {
    if (values !== undefined && values.length !== grid.length)
      refuse("density", `${name} has ${values.length} values, the grid ${grid.length}`);
  }
  const marks = options.marks && checkNumbers("density", "marks", options.marks);
  return { grid, ...lists, ...(marks && { marks }) };
}

/** Two standard errors above and below, of the points that are drawn. */
function edgesOf(
  y: readonly number[],
  error: readonly number[],
  points: readonly number[],
): { readonly upper: number[]; readonly lower: number[] } {
  return { upper: points.map((i) => y[i] + 2 * error[i]), lower: points.map((i) => y[i] - 2 * error[i]) };
}

function bandOf(
  places: readonly (number | null)[],
  { upper, lower }: { readonly upper: readonly number[]; readonly lower: readonly number[] },
  shown: (value: number) => number | null,
): PlotlyJson {
  const floored = lower.map((value) => shown(Math.max(value, 0)));
  return {
    type: "scatter",
    mode: "lines",
    name: "± 2 standard errors",
    x: [...places, ...places.toReversed()],
    y: [...upper.map(shown), ...floored.toReversed()],
    fill: "toself",
    fillcolor: "rgba(0, 114, 178, 0.25)",
    line: { width: 0 },
    hoverinfo: "skip",
  };
}

function marksAt(places: readonly number[], height: number) {
  return {
    type: "scatter",
    mode: "markers",
    name: "eigenvalues found",
    x: places.map(rounded),
    y: places.map(() => rounded(height)),
    marker: { color: palette.vermillion, size: 12, symbol: "triangle-up" },
  };
}
