import { checkOptions, describe, refuse } from "../util/errors";
import { Figure } from "./figure";
import { figureOptionNames, planeLayout, type FigureOptions, type PlotlyJson } from "./theme";
import { checkNumbers, checkPositive, extent, rounded, sixDigits, type Numbers } from "./values";

/** One curve: its values, or where it has them. */
export type Series = Numbers | { readonly x: Numbers; readonly y: Numbers };

export interface LineOptions extends FigureOptions {
  /** Where curves given by their values alone have them; by default 0, 1, 2, … */
  readonly x?: Numbers;
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** Mark each point. */
  readonly markers?: boolean;
  /** Leave a gap where a value is NaN or infinite, instead of refusing it. */
  readonly gaps?: boolean;
}

const optionNames = [...figureOptionNames, "x", "logX", "logY", "markers", "gaps"];

interface Curve {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
}

/**
 * One curve or several, named: `line(losses)`, `line({ train, test }, { logY: true })`,
 * `line({ measured: { x, y } })`.
 *
 * Refuses curves whose x and y differ in length, values that are not finite (see `gaps`), and values
 * of zero or less on a logarithmic axis.
 */
export function line(series: Series | Readonly<Record<string, Series>>, options: LineOptions = {}): Figure {
  checkOptions("line", options, optionNames);
  const curves = namedSeries(series).map(([name, values]) => readCurve(name, values, options));
  const layout = planeLayout(options, { x: "index", y: curves.length === 1 ? curves[0].name : "value" });
  const data = curves.map((curve) => trace(curve, options.markers === true));
  const [x, y] = [curves.flatMap((curve) => curve.x), curves.flatMap((curve) => curve.y)];
  const logarithmic = withLogAxes(layout, options, { x, y: y.filter(Number.isFinite) });
  return new Figure(data, logarithmic, summarize(curves, options));
}

/** What a curve that came without a name is called; no legend shows it. */
const unnamed = "value";

function namedSeries(series: unknown): [string, unknown][] {
  if (typeof series !== "object" || series === null) {
    return refuse("line", `series must be numbers or an object of named curves, got ${describe(series)}`);
  }
  const bare = Array.isArray(series) || ArrayBuffer.isView(series) || ("x" in series && "y" in series);
  if (bare || "array" in series) return [[unnamed, series]];
  const named = Object.entries(series);
  return named.length > 0 ? named : refuse("line", "series has no curves");
}

function readCurve(name: string, series: unknown, options: LineOptions): Curve {
  const placed = typeof series === "object" && series !== null && "x" in series && "y" in series;
  const values = placed ? series.y : series;
  const y = checkNumbers("line", name, values, options.gaps);
  const places = placed ? series.x : options.x;
  const x = places === undefined ? y.map((_, index) => index) : checkNumbers("line", `x of ${name}`, places);
  if (x.length !== y.length) refuse("line", `${name} has ${y.length} values but ${x.length} places in x`);
  if (options.logX) checkPositive("line", `x of ${name}`, x, "a logarithmic axis");
  if (options.logY) checkPositive("line", name, y.filter(Number.isFinite), "a logarithmic axis");
  return { name, x, y };
}

function trace({ name, x, y }: Curve, markers: boolean): PlotlyJson {
  return {
    type: "scatter",
    mode: markers ? "lines+markers" : "lines",
    name,
    x: x.map(rounded),
    y: y.map((value) => (Number.isFinite(value) ? rounded(value) : null)),
    line: { width: 3 },
    marker: { size: 9 },
    ...(name === unnamed && { showlegend: false }),
  };
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

function summarize(curves: readonly Curve[], { title }: LineOptions): string {
  const lines = curves.map(({ name, y }) => {
    const finite = y.filter(Number.isFinite);
    const missing = y.length - finite.length;
    if (finite.length === 0) return `${name}: ${y.length} points, none finite`;
    const [least, greatest] = extent(finite).map(sixDigits);
    const [first, last] = [finite[0], finite[finite.length - 1]].map(sixDigits);
    const gaps = missing > 0 ? `, ${missing} not finite` : "";
    return `${name}: ${y.length} points, first ${first}, last ${last}, min ${least}, max ${greatest}${gaps}`;
  });
  return [title ?? "Line figure", ...lines].join("\n");
}
