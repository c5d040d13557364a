import { checkOptions, describe, refuse } from "../util/errors";
import { Figure } from "./figure";
import { figureOptionNames, planeLayout, type FigureOptions, type PlotlyJson } from "./theme";
import { gapAt, gapNotes, placed, type Scale } from "./gaps";
import { marksOfLone, thinnedLine, thinningNote } from "./thin";
import { checkNumbers, finiteExtent, roundingWithin, sixDigits, extent, type Numbers } from "./values";

/** One curve: its values, or where it has them. */
export type Series = Numbers | { readonly x: Numbers; readonly y: Numbers };

export interface LineOptions extends FigureOptions {
  /** Where curves given by their values alone have them; by default 0, 1, 2, … */
  readonly x?: Numbers;
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** Mark each point. */
  readonly markers?: boolean;
}

const optionNames = [...figureOptionNames, "x", "logX", "logY", "markers"];

/** A curve's numbers in full. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The numbers of curves by their names. */
export type Curves = Readonly<Record<string, Curve>>;

/**
 * One curve or several, named: `line(losses)`, `line({ train, test }, { logY: true })`,
 * `line({ measured: { x, y } })`.
 *
 * Where an axis has no place for a value there is a gap, and a note says how many there are and why: NaN, infinity, and
 * on a logarithmic axis zero and negative numbers. Of a long curve the page has what a screen can show, extremes
 * included; all its numbers are in the figure's `numbers`: `figure.numbers.train.y`.
 *
 * Refuses curves whose x and y differ in length, and what is no number.
 */
export function line(
  series: Series | Readonly<Record<string, Series>>,
  options: LineOptions = {},
): Figure<Curves> {
  checkOptions("line", options, optionNames);
  return lineOf(
    namedSeries(series).map(([name, values]) => [name, readCurve(name, values, options)]),
    options,
  );
}

/** `line` of curves that were read. */
export function lineOf(curves: readonly (readonly [string, Curve])[], options: LineOptions): Figure<Curves> {
  const { logX, logY } = options;
  const layout = planeLayout(options, { x: "index", y: curves.length === 1 ? curves[0][0] : "value" });
  const drawn = curves.map(([name, curve]) => drawCurve(name, curve, options, curves.length));
  const spans = {
    x: curves.flatMap(([, { x }]) => spanOf(x, logX)),
    y: curves.flatMap(([, { y }]) => spanOf(y, logY)),
  };
  return new Figure(
    drawn.map(({ trace }) => trace),
    withLogAxes(layout, options, spans),
    summarize(curves, options),
    {
      numbers: Object.fromEntries(curves),
      notes: curves.length === 0 ? ["no points"] : drawn.flatMap(({ notes }) => notes),
    },
  );
}

/** What a curve that came without a name is called; no legend shows it. */
const unnamed = "value";

function namedSeries(series: unknown): [string, unknown][] {
  if (typeof series !== "object" || series === null) {
    return refuse("line", `series must be numbers or an object of named curves, got ${describe(series)}`);
  }
  const bare = Array.isArray(series) || ArrayBuffer.isView(series) || ("x" in series && "y" in series);
  if (bare || "array" in series) return [[unnamed, series]];
  return Object.entries(series);
}

function readCurve(name: string, series: unknown, options: LineOptions): Curve {
  const isPlaced = typeof series === "object" && series !== null && "x" in series && "y" in series;
  const y = checkNumbers("line", name, isPlaced ? series.y : series);
  const places = isPlaced ? series.x : options.x;
  const x = places === undefined ? y.map((_, index) => index) : checkNumbers("line", `x of ${name}`, places);
  if (x.length !== y.length) refuse("line", `${name} has ${y.length} values but ${x.length} places in x`);
  return { x, y };
}

/** The trace of a curve, and what it does not show. */
function drawCurve(
  name: string,
  { x, y }: Curve,
  { logX, logY, markers }: LineOptions,
  curves: number,
): { readonly trace: PlotlyJson; readonly notes: readonly string[] } {
  const [scaleX, scaleY] = [scaleOf(logX), scaleOf(logY)];
  const gapOf = (i: number): string | undefined => {
    const alongX = gapAt(x[i], scaleX);
    return gapAt(y[i], scaleY) ?? (alongX && `${alongX} in x`);
  };
  const shown = thinnedLine({ x, y, isGap: (i) => gapOf(i) !== undefined, logX }, curves);
  const isGap = shown.map((i) => gapOf(i) !== undefined);
  const [roundX, roundY] = [x, y].map((values) => roundingWithin(finiteExtent(values)));
  const label = name === unnamed ? undefined : name;
  const marks = markers === true ? 9 : marksOfLone(isGap);
  const trace = {
    type: "scatter",
    mode: marks === undefined ? "lines" : "lines+markers",
    name,
    x: shown.map((i) => placed(x[i], scaleX, roundX)),
    y: shown.map((i, place) => (isGap[place] ? null : placed(y[i], scaleY, roundY))),
    line: { width: 3 },
    marker: { size: marks ?? 9 },
    ...(name === unnamed && { showlegend: false }),
  };
  const gaps = gapNotes({ name: label, noun: "point", count: y.length, gapOf });
  return { trace, notes: [...gaps, ...thinningNote("point", shown.length, y.length, label)] };
}

export function scaleOf(log: boolean | undefined): Scale {
  return log === true ? "log" : "linear";
}

/** The ends of what an axis shows of `values`. */
function spanOf(values: readonly number[], log: boolean | undefined): readonly number[] {
  const scale = scaleOf(log);
  return finiteExtent(values.filter((value) => gapAt(value, scale) === undefined)) ?? [];
}

/** More decades than these are not each labelled on the y axis. */
const mostLabels = 7;

/**
 * `layout` with the axes logarithmic that the options want so. The values that an axis spans, where they are given, are
 * what it is labelled for.
 */
export function withLogAxes(
  layout: PlotlyJson,
  { logX, logY }: { logX?: boolean; logY?: boolean },
  { x = [], y = [] }: { readonly x?: readonly number[]; readonly y?: readonly number[] } = {},
): PlotlyJson {
  const logarithmic = (axis: unknown, ticks: PlotlyJson) => ({
    ...(axis as PlotlyJson),
    type: "log",
    exponentformat: "power",
    ...ticks,
  });
  return {
    ...layout,
    ...(logX === true && { xaxis: logarithmic(layout.xaxis, logTicks(x, Infinity)) }),
    ...(logY === true && { yaxis: logarithmic(layout.yaxis, logTicks(y, mostLabels)) }),
  };
}

/** Powers of ten; where there are too few of them 1, 2 and 5 times those, and within a factor of 3 what Plotly thinks best. */
function logTicks(values: readonly number[], most: number): PlotlyJson {
  if (values.length === 0) return { dtick: 1 };
  const [least, greatest] = extent(values);
  const decades = Math.log10(greatest / least);
  if (decades < 0.5) return {};
  if (decades >= 2) return { dtick: Math.max(1, Math.ceil(decades / most)) };
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(greatest))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const tickvals = powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  return { tickvals, ticktext: tickvals.map(String) };
}

function summarize(curves: readonly (readonly [string, Curve])[], { title }: LineOptions): string {
  const lines = curves.map(([name, { y }]) => {
    const points = `${name}: ${y.length} ${y.length === 1 ? "point" : "points"}`;
    const finite = y.filter(Number.isFinite);
    if (finite.length === 0) return y.length === 0 ? points : `${points}, none finite`;
    const [least, greatest] = extent(finite).map(sixDigits);
    const [first, last] = [finite[0], finite[finite.length - 1]].map(sixDigits);
    return `${points}, first ${first}, last ${last}, min ${least}, max ${greatest}`;
  });
  return [title ?? "Line figure", ...lines].join("\n");
}
